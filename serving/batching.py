"""Concurrent requests encoded together, off the event loop, so that nobody starves."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from time import perf_counter
from typing import Protocol

from evertopic.errors import Unavailable
from evertopic.prediction.loading import Model
from evertopic.prediction.predictor import Watch, unwatched
from evertopic.records import Prediction
from serving.problems import TooBusy
from serving.turns import Job, Round, Turns

PATIENCE_S = 10.0
"""What waits when the service stops has this long to be answered."""
INERTIA = 0.8
"""Of the running mean of the seconds a text takes."""


class Holds(Protocol):
    """What has the model in service, such as a `ModelHolder`."""

    @property
    def current(self) -> Model:
        """The model that answers now."""
        ...


class Batcher:
    """Answers texts by the model in service, in one worker thread.

    The worker takes its next round itself, without waiting for the event loop. A round of singles is answered by one
    model, a large request too, even where the model in service changes between its chunks.

    Args:
        holder: has the model.
        texts: encoded together at most.
        wait_ms: how long a first text waits for company while the encoder is idle. Only after a round that had some:
            who asks one text after the other waits for nobody.
        waiting: texts that may wait; requests beyond are refused.
        watch: told of the stages of every round, and of the wait of every request.
    """

    def __init__(self, holder: Holds, *, texts: int, wait_ms: float, waiting: int, watch: Watch = unwatched) -> None:
        self.holder, self.wait_ms, self.watch = holder, wait_ms, watch
        self._turns = Turns(texts, waiting)
        self._lock = Lock()
        """Held for every change of `_turns` and `_round`: the event loop and the worker both make some."""
        self._worker = ThreadPoolExecutor(1, "encode")
        self._round: Round | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._company = False
        self._seconds_a_text = 0.0
        self._closing = False
        """Nothing new is taken."""
        self._ended = False
        """No round begins any more."""

    @property
    def depth(self) -> int:
        """Texts that wait for the encoder."""
        return self._turns.depth

    async def one(self, text: str) -> tuple[Prediction, Model]:
        """The answer to one text and the model that gave it; encoded together with other callers' texts.

        Raises:
            TooBusy: too many texts wait already.
            Unavailable: the service is stopping.
        """
        answers, model = await self._answer([text], bulk=False)
        return answers[0], model

    async def many(self, texts: Sequence[str]) -> tuple[list[Prediction], Model]:
        """The answers to all texts, in order, by one model.

        Raises:
            TooBusy: too many texts wait already. With nothing waiting a request of any size is taken.
            Unavailable: the service is stopping.
        """
        return await self._answer(texts, bulk=True) if texts else ([], self.holder.current)

    async def close(self, patience_s: float = PATIENCE_S) -> None:
        """Takes nothing new, answers what waits, or after `patience_s` fails it, and ends the worker."""
        self._closing = True
        self._go()
        with self._lock:
            jobs = [*self._turns.singles, *self._turns.bulks, *(self._round.jobs if self._round else ())]
        if waited_for := {job.answered for job in jobs}:
            await asyncio.wait(waited_for, timeout=patience_s)
        with self._lock:
            self._ended = True
            left = [*self._turns.singles, *self._turns.bulks]
            for job in left:
                self._turns.drop(job)
        _settle(left, None, Unavailable("The service stopped before it was the turn of this text: ask again."))
        await asyncio.to_thread(self._worker.shutdown)

    async def _answer(self, texts: Sequence[str], *, bulk: bool) -> tuple[list[Prediction], Model]:
        job = Job(texts, asyncio.get_running_loop().create_future(), bulk)
        with self._lock:
            self._admit(job)
            job.waits.enter_context(self.watch("wait"))
            self._turns.add(job)
        self._arrived()
        try:
            return await job.answered
        except asyncio.CancelledError:
            with self._lock:
                self._turns.drop(job)
            raise

    def _admit(self, job: Job) -> None:
        if self._closing:
            raise Unavailable("The service is stopping and takes no more texts: ask again when it is back.")
        if not self._turns.has_room(job):
            waiting, seconds = self._turns.depth, self._turns.depth * self._seconds_a_text
            raise TooBusy(
                f"{waiting} texts wait for the encoder and {len(job.texts)} more are too many: "
                f"come again in {max(seconds, 1):.0f} s.",
                retry_after_s=seconds,
            )

    def _arrived(self) -> None:
        lonely = not self._turns.bulks and len(self._turns.singles) < self._turns.texts
        if self._round is None and lonely and self._company and self.wait_ms:
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(self.wait_ms / 1000, self._go)
        elif self._round is None:
            self._go()

    def _go(self) -> None:
        """The worker begins, unless it is at work."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with self._lock:
            begun = self._next() if self._round is None else None
        self._submit(begun)

    def _next(self) -> Round | None:
        self._round = None if self._ended else self._turns.take(self.holder.current)
        return self._round

    def _submit(self, begun: Round | None) -> None:
        if begun is not None:
            self._worker.submit(_encode, begun, self.watch).add_done_callback(partial(self._done, begun))

    def _done(self, ended: Round, encoded: Future[tuple[list[Prediction], float]]) -> None:
        """In the worker: the next round begins, and the event loop is told of this one."""
        fault = encoded.exception()
        answers, seconds = ([], 0.0) if fault else encoded.result()
        with self._lock:
            if not fault:
                self._seconds_a_text += (1 - INERTIA) * (seconds / len(answers) - self._seconds_a_text)
            if not ended.jobs[0].bulk:
                self._company = len(ended.jobs) > 1
            settled = self._settled(ended, answers, fault)
            following = self._next()
        self._submit(following)
        if settled:
            loop = settled[0].answered.get_loop()
            loop.call_soon_threadsafe(_settle, settled, ended.model, fault)

    def _settled(self, ended: Round, answers: list[Prediction], fault: BaseException | None) -> list[Job]:
        """The jobs this round has ended. Others go on: large ones, and singles that one bad text may have failed."""
        if fault and len(ended.jobs) > 1 and not self._ended:
            self._turns.again([job for job in ended.jobs if not job.answered.done()])
            return []
        first = ended.jobs[0]
        if first.bulk:
            first.answers += answers
            if not fault and len(first.answers) < len(first.texts):
                return []
            self._turns.drop(first)
            return [first]
        for job, answer in zip(ended.jobs, answers, strict=False):
            job.answers = [answer]
        return ended.jobs


def _encode(begun: Round, watch: Watch) -> tuple[list[Prediction], float]:
    """The answers, and the seconds they took."""
    started = perf_counter()
    answers = begun.model.predictor.predict(begun.texts, watch)
    if len(answers) != len(begun.texts):
        raise RuntimeError(f"{len(begun.texts)} texts got {len(answers)} answers.")
    return answers, perf_counter() - started


def _settle(jobs: Sequence[Job], model: Model | None, fault: BaseException | None) -> None:
    """The callers who are still there get their answers, by `model`, or the fault."""
    for job in jobs:
        if not job.answered.done():
            if fault is None and model is not None:
                job.answered.set_result((job.answers, model))
            else:
                job.answered.set_exception(fault or RuntimeError("No model answered."))
