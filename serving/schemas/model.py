"""The model in service."""

from datetime import datetime
from typing import Literal

from evertopic.prediction.loading import Model
from evertopic.records import Interval, TrainingCard
from serving.schemas.base import Number, Shape


class Measured(Shape):
    """A measure and its 95 % interval."""

    value: Number
    low: Number
    high: Number

    @classmethod
    def of(cls, interval: Interval) -> "Measured":
        """The measure to show."""
        return cls(value=interval.value, low=interval.low, high=interval.high)


class Training(Shape):
    """On what the model was trained, and how good it is on documents it never saw."""

    documents: int
    snapshot: str
    """Digest of the documents."""
    trials: int
    """Candidates that were judged."""
    reason: str
    """Why this one was chosen."""
    beats_baseline: bool
    held_out: int
    """Documents it was measured on."""
    separation: Measured
    """How far the topics are apart, in [-1, 1]."""
    agreement: Measured
    """Share of documents whose neighbours agree with their topic."""
    stability: Measured | None
    """How alike other seeds group the documents; null where one seed was tried."""
    c_v: Measured
    """Coherence of the topics' words, in [0, 1]."""
    npmi: Measured
    """Coherence of the topics' words, in [-1, 1]."""
    diversity: float
    """Share of words that belong to one topic alone."""
    unassigned: float
    """Share of documents that get no topic."""

    @classmethod
    def of(cls, card: TrainingCard) -> "Training":
        """What the card of the training tells."""
        score = card.scorecard
        return cls(
            documents=card.documents.documents,
            snapshot=card.documents.digest,
            trials=card.trials,
            reason=card.choice.reason,
            beats_baseline=card.choice.beats_baseline,
            held_out=score.documents,
            separation=Measured.of(score.separation),
            agreement=Measured.of(score.agreement),
            stability=None if score.stability is None else Measured.of(score.stability),
            c_v=Measured.of(score.c_v),
            npmi=Measured.of(score.npmi),
            diversity=score.diversity,
            unassigned=score.unassigned,
        )


class EncoderShown(Shape):
    """What turns texts into vectors."""

    kind: str
    width: int
    fingerprint: str


class ModelShown(Shape):
    """The model that answers now."""

    name: str
    version: int
    alias: str | None
    """Followed wherever it moves; null where the service was started with a version number."""
    digest: str
    """Of the model's files."""
    run: str
    """Of the training in MLflow."""
    registered_at: datetime
    loaded_at: datetime
    topics: int
    rules: int
    """Categories that rules name."""
    encoder: EncoderShown
    training: Training | None
    """Null where the training's card is not in this lake."""
    trouble: str | None
    """Why the registry asks for another model than this one; null: it does not."""

    @classmethod
    def of(cls, model: Model, registered_at: datetime, trouble: str | None) -> "ModelShown":
        """The model to show."""
        meta, version = model.predictor.bundle.meta, model.version
        encoder = EncoderShown(
            kind=meta.encoder.kind, width=model.predictor.encoder.width, fingerprint=meta.fingerprint
        )
        return cls(
            name=version.name,
            version=version.version,
            alias=model.alias,
            digest=version.digest,
            run=version.run_id,
            registered_at=registered_at,
            loaded_at=model.loaded_at,
            topics=len(meta.topics),
            rules=len(meta.rules.categories),
            encoder=encoder,
            training=None if model.card is None else Training.of(model.card),
            trouble=trouble,
        )


class ReloadShown(Shape):
    """What became of a look at the registry."""

    outcome: Literal["same", "swapped"]
    reason: str
    version: int
    """The one that answers now."""


class Live(Shape):
    """The process answers."""

    status: Literal["live"] = "live"


class Readiness(Shape):
    """Whether requests should be sent here."""

    status: Literal["ready", "degraded", "not ready"]
    """`degraded`: every request but those that need the database is answered; `reasons` says what is amiss."""
    reasons: tuple[str, ...]
    """In words; empty too for callers without an API key where there are any."""
    version: int
    """Of the model that answers."""
