"""Threads for what would hold up the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

Found = TypeVar("Found")


class Workers:
    """So many threads for one kind of work. What hangs there keeps no other kind of work waiting.

    A caller that goes away, or whose time is over, is let go at once; its thread is free again when the work ends.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, name)

    async def do(self, work: Callable[..., Found], *args: Any, **named: Any) -> Found:
        """What `work` returns or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *args, **named))

    def close(self) -> None:
        """Begins nothing more, and waits for nothing."""
        self._pool.shutdown(wait=False, cancel_futures=True)
