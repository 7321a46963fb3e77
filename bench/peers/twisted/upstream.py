"""Twitter's search, asked through Agent."""

from twisted.internet import defer, error, protocol
from twisted.web import client, http
from twisted.web.http_headers import Headers

from pyherd import jsontext

try:
    from urllib import urlencode  # Python 2.7
except ImportError:
    from urllib.parse import urlencode

# -- upstream --

MOST = 8 << 20  # bytes of an answer


class TooLong(Exception):
    pass


class Body(protocol.Protocol):
    """Collects an answer; deferred fires with it."""

    def __init__(self):
        self.deferred = defer.Deferred(lambda _: self.transport.stopProducing())
        self._parts, self._size = [], 0

    def dataReceived(self, data):
        self._parts.append(data)
        self._size += len(data)
        if self._size > MOST and not self.deferred.called:
            self.deferred.errback(TooLong())
            self.transport.stopProducing()

    def connectionLost(self, reason=protocol.connectionDone):
        if self.deferred.called:
            return
        if reason.check(client.ResponseDone, http.PotentialDataLoss):
            self.deferred.callback(b"".join(self._parts))
        else:
            self.deferred.errback(reason)


class Upstream(object):
    def __init__(self, reactor, settings):
        self._reactor, self._timeout = reactor, settings.timeout
        self._url = settings.url + ("&" if "?" in settings.url else "?")
        pool = client.HTTPConnectionPool(reactor)
        pool.maxPersistentPerHost = settings.workers
        self._agent = client.Agent(reactor, connectTimeout=2, pool=pool)
        self._workers = defer.DeferredSemaphore(settings.workers)

    def ask(self, query):
        """A Deferred of one line of JSON, whatever happens, within the timeout."""
        asked = self._workers.run(self._fetch, query)
        late = self._reactor.callLater(self._timeout, asked.cancel)

        def done(result):
            if late.active():
                late.cancel()
            return result

        asked.addErrback(self._explain, late)
        asked.addBoth(done)
        return asked

    @defer.inlineCallbacks
    def _fetch(self, query):
        headers = Headers({b"User-Agent": [b"herd-peer"]})
        response = yield self._agent.request(b"GET", self._address(query).encode("ascii"), headers)
        body = Body()
        response.deliverBody(body)
        text = yield body.deferred
        defer.returnValue(self._answer(response.code, text, query))

    def _address(self, query):
        radius = query.radius if query.radius.strip(b"0.") else b"0.001"  # Twitter's least
        geocode = b"%s,%s,%skm" % (query.latitude.lstrip(b"+"), query.longitude.lstrip(b"+"), radius)
        return self._url + urlencode([("q", ""), ("geocode", geocode), ("rpp", max(query.limit, 1))])

    def _answer(self, code, text, query):
        """What the client gets of an answer."""
        try:
            return jsontext.one_line(text, query.limit)
        except jsontext.NotJSON:
            if code < 300:
                raise
            words = http.RESPONSES.get(code, b"")
            words = words if isinstance(words, str) else words.decode("ascii")
            return jsontext.error(("twitter answered %d %s" % (code, words)).rstrip())

    def _explain(self, failure, late):
        """What the client gets in place of an answer; a mistake of ours goes on."""
        if not late.active() or failure.check(error.TimeoutError):
            text = "twitter did not answer in time"
        elif failure.check(error.ConnectionRefusedError):
            text = "twitter could not be reached: connection refused"
        elif failure.check(error.ConnectError):
            text = "twitter could not be reached"
        elif failure.check(client.ResponseFailed, client.RequestNotSent, client.RequestTransmissionFailed,
                           error.ConnectionLost, error.ConnectionDone):
            text = "twitter's answer was cut off"
        elif failure.check(TooLong):
            text = "twitter's answer is too long"
        elif failure.check(jsontext.NotJSON):
            text = "twitter's answer was not JSON"
        else:
            return failure
        return jsontext.error(text)
