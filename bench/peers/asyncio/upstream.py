"""Twitter's search, asked by http.client in a pool of threads: asyncio has no HTTP."""

import asyncio
import concurrent.futures
import http.client
import threading
import urllib.parse

from pyherd import jsontext

# -- upstream --

MOST = 8 << 20  # bytes of an answer


class Upstream:
    def __init__(self, settings):
        self._timeout = settings.timeout
        self._url = urllib.parse.urlsplit(settings.url)
        self._pool = concurrent.futures.ThreadPoolExecutor(settings.workers)
        self._mine = threading.local()  # each thread keeps a connection

    async def ask(self, query):
        """One line of JSON, whatever happens, within the timeout."""
        loop = asyncio.get_running_loop()
        try:
            # A thread cannot be cancelled: a late one goes on until its own timeout.
            async with asyncio.timeout(self._timeout):
                return await loop.run_in_executor(self._pool, self._fetch, query)
        except TimeoutError:
            return jsontext.error("twitter did not answer in time")
        except ConnectionRefusedError:
            return jsontext.error("twitter could not be reached: connection refused")
        except jsontext.NotJSON:
            return jsontext.error("twitter's answer was not JSON")
        except (OSError, http.client.HTTPException):
            return jsontext.error("twitter's answer was cut off")

    def _fetch(self, query):
        status, reason, text = self._get(self._path(query))
        if len(text) > MOST:
            return jsontext.error("twitter's answer is too long")
        try:
            return jsontext.one_line(text, query.limit)
        except jsontext.NotJSON:
            if status < 300:
                raise
            return jsontext.error(f"twitter answered {status} {http.client.responses.get(status, '')}".rstrip())

    def _path(self, query):
        radius = query.radius if query.radius.strip(b"0.") else b"0.001"  # Twitter's least
        geocode = b"%s,%s,%skm" % (query.latitude.lstrip(b"+"), query.longitude.lstrip(b"+"), radius)
        more = urllib.parse.urlencode({"q": "", "geocode": geocode, "rpp": max(query.limit, 1)})
        return self._url.path + "?" + "&".join(filter(None, (self._url.query, more)))

    def _get(self, path):
        kept = getattr(self._mine, "connection", None)
        try:
            return self._exchange(kept or self._connect(), path)
        except (ConnectionError, http.client.HTTPException):
            if kept is None:
                raise
            return self._exchange(self._connect(), path)  # the service had closed it

    def _connect(self):
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        return kinds[self._url.scheme](self._url.netloc, timeout=self._timeout)

    def _exchange(self, connection, path):
        self._mine.connection = None  # unless all goes well
        connection.request("GET", path, headers={"User-Agent": "herd-peer"})
        response = connection.getresponse()
        text = response.read(MOST + 1)
        if response.length and len(text) <= MOST:
            raise http.client.IncompleteRead(text, response.length)
        if response.isclosed() and not response.will_close:
            self._mine.connection = connection
        else:
            connection.close()
        return response.status, response.reason, text

    def close(self):
        self._pool.shutdown(wait=False, cancel_futures=True)
