"""How else a WHATSAT may be answered, by the name that --asks gives: for the experiments alone."""

# -- faults --

import asyncio
import concurrent.futures

import upstream
from pyherd import computing


class Computing:
    """Asks nobody, and has something computed in a pool of threads."""

    def __init__(self, settings):
        self._pool = concurrent.futures.ThreadPoolExecutor(settings.workers)
        self._work = computing.Work()

    async def ask(self, query):
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._work.do)

    def close(self):
        self._pool.shutdown(wait=False, cancel_futures=True)


WAYS = {None: upstream.Upstream, "compute": Computing}
