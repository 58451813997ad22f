"""Who is encoded next: texts that came together, and large requests chunk by chunk between them."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from evertopic.prediction.loading import Model
from evertopic.records import Prediction

KEPT_FOR_SINGLES = 4
"""One place in so many is for single texts alone, whatever large requests wait."""


@dataclass(eq=False, slots=True)
class Job:
    """The texts of one caller, and where the answer goes."""

    texts: Sequence[str]
    answered: asyncio.Future[tuple[list[Prediction], Model]]
    bulk: bool
    """A large request: answered chunk by chunk, by one model."""
    waits: ExitStack = field(default_factory=ExitStack)
    """Open until its first text is taken, or the caller has gone."""
    model: Model | None = None
    """Of a large request: the model that answers all of it, known from its first chunk on."""
    answers: list[Prediction] = field(default_factory=list)
    left: int = 0
    """Texts not taken yet; they are counted as waiting."""
    alone: bool = False
    """It failed in company, and is tried once more by itself."""


@dataclass(frozen=True, slots=True)
class Round:
    """What is encoded together: the texts of several single jobs, or the next ones of one large job."""

    jobs: list[Job]
    texts: Sequence[str]
    model: Model


class Turns:
    """The jobs that wait. Singles and large requests take turns; of the large ones the oldest goes first.

    Args:
        texts: in one round at most.
        waiting: texts that may wait. With nothing waiting a job of any size is taken.
    """

    def __init__(self, texts: int, waiting: int) -> None:
        self.texts, self.waiting = texts, waiting
        self.depth = 0
        """Texts that wait."""
        self.singles: deque[Job] = deque()
        self.bulks: deque[Job] = deque()
        self._bulk_next = False

    def has_room(self, job: Job) -> bool:
        """Whether the job may wait too."""
        most = self.waiting - self.waiting // KEPT_FOR_SINGLES if job.bulk else self.waiting
        return not self.depth or self.depth + len(job.texts) <= most

    def add(self, job: Job) -> None:
        """The job waits."""
        self._queue(job).append(job)
        self._count(job, len(job.texts))

    def again(self, jobs: Sequence[Job]) -> None:
        """Singles that failed in company are next, each by itself."""
        for job in reversed(jobs):
            job.alone = True
            self.singles.appendleft(job)
            self._count(job, 1)

    def drop(self, job: Job) -> None:
        """The job waits no longer; nothing for one that does not."""
        if job in self._queue(job):
            self._queue(job).remove(job)
        self._count(job, 0)
        job.waits.close()

    def take(self, current: Model) -> Round | None:
        """The next round, None where nothing waits. A large job stays the first of its queue until it is dropped."""
        if self.bulks and (self._bulk_next or not self.singles):
            self._bulk_next = False
            return self._chunk(self.bulks[0], current)
        self._bulk_next = True
        return self._together(current) if self.singles else None

    def _together(self, current: Model) -> Round:
        count = 1 if self.singles[0].alone else self.texts
        jobs = [self.singles.popleft() for _ in range(min(count, len(self.singles)))]
        for job in jobs:
            self._count(job, 0)
            job.waits.close()
        return Round(jobs, [job.texts[0] for job in jobs], current)

    def _chunk(self, job: Job, current: Model) -> Round:
        job.model = job.model or current
        job.waits.close()
        start = len(job.answers)
        texts = job.texts[start : start + self.texts]
        self._count(job, len(job.texts) - start - len(texts))
        return Round([job], texts, job.model)

    def _queue(self, job: Job) -> deque[Job]:
        return self.bulks if job.bulk else self.singles

    def _count(self, job: Job, left: int) -> None:
        self.depth += left - job.left
        job.left = left
