"""Links to neighbours, dialled and accepted."""

import asyncio
import math
import random
import socket

import closing
from pyherd import handshake, wire

LIMIT = wire.MAX_PEER_LINE + 1  # of a line before its LF, with the CR of a CRLF
FIRST, MOST, JITTER = 0.2, 5.0, 0.12  # seconds between attempts to dial
HEALTHY = 10.0  # seconds after which a link's end begins the waits anew
CONNECT = 5.0  # seconds that one attempt may take
STEP = 64  # records that are sent before others have their turn


class Lost(Exception):
    """Why we end a link."""


class Link:
    """A connection with a neighbour. Until the handshake is done it is nobody's."""

    def __init__(self, links, reader, writer, role, to=None):
        self._links, self._reader, self._writer, self.role = links, reader, writer, role
        self._log = links.server.log
        self.peer, self.boot = to, None
        self._changed, self._more = set(), asyncio.Event()
        self._ended = asyncio.get_running_loop().create_future()  # by whoever wants the link to end
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        writer.transport.set_write_buffer_limits(high=links.server.settings.peer_output)
        self._conn = self._log.opened("peer", "%s:%s" % writer.get_extra_info("peername")[:2])

    async def run(self):
        """Serve the link to its end."""
        why = "done"
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._end())
                await self._shake(handshake.Handshake(self._links.identity, self.role, self.peer))
                self._links.opened(self)
                group.create_task(self._send_changed())
                await self._receive()
        except* (Lost, handshake.Refused) as e:
            why = str(e.exceptions[0])
        except* TimeoutError:
            why = "handshake_timeout"
        except* asyncio.IncompleteReadError:
            why = "done"
        except* ConnectionError:
            why = "lost"
        except* asyncio.LimitOverrunError:
            why = "line_too_long"
        except* Exception as e:
            why = "error"
            self._log.exception("link", e)
        finally:
            self._log.closed(self._conn, why)
            self._links.lost(self, why)
            await closing.close(self._writer)

    async def _end(self):
        raise Lost(await self._ended)

    def lose(self, why):
        if not self._ended.done():
            self._ended.set_result(why)

    # -- framing --
    async def _line(self):
        line = (await self._reader.readuntil(b"\n"))[:-1]
        self._log.came(self._conn, line)
        return line[:-1] if line.endswith(b"\r") else line

    def _write(self, data):
        if data:
            self._log.went(self._conn, data)
            self._writer.write(data)

    # -- handshake --
    async def _shake(self, shake):
        async with asyncio.timeout(handshake.TIMEOUT):
            self._write(shake.start())
            done = False
            while not done:
                try:
                    send, done = shake.receive(await self._line())
                except handshake.Refused as e:
                    self._write(e.send)
                    raise
                self._write(send)
        self.peer, self.boot = shake.peer, shake.boot
        self._conn = self._log.named(self._conn, self.peer)

    # -- flood --
    async def _receive(self):
        while True:
            line = await self._line()
            try:
                record = self._links.server.node.receive_peer(line)
            except ValueError as e:
                self._log.event("warn", "line dropped", peer=self.peer, error=e)
                continue
            if record is not None:
                self._links.flood(record, self)

    def put(self, record):
        """Send a record; or, while the neighbour is slow, note whose it is, and not
        each line, so that a slow neighbour costs bounded memory."""
        if self._writer.transport.get_write_buffer_size() < self._links.server.settings.peer_output:
            self._write(record.line)
        else:
            self._changed.add(record.id)
            self._more.set()

    async def _send_changed(self):
        records = self._links.server.node.records
        self._changed.update(records)  # a new link begins with everything
        while True:
            for _ in range(min(STEP, len(self._changed))):
                self._write(records[self._changed.pop()].line)
            await self._writer.drain()
            await asyncio.sleep(0)
            if not self._changed:
                self._more.clear()
                await self._more.wait()

    async def finish(self):
        """The server stops: the link ends once its neighbour has everything."""
        while self._changed:
            await asyncio.sleep(0.01)
        self.lose("server_stopping")


class Neighbour:
    """Dials one neighbour, again and again, unless it has dialled us."""

    # -- reconnection --
    def __init__(self, links, name, address):
        self._links, self._name, self._address = links, name, address
        self.link = None
        self._down = asyncio.Event()
        self._down.set()
        self._delay, self._up_at = FIRST, None

    async def keep_dialling(self):
        while not self._links.stopping:
            await self._down.wait()  # a link that it has dialled does as well
            try:
                async with asyncio.timeout(CONNECT):
                    reader, writer = await asyncio.open_connection(*self._address, limit=LIMIT)
            except OSError:  # TimeoutError is one
                pass
            else:
                await Link(self._links, reader, writer, b"dialler", self._name).run()
            await self._down.wait()
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * math.e, MOST) * random.normalvariate(1, JITTER)

    def up(self, link):
        self.link, self._up_at = link, asyncio.get_running_loop().time()
        self._down.clear()

    def down(self):
        self.link = None
        if asyncio.get_running_loop().time() - self._up_at > HEALTHY:
            self._delay = FIRST
        self._down.set()


class Links:
    """All neighbours, and which link to each of them stays."""

    def __init__(self, server):
        settings = server.settings
        self.server = server
        self.identity = handshake.Identity(settings.herd, settings.server.name, settings.server.talks_to,
                                           settings.future, settings.keys)
        self._neighbours = {name: Neighbour(self, name, settings.servers[name].peers)
                            for name in settings.server.talks_to}
        self._tasks = set()  # of everything that is to end before the server does
        self.stopping = False

    def dial(self):
        for neighbour in self._neighbours.values():
            self._keep(asyncio.create_task(neighbour.keep_dialling()))

    def _keep(self, task):
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def accept(self, reader, writer):
        self._keep(asyncio.current_task())
        await Link(self, reader, writer, b"acceptor").run()

    def opened(self, link):
        neighbour = self._neighbours[link.peer]
        old = neighbour.link
        if old is not None:
            stays, why = handshake.stays(self.identity.name, old, link)
            if stays is old:
                raise Lost(why)
            old.lose(why)
        self.server.log.event("info", "peer connected", peer=link.peer, role=link.role, boot=link.boot)
        neighbour.up(link)

    def lost(self, link, why):
        neighbour = self._neighbours.get(link.peer)
        if neighbour is not None and neighbour.link is link:
            self.server.log.event("info", "peer disconnected", peer=link.peer, reason=why)
            neighbour.down()
        elif link.boot is None:
            self.server.log.event("warn", "link refused", peer=link.peer or b"nobody", reason=why)

    # -- flood --
    def flood(self, record, source):
        """Tell every neighbour but the one that it came from."""
        for neighbour in self._neighbours.values():
            if neighbour.link is not None and neighbour.link is not source:
                neighbour.link.put(record)

    # -- reconnection --
    async def finish(self, most):
        """The server stops: each link ends once its neighbour has everything."""
        links = [n.link for n in self._neighbours.values() if n.link is not None]
        try:
            async with asyncio.timeout(most):
                await asyncio.gather(*(link.finish() for link in links))
                while any(n.link is not None for n in self._neighbours.values()):
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pass
        for task in self._tasks:
            task.cancel()
