"""What every detector promises."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, field_validator

from evertopic.drift.levels import Levels
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, DriftVerdict, Sample, TopicShift

FEWEST = 5
"""Documents of which anything can be said, whatever a config would like."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one window: what it may spend, and what is known beside the two samples."""

    alpha: float
    """The false-alarm rate this detector may spend on this look, in (0, 1)."""
    seed: int
    topics: tuple[tuple[str, str], ...]
    """(key, name) of the model's topics, in their order."""
    history: tuple[Mapping[str, int], ...] = ()
    """Documents by topic key (`unassigned` among them) of consecutive windows without an alarm, as the model answers:
    how much shares move in ordinary times."""
    levels: Levels = field(default_factory=Levels)
    scores: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """By kind, the statistics of earlier windows without an alarm."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector measured, before anything is decided on it."""

    statistic: float
    p: float
    size: float
    """Estimated share of the window's documents concerned, in [0, 1]."""
    said: str
    documents: tuple[str, ...] = ()
    topics: tuple[TopicShift, ...] = ()


class Detector(BaseModel, ABC):
    """One way to tell that a window is not what the reference was."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    about: ClassVar[About]

    kind: str
    least: PositiveInt = Field(default=50)
    """Documents a window needs; smaller ones are refused."""

    @field_validator("least")
    @classmethod
    def _not_too_few(cls, given: int) -> int:
        # Here, not in the type: the kinds that have a number of their own would lose a bound of the field.
        if given < FEWEST:
            raise ValueError(f"least is {given}: nothing can be said of fewer than {FEWEST} documents")
        return given

    @abstractmethod
    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:
        """What is found, with p = the chance that a window without drift looks at least as different.

        Raises:
            NotEnoughDocuments: reference or history are too small to say anything.
        """

    def judge(self, reference: Sample, window: Sample, look: Look) -> DriftVerdict:
        """The verdict on a window of at least `least` documents, a refusal of a smaller one."""
        started = perf_counter()
        try:
            if len(window) < self.least:
                raise NotEnoughDocuments(
                    f"{self.kind} needs at least {self.least} documents, this window has {len(window)}: "
                    "wait for more, or widen monitor.window."
                )
            found = self.measure(reference, window, look)
        except NotEnoughDocuments as refusal:
            return self._refused(str(refusal), perf_counter() - started, look.alpha)
        drifted = found.p <= look.alpha
        return DriftVerdict(
            detector=self.kind,
            about=self.about,
            state="drift" if drifted else "none",
            statistic=found.statistic,
            p=found.p,
            threshold=look.alpha,
            size=found.size,
            level=look.levels.of(found.size) if drifted else "none",
            least=self.least,
            said=found.said,
            documents=found.documents,
            topics=found.topics,
            seconds=perf_counter() - started,
        )

    def _refused(self, said: str, seconds: float, alpha: float) -> DriftVerdict:
        return DriftVerdict(
            detector=self.kind,
            about=self.about,
            state="refused",
            statistic=None,
            p=None,
            threshold=alpha,
            size=None,
            level="none",
            least=self.least,
            said=said,
            seconds=seconds,
        )
