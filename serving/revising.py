"""Edits of topics, followed: what people decided is in force within the time between two looks, or at once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from evertopic.errors import EvertopicError
from evertopic.prediction.loading import Model
from evertopic.records import Edit
from serving.holder import ModelHolder

log = logging.getLogger("evertopic.serving")


def under(model: Model, edits: tuple[Edit, ...]) -> Model:
    """The model under these edits; itself, where it is under them already.

    Raises:
        Unavailable: the encoder does not answer.
    """
    edited = model.predictor.edited
    if edits == (edited.edits if edited else ()):
        return model
    return replace(model, predictor=model.predictor.with_edits(edits))


class EditWatch:
    """Sees to it that the model in service answers under the edits of the store.

    A model under other edits is another value: a request is answered by one of them from its first text to its last.

    Args:
        holder: of the model in service, whichever it is.
        stamp: moves whenever the edits in force do; called in a thread.
        edits: those in force; called in a thread.
        poll_seconds: between two looks.
    """

    def __init__(
        self,
        holder: ModelHolder,
        stamp: Callable[[], tuple[int, int]],
        edits: Callable[[], tuple[Edit, ...]],
        poll_seconds: float,
    ) -> None:
        self._holder, self._stamp, self._edits, self._poll_seconds = holder, stamp, edits, poll_seconds
        self._seen: tuple[tuple[int, int], Model] | None = None
        self.trouble: str | None = None
        """Why edits of late may not be in force, in words; None: they are."""

    async def look(self) -> None:
        """Afterwards all edits made before are in force, unless another model came into service meanwhile.

        Raises:
            EvertopicError: the store or the encoder does not answer; the model goes on under the edits it had.
        """
        async with self._holder.turn:
            model, stamp = self._holder.current, await asyncio.to_thread(self._stamp)
            if self._seen is not None and self._seen[0] == stamp and self._seen[1] is model:
                return
            edits = await asyncio.to_thread(self._edits)
            # The encoder is asked for the texts of split and pinned topics: in a thread, while others are answered.
            revised = await asyncio.to_thread(under, model, edits)
            if revised is not model:
                if not self._holder.revise(model, revised):
                    return  # the next look sees to the model that came
                model = revised
                log.info("%d edits of topics are in force.", len(edits))
            self._seen = (stamp, model)

    async def look_if_possible(self) -> None:
        """As `look`; a store or an encoder that does not answer is noted, and the watch looks again by itself."""
        try:
            await self.look()
        except EvertopicError as fault:
            self._note(fault)
        else:
            self._note(None)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Looks every few seconds while it lasts."""
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._poll_seconds)
            look = asyncio.create_task(self.look())
            await asyncio.wait({look})
            self._note(look.exception())

    def _note(self, fault: BaseException | None) -> None:
        if fault is not None and self.trouble is None:
            log.warning("Edits of topics cannot be read, those known are in force: %s", fault, exc_info=fault)
        self.trouble = None if fault is None else "The edits of topics cannot be read: those known are in force."
