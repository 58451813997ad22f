"""The model in service: loaded whole before it answers, swapped in one step, never given up for a worse one."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from evertopic.errors import EvertopicError
from evertopic.prediction.loading import Model

PATIENCE_S = 10.0
LONGEST_PAUSE = timedelta(minutes=5)
"""Between two attempts at a version that cannot be loaded; the first pause is twice the time between two looks."""

Found = TypeVar("Found")
log = logging.getLogger("evertopic.serving")


@dataclass(frozen=True, slots=True)
class Reload:
    """What became of one look at the registry."""

    outcome: Literal["same", "swapped", "failed"]
    reason: str
    """In words; for people."""
    version: int
    """The one that serves now."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """A version that could not be loaded, and when it is tried again by itself."""

    version: int
    reason: str
    attempts: int
    again: datetime


def _now() -> datetime:
    return datetime.now(UTC)


def _as_loaded(model: Model) -> Model:
    return model


class ModelHolder:
    """The model that answers, and the watch over the alias it was asked for by.

    Args:
        load: loads the version a choice means, whole and warmed up; called in a thread.
        alias_version: the version that carries an alias now, None without one; called in a thread.
        choice: an alias, which is followed, or a version number, which never moves.
        freshen: brings a model that was loaded up to date with what was decided meanwhile; called in a thread.
        on_event: told of every swap and every failure, on the event loop; of a registry that is away once.
        poll_seconds: between two looks at the alias.
        patience_s: a registry that is silent for longer counts as away; its answer is still waited for.
        now: the clock, with a zone.
    """

    def __init__(
        self,
        load: Callable[[str], Model],
        alias_version: Callable[[str], int | None],
        choice: str,
        on_event: Callable[[Reload], None],
        *,
        freshen: Callable[[Model], Model] = _as_loaded,
        poll_seconds: float = 2.0,
        patience_s: float = PATIENCE_S,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.load, self.alias_version, self.choice, self.on_event = load, alias_version, choice, on_event
        self.freshen, self.poll_seconds, self.patience_s, self.now = freshen, poll_seconds, patience_s, now
        self.turn = asyncio.Lock()
        """Held while the model in service is replaced or revised, from the look at what is in force to the end."""
        self.trouble: str | None = None
        """Why what serves may not be what the registry asks for, in words; None: it is."""
        self._model: Model | None = None
        self._failure: _Failure | None = None
        self._lost: tuple[str, datetime] | None = None
        self._look: asyncio.Task[Reload] | None = None
        self._look_has_asked = False
        self._following: asyncio.Task[None] | None = None
        self._asked = 0

    @property
    def current(self) -> Model:
        """The model that answers; read it once for all that must be answered by one model."""
        if self._model is None:
            raise RuntimeError("No model is loaded yet: await start() first.")
        return self._model

    def revise(self, before: Model, after: Model) -> bool:
        """Puts the same version under other edits in the place of `before`; False where that serves no longer."""
        if self._model is not before:
            return False
        self._model = after
        return True

    async def start(self) -> None:
        """Loads the first model and begins to follow the alias.

        Raises:
            EvertopicError: the model cannot be loaded; nothing was started.
        """
        self._model = await asyncio.to_thread(self.load, self.choice)
        if not self.choice.isdecimal():
            self._following = asyncio.create_task(self._follow())

    async def look(self) -> Reload:
        """Looks at the registry as the watch does: a version that failed lately is left alone for a while."""
        # A caller who goes away must not end the look of the others.
        return await asyncio.shield(self._shared_look())

    async def reload(self) -> Reload:
        """Looks at the registry now; callers at the same time share one look and one load.

        A look that is under way asked the registry before this caller came, and may have missed what the caller knows:
        it is waited for, and then there is another. A version that failed is tried again at once.
        """
        if self.choice.isdecimal():
            number = self.current.version.version
            return Reload("same", f"Version {number} was asked for by number: it never moves.", number)
        self._asked += 1
        try:
            if self._look is not None and not self._look.done() and self._look_has_asked:
                await asyncio.wait({self._look})
            return await self.look()
        finally:
            self._asked -= 1

    async def close(self) -> None:
        """Stops following; the model goes on answering."""
        tasks = [task for task in (self._following, self._look) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self.poll_seconds)
            look = self._shared_look()
            await asyncio.wait({look})
            if not look.cancelled() and (fault := look.exception()):
                log.error("The look at the registry failed: %s", fault, exc_info=fault)

    def _shared_look(self) -> asyncio.Task[Reload]:
        if self._look is None or self._look.done():
            self._look_has_asked = False
            self._look = asyncio.create_task(self._look_once())
        return self._look

    async def _look_once(self) -> Reload:
        self._look_has_asked = True
        asked = await self._in_thread(self.alias_version)
        if fault := asked.exception():
            return self._lose("away", f"The registry does not answer ({_said(fault)})")
        wanted, serving = asked.result(), self.current.version.version
        if wanted is None:
            return self._lose("gone", f"No version carries the alias {self.choice}")
        self._lost = None
        if wanted == serving:
            self.trouble = self._failure = None
            return Reload("same", f"{self.choice} is still version {serving}.", serving)
        failure = self._failure if self._failure and self._failure.version == wanted else None
        if failure and self.now() < failure.again and not self._asked:
            self.trouble = failure.reason
            return Reload("failed", failure.reason, serving)
        return await self._replace(wanted, failure.attempts if failure else 0)

    async def _replace(self, wanted: int, attempts: int) -> Reload:
        """The new model is complete and has answered before the old one is let go."""
        before = self.current.version.version
        (fault,) = await asyncio.gather(self._bring_in(), return_exceptions=True)
        if fault is not None:
            return self._fail(wanted, attempts + 1, fault)
        self.trouble = self._failure = None
        number = self.current.version.version
        return self._tell(Reload("swapped", f"{self.choice} is version {number} now, it was {before}.", number))

    async def _bring_in(self) -> None:
        model = await asyncio.to_thread(self.load, self.choice)
        async with self.turn:  # what was decided since the load began must not be lost by the swap
            self._model = await asyncio.to_thread(self.freshen, model)

    def _fail(self, wanted: int, attempts: int, fault: BaseException) -> Reload:
        serving = self.current.version.version
        self.trouble = reason = (
            f"{self.choice} is version {wanted} now, which cannot be loaded ({_said(fault)}): version {serving} goes "
            "on serving. It is tried again with longer and longer pauses, and at once on a reload."
        )
        if not isinstance(fault, EvertopicError):
            log.error("Version %d failed in a way nobody foresaw: %s", wanted, fault, exc_info=fault)
        pause = min(timedelta(seconds=self.poll_seconds) * 2.0 ** min(attempts, 20), LONGEST_PAUSE)
        self._failure = _Failure(wanted, reason, attempts, self.now() + pause)
        return self._tell(Reload("failed", reason, serving))

    def _lose(self, kind: str, what: str) -> Reload:
        """The registry says nothing of use: what serves goes on, and it is known since when."""
        first = self._lost is None or self._lost[0] != kind
        if self._lost is None or first:
            self._lost = (kind, self.now())
        since, serving = self._lost[1], self.current.version.version
        self.trouble = f"{what}, since {since:%Y-%m-%d %H:%M:%S %Z}: version {serving} goes on serving."
        said = Reload("failed", self.trouble, serving)
        return self._tell(said) if first else said

    def _tell(self, reload: Reload) -> Reload:
        log.log(logging.INFO if reload.outcome == "swapped" else logging.WARNING, "%s", reload.reason)
        self.on_event(reload)
        return reload

    async def _in_thread(self, ask: Callable[[str], Found]) -> asyncio.Future[Found]:
        """The finished call; while it is not, and patience is over, the registry counts as away."""
        asked = asyncio.get_running_loop().run_in_executor(None, ask, self.choice)
        done, _ = await asyncio.wait({asked}, timeout=self.patience_s)
        if not done:
            self._lose("away", f"The registry has been silent for {self.patience_s:g} s")
            await asyncio.wait({asked})
        return asked


def _said(fault: BaseException) -> str:
    kind, text = type(fault).__name__, str(fault).strip()
    return f"{kind}: {text.rstrip('.')}" if text else kind
