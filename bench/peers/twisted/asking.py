"""How else a WHATSAT may be answered, by the name that --asks gives: for the experiments alone."""

# -- faults --

import socket

from twisted.internet import defer, threads

import upstream
from pyherd import computing, jsontext

try:
    from urllib2 import HTTPError, Request, URLError, urlopen  # Python 2.7
except ImportError:
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen


class Urllib(upstream.Upstream):
    """Asks by a call that returns when the service has answered."""

    def __init__(self, reactor, settings, call):
        upstream.Upstream.__init__(self, reactor, settings)
        reactor.suggestThreadPoolSize(settings.workers)
        self._call = call  # what makes a Deferred of a call: now, or in a thread

    def ask(self, query):
        return self._call(self._line, query)

    def _line(self, query):
        request = Request(self._address(query), headers={"User-Agent": "herd-peer"})
        try:
            response = urlopen(request, timeout=self._timeout)
        except HTTPError as e:
            response = e  # it is an answer too
        except (URLError, socket.timeout):
            return jsontext.error("twitter could not be reached")
        return self._answer(response.getcode(), response.read(), query)


class Computing(object):
    """Asks nobody, and has something computed."""

    def __init__(self, call):
        self._call, self._work = call, computing.Work()

    def ask(self, query):
        return self._call(self._work.do)


WAYS = {
    None: upstream.Upstream,
    "blocking": lambda reactor, settings: Urllib(reactor, settings, defer.maybeDeferred),
    "threads": lambda reactor, settings: Urllib(reactor, settings, threads.deferToThread),
    "compute": lambda reactor, settings: Computing(threads.deferToThread),
    "compute-in-loop": lambda reactor, settings: Computing(defer.maybeDeferred),
}
