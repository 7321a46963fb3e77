"""Clients' connections."""

import asyncio
import time

import closing
from pyherd import wire

LIMIT = wire.MAX_CLIENT_LINE + 1  # of a line before its LF, with the CR of a CRLF
LINGER = 2.0  # seconds that we still read from a client that we have said goodbye to
ANSWERS = 1000  # that may wait for a client before its commands do


class Session:
    def __init__(self, server, reader, writer):
        self._server, self._reader, self._writer = server, reader, writer
        self._answers = asyncio.Queue(ANSWERS)  # of bytes, tasks of WHATSATs, and at last None
        self._whatsats = asyncio.Semaphore(server.settings.whatsats_per_client)
        self._group = self._reading = None
        self._finishing = self._listening = False
        writer.transport.set_write_buffer_limits(high=server.settings.output_per_client)
        self._conn = server.log.opened("client", "%s:%s" % writer.get_extra_info("peername")[:2])

    async def run(self):
        """Serve the client to its end. An error in one of its tasks ends the others."""
        why = "done"
        try:
            async with asyncio.TaskGroup() as self._group:
                self._group.create_task(self._write())
                self._reading = self._group.create_task(self._read())
        except* ConnectionError:
            why = "lost"
        except* Exception as e:
            why = "error"
            self._server.log.exception("client's connection", e)
        finally:
            await closing.close(self._writer)
            self._server.log.closed(self._conn, why)

    # -- framing --
    async def _read(self):
        try:
            goodbye = await self._read_lines()
        except asyncio.CancelledError:
            if not self._finishing:
                raise
            goodbye = False
        await self._answers.put(None)
        if goodbye:
            await self._linger()

    async def _read_lines(self):
        """Carry out line after line. True: it was us who said goodbye."""
        first = True
        while not self._finishing:
            self._listening = True  # only here may finish() break in: what is begun is answered
            try:
                line, end = (await self._reader.readuntil(b"\n"))[:-1], False
            except asyncio.IncompleteReadError as e:
                line, end = e.partial, True  # left without an end, it is a line too
                if not line:
                    return False
            except asyncio.LimitOverrunError:
                line, end = None, False
            finally:
                self._listening = False
            if line is not None:
                self._server.log.came(self._conn, line, " open" if end else "")
                if line.endswith(b"\r"):
                    line = line[:-1]
            if line is None or len(line) > wire.MAX_CLIENT_LINE:
                await self._answers.put(wire.TOO_LONG)
                return True
            await self._carry_out(line)
            if first and wire.is_http(line) or self._server.settings.close_after_reply:
                return True
            if end:
                return False
            first = False
        return False

    async def _linger(self):
        """Closed with something unread, the connection would be reset, and the reset
        might overtake our last line."""
        try:
            async with asyncio.timeout(LINGER):
                while await self._reader.read(1 << 16):
                    pass
        except TimeoutError:
            pass

    async def _write(self):
        """Write the answers in the order of the commands, each once it is there."""
        while (answer := await self._answers.get()) is not None:
            if isinstance(answer, asyncio.Task):
                answer = await answer
            self._server.log.went(self._conn, answer)
            self._writer.write(answer)
            await self._writer.drain()
        self._writer.write_eof()

    def finish(self):
        """The server stops: nothing more is read, but everything is answered."""
        self._finishing = True
        if self._listening:
            self._reading.cancel()

    # -- commands --
    async def _carry_out(self, line):
        """A command takes effect now; its answer waits for its turn."""
        if self._server.settings.faults and line.startswith(b"FAULT "):
            await self._fault(line[6:])
            return
        result = self._server.node.receive(line, wire.now())
        if result.flood is not None:
            self._server.links.flood(result.flood, None)
        if result.query is None:
            await self._answers.put(result.answer)
        else:
            await self._whatsats.acquire()
            await self._answers.put(self._group.create_task(self._ask(result)))

    async def _ask(self, result):
        try:
            return result.answer + await self._server.upstream.ask(result.query) + b"\n"
        finally:
            self._whatsats.release()

    # -- faults --
    async def _fault(self, what):
        """Do what a mistake in this program would do: for the experiments alone."""
        if what == b"type":
            await self._answers.put("a text where bytes belong\n")
            return
        elif what == b"block":
            time.sleep(3)
        elif what == b"error":
            {}["no such key"]
        elif what == b"lost error":
            async def answer():
                await self._answers.put({}["no such key"])
            asyncio.create_task(answer())
            return
        await self._answers.put(b"done\n")


class Clients:
    def __init__(self, server):
        self._server = server
        self._sessions = {}  # by task

    async def serve(self, reader, writer):
        session = Session(self._server, reader, writer)
        self._sessions[asyncio.current_task()] = session
        try:
            await session.run()
        finally:
            del self._sessions[asyncio.current_task()]

    async def finish(self, most):
        for session in self._sessions.values():
            session.finish()
        if self._sessions:
            await asyncio.wait(list(self._sessions), timeout=most)
