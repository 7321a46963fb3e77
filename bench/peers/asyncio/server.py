"""A server of the herd on asyncio: a coroutine reads for each connection, another writes.

    python3 server.py --config herd.json --name Gasol

It needs Python 3.11 and nothing else. What it knows is in package pyherd; here
is what does I/O, each concern in a module of its own.
"""

import asyncio
import os
import signal
import sys

# Last: this folder's parent has folders named twisted and asyncio.
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

import asking
import clients
import links
import wirelog
from pyherd import config, wire

FLUSH_TIME = 2.0  # seconds that links may take at the end


class Server:
    """What the connections have in common."""

    def __init__(self, settings):
        self.settings = settings
        self.node = wire.Node(settings.server.name, settings.future)
        self.log = wirelog.WireLog(settings.log_path, settings.log_lines)
        self.upstream = asking.WAYS[settings.asks](settings)
        self.links = links.Links(self)
        self.clients = clients.Clients(self)

    async def run(self):
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        asyncio.get_running_loop().set_exception_handler(self._unhandled)
        here = self.settings.server
        ports = [await asyncio.start_server(serve, host, port, limit=limit, backlog=1024)
                 for serve, (host, port), limit in ((self.clients.serve, here.clients, clients.LIMIT),
                                                    (self.links.accept, here.peers, links.LIMIT))]
        self.links.dial()
        self.log.event("info", "server started", server=here.name)
        await stop.wait()
        self.log.event("info", "server stopping", server=here.name)
        for port in ports:
            port.close()
        self.links.stopping = True
        await self.clients.finish(self.settings.timeout)
        await self.links.finish(FLUSH_TIME)
        self.upstream.close()
        self.log.close()

    def _unhandled(self, loop, context):
        """What became of nobody's error: the log has it, and the server goes on."""
        self.log.exception(context["message"], context.get("exception"))


def main():
    try:
        asyncio.run(Server(config.arguments(asking.WAYS)).run())
    except OSError as e:
        sys.exit("server.py: %s" % e)


if __name__ == "__main__":
    main()
