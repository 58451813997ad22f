"""A model, a predictor and a registry that do what a test says, with the methods of the real ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from evertopic.errors import Unavailable
from evertopic.prediction.loading import Model
from evertopic.prediction.predictor import Watch, unwatched
from evertopic.records import ModelVersion, Prediction

POISON = "poison"


class FakePredictor:
    """Answers each text with its own words and the key of its version; keeps what it was given together."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.rounds: list[list[str]] = []
        self.entered = Event()
        """Set when a round has begun."""
        self.gate = Event()
        """Rounds end only while it is open."""
        self.gate.set()
        self.hold_before: str | None = None
        """The joined texts of a round that stops once more, sets `held`, and ends when `go_on` is set."""
        self.held, self.go_on = Event(), Event()

    def predict(self, texts: Sequence[str], watch: Watch = unwatched) -> list[Prediction]:
        """One answer a text.

        Raises:
            ValueError: POISON is one of them.
        """
        self.rounds.append(list(texts))
        self.entered.set()
        assert self.gate.wait(60)
        if "".join(texts) == self.hold_before:
            self.held.set()
            assert self.go_on.wait(60)
        with watch("encode"):
            if POISON in texts:
                raise ValueError("this text cannot be encoded")
            return [Prediction(f"key-{self.version}", text, (), 1.0, ()) for text in texts]


def a_model(version: int = 1, alias: str | None = "champion") -> Model:
    """A loaded version with a fake predictor."""
    facts = ModelVersion(
        "tiny", version, (alias,) if alias else (), "run", f"models:/tiny/{version}", "d", created=True
    )
    predictor: Any = FakePredictor(version)
    return Model(facts, alias, predictor, None, datetime(2026, 3, 2, tzinfo=UTC))


@dataclass
class FakeRegistry:
    """Aliases that a test moves, and versions that cannot be loaded as a test says."""

    version: int | None = 1
    """Of the alias `champion`."""
    broken: dict[int, BaseException] = field(default_factory=dict)
    away: bool = False
    gate: Event = field(default_factory=Event)
    """Loads end only while it is open."""
    silence: Event = field(default_factory=Event)
    """The registry answers only while it is set."""
    loading: Event = field(default_factory=Event)
    """Set when a load has begun."""
    loads: list[int] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        self.gate.set()
        self.silence.set()

    def alias_version(self, alias: str) -> int | None:
        """The version of the alias at the time it is asked; Unavailable while the registry is away."""
        version = self.version
        self.looks += 1
        assert self.silence.wait(60)
        if self.away:
            raise Unavailable("The registry did not answer: connection refused.")
        return version

    def load(self, choice: str) -> Model:
        """The version that `choice` means, or what is wrong with it."""
        number = int(choice) if choice.isdecimal() else self.version
        assert number is not None
        self.loads.append(number)
        self.loading.set()
        assert self.gate.wait(60)
        if number in self.broken:
            raise self.broken[number]
        return a_model(number, None if choice.isdecimal() else choice)


@dataclass
class Clock:
    """A clock that goes on only when told to."""

    at: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **time: float) -> None:
        """So much time goes by."""
        self.at += timedelta(**time)
