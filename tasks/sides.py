"""The two models of a gate, loaded, and what they are measured on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evertopic.prediction.batch import keeping
from evertopic.prediction.predictor import Predictor
from evertopic.records import Edit, Floats, ModelVersion, TrainingCard
from evertopic.storage.cards import read_card
from evertopic.storage.release_lines import rolled_back
from evertopic.storage.store import Store
from tasks.job import Job
from tasks.recent import corrections, recent_texts, released_at, window_texts

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two models, loaded."""

    version: ModelVersion
    predictor: Predictor
    folder: Path
    card: TrainingCard | None
    """None: this lake does not hold what it was trained on."""

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Unit rows of cleaned texts."""
        return self.predictor.encoder.encode(list(texts))


@dataclass(frozen=True, slots=True)
class Terms:
    """What the models are measured on and by."""

    recent: tuple[str, ...]
    """Newest first, as they came."""
    corrected: tuple[tuple[str, str], ...]
    """(text, key) as people said."""
    edits: tuple[Edit, ...]
    per_topic: int
    least: int
    """Held-out documents that neither was fitted on, at least."""
    typos: float
    parity: float
    seed: int
    rolled_back: str | None


def same_encoder(one: Side, other: Side) -> bool:
    """Whether a vector of one is a vector of the other."""
    return one.predictor.bundle.meta.fingerprint == other.predictor.bundle.meta.fingerprint


def terms_of(
    job: Job, registry: "Registry", champion: ModelVersion | None, challenger: ModelVersion, recent_key: str | None
) -> Terms:
    """What both are measured on and by."""
    config, store = job.config, job.store()
    try:
        return Terms(
            recent=_recent(job, store, registry, champion, recent_key),
            corrected=corrections(store, config.name),
            edits=store.edits.list(config.name),
            per_topic=config.model.words.per_topic,
            least=config.gate.documents,
            typos=config.gate.typos,
            parity=config.registry.parity,
            seed=config.seed,
            rolled_back=_rolled_back(store, challenger, config.name),
        )
    finally:
        store.close()


def _recent(
    job: Job, store: Store, registry: "Registry", champion: ModelVersion | None, key: str | None
) -> tuple[str, ...]:
    most = job.config.release.documents
    if key is not None:
        return window_texts(job.lake(), key, most)
    since = released_at(store, registry, job.config.name, champion) if champion else None
    return recent_texts(store, job.config.name, since, most)


def _rolled_back(store: Store, challenger: ModelVersion, loop: str) -> str | None:
    line = rolled_back(store.releases.list(loop), challenger.name, challenger.version)
    if line is None:
        return None
    return f"Version {challenger.version} was rolled back on {line.at:%Y-%m-%d %H:%M} UTC by {line.by}: {line.why}"


def side_of(job: Job, registry: "Registry", version: ModelVersion, scratch: Path, terms: Terms) -> Side:
    """The version, fetched into `scratch` and loaded, under the edits in force now.

    Raises:
        Corrupted: a file was altered, or this machine's encoder is another one.
        Unavailable: the registry did not answer.
    """
    folder = registry.fetch(version.model_uri, scratch / str(version.version))
    predictor = Predictor.load(folder, keeping(job.vectors()), terms.edits)
    return Side(version, predictor, folder, read_card(job.lake(), version.digest))
