"""The end of a connection."""

import asyncio

# -- framing --

CLOSE_TIMEOUT = 10.0  # seconds that the other end may take for what was written


async def close(writer):
    """Close once everything is sent, or cut off who does not take it."""
    writer.close()
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            await writer.wait_closed()
    except TimeoutError:
        writer.transport.abort()
    except OSError:
        pass  # it was lost
