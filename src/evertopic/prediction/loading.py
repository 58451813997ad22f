"""A model out of the registry, ready to answer."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from evertopic.embedding import Encodes
from evertopic.errors import Corrupted, Unavailable
from evertopic.prediction.predictor import Predictor
from evertopic.records import Edit, ModelVersion, TrainingCard
from evertopic.storage.cards import read_card
from evertopic.storage.lake import Lake

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

logger = logging.getLogger(__name__)

WARM_UP = ("", "😀", "One short sentence to wake the encoder.", "many words " * 2_000)


@dataclass(frozen=True, slots=True)
class Model:
    """One registered version in memory: everything an answer says of its origin."""

    version: ModelVersion
    alias: str | None
    """The alias it was asked for by, None where it was asked for by number."""
    predictor: Predictor
    card: TrainingCard | None
    """What its training left; None where this lake does not hold it, or it cannot be read."""
    loaded_at: datetime


def load_model(
    registry: "Registry",
    lake: Lake,
    name: str,
    choice: str,
    at: datetime,
    wrap: Callable[[Encodes], Encodes] | None = None,
    edits: Callable[[], Sequence[Edit]] | None = None,
) -> Model:
    """The version of `name` that `choice` means, checked and warmed up: its first answer takes no longer than others.

    Args:
        registry: where it is fetched from, whole, before anything of it is read.
        lake: where the card of its training may be.
        name: the registered model.
        choice: an alias (`champion`) or a version number (`3`).
        at: now, with a zone.
        wrap: see `Predictor.load`.
        edits: gives those in force now; None: those that were when the model was made.

    Raises:
        BadInput: there is no such model, alias or version.
        Corrupted: a file was altered, the encoder is another one, or the warm-up gave no sound answer.
        Unavailable: the registry or the encoder's model cannot be reached.
    """
    number = choice.isdecimal()
    version = registry.resolve(f"{name}/{choice}" if number else f"{name}@{choice}")
    with TemporaryDirectory() as temporary:
        predictor = Predictor.load(
            registry.fetch(version.model_uri, Path(temporary) / "bundle"), wrap, edits() if edits else None
        )
    _warm_up(predictor, version)
    return Model(version, None if number else choice, predictor, _card(lake, version), at)


def _card(lake: Lake, version: ModelVersion) -> TrainingCard | None:
    # A sound model answers without its card; only what is said about it is less.
    try:
        return read_card(lake, version.digest)
    except (Corrupted, Unavailable) as fault:
        logger.warning("%s %d answers without the card of its training: %s", version.name, version.version, fault)
        return None


def _warm_up(predictor: Predictor, version: ModelVersion) -> None:
    said = predictor.predict(WARM_UP)
    strengths = [answer.overruled.strength if answer.overruled else answer.strength for answer in said]
    if not np.isfinite(strengths).all():
        raise Corrupted(
            f"{version.name} {version.version} answers its warm-up with strengths {strengths}: it is not served."
        )
