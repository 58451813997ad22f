"""Clients who leave before their answer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Message, Receive


@contextmanager
def leaving_if_gone(receive: Receive | None) -> Iterator[asyncio.Event]:
    """Around the answering of a request whose body was read: ends it when its client has gone before it has started.

    What nobody waits for any more keeps no place in the queue for the encoder. The event is to be set with the first
    piece of the answer; without `receive` nobody watches.
    """
    started, task = asyncio.Event(), asyncio.current_task()
    if receive is None or task is None:
        yield started
        return
    gone = False

    def leave(watch: asyncio.Task[Message]) -> None:
        nonlocal gone
        if not watch.cancelled() and not started.is_set():
            gone = True
            task.cancel()

    watch = asyncio.ensure_future(_next_message(receive))
    watch.add_done_callback(leave)
    try:
        yield started
    except asyncio.CancelledError:
        if not gone:
            raise
        task.uncancel()
    finally:
        started.set()
        watch.cancel()


async def _next_message(receive: Receive) -> Message:
    """After the whole body only the client's leaving can come."""
    return await receive()
