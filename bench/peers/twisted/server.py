"""A server of the herd on Twisted: one loop, protocols and factories.

    python3 server.py --config herd.json --name Gasol

It runs on every Twisted from 13.2.0 on, with Python 2.7 or 3. What it knows is
in package pyherd; here is what does I/O, each concern in a module of its own.
"""

import os
import sys

# Last: this folder's parent has folders named twisted and asyncio.
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

from twisted.internet import defer, reactor, task
from twisted.internet.error import CannotListenError

import asking
import clients
import fence  # -- fence --
import links
import wirelog
from pyherd import config, wire

FLUSH_TIME = 2.0  # seconds that links may take at the end


class Server(object):
    """What the connections have in common."""

    def __init__(self, settings):
        self.settings = settings
        self.node = wire.Node(settings.server.name, settings.future)
        self.log = wirelog.WireLog(settings.log_path, settings.log_lines)
        self.upstream = asking.WAYS[settings.asks](reactor, settings)
        self.links = links.Links(reactor, self)
        self.clients = clients.ClientFactory(self)
        self._ports = []

    def start(self):
        for (host, port), factory in ((self.settings.server.clients, self.clients),
                                      (self.settings.server.peers, links.PeerFactory(self.links))):
            self._ports.append(reactor.listenTCP(port, factory, backlog=1024, interface=host))
        if self.settings.options.fence is not None:  # -- fence --
            self._ports.append(fence.join(self))  # -- fence --
        self.links.dial()
        self.log.event("info", "server started", server=self.settings.server.name)
        reactor.addSystemEventTrigger("before", "shutdown", self._drain)

    @defer.inlineCallbacks
    def _drain(self):
        """Stop accepting, answer what waits, let the links take what is theirs."""
        self.log.event("info", "server stopping", server=self.settings.server.name)
        for port in self._ports:
            yield port.stopListening()
        self.links.stop_dialling()
        self.clients.finish()
        yield self._until(lambda: not self.clients.sessions, self.settings.timeout)
        self.links.finish()
        yield self._until(lambda: not self.links.open, FLUSH_TIME)
        self.log.close()

    @defer.inlineCallbacks
    def _until(self, over, most):
        late = reactor.seconds() + most
        while not over() and reactor.seconds() < late:
            yield task.deferLater(reactor, 0.01, lambda: None)


def main():
    server = Server(config.arguments(asking.WAYS, cyclic=True, more=fence.arguments))  # -- fence: changed --
    try:
        server.start()
    except CannotListenError as e:
        sys.exit("server.py: %s" % e)
    reactor.run()


if __name__ == "__main__":
    main()
