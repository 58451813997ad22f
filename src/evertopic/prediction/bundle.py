"""A model at rest: safetensors and JSON in one folder, no pickle."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from safetensors.numpy import load_file, save_file

from evertopic.corpus.cleaning import Cleaning
from evertopic.embedding import Encoder
from evertopic.errors import Corrupted
from evertopic.models.assignment import Head
from evertopic.prediction.manifest import check_manifest, write_manifest
from evertopic.prediction.reference import Reference, read_reference, write_reference
from evertopic.prediction.rules import Rules
from evertopic.records import Edit, Floats

HEAD, META, BERTOPIC = "head.safetensors", "meta.json", "bertopic"
EDITS = "edits.json"
_edits = TypeAdapter(tuple[Edit, ...])


class TopicMeta(BaseModel):
    """One topic as the model knows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    name: str
    words: tuple[str, ...]
    weights: tuple[float, ...]
    documents: int


class Meta(BaseModel):
    """Everything about a model but its numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    kind: Literal["bertopic"] = "bertopic"
    loop: str
    topics: tuple[TopicMeta, ...]
    temperature: float
    cleaning: Cleaning
    rules: Rules = Rules()
    encoder: Encoder
    fingerprint: str
    """Of the encoder the centroids were made with; another one must not answer."""


class Bundle(BaseModel):
    """A model in memory: what `write_bundle` stores and `read_bundle` brings back, number for number."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    meta: Meta
    head: Head
    reference: Reference
    """Documents of its training: what the world looked like, for drift checks."""


def write_bundle(bundle: Bundle, folder: Path, edits: Sequence[Edit] = ()) -> None:
    """Writes the model into `folder`, beside what is already there (the BERTopic folder), and the manifest last.

    `edits` are those in force at this moment: who loads the folder without a store answers as we do now.
    """
    folder.mkdir(parents=True, exist_ok=True)
    head = bundle.head
    _save({"weight": head.weight, "bias": head.bias, "threshold": head.threshold}, folder / HEAD)
    write_reference(bundle.reference, folder)
    (folder / META).write_text(bundle.meta.model_dump_json(indent=1), encoding="utf-8")
    (folder / EDITS).write_bytes(_edits.dump_json(tuple(edits), indent=1))
    write_manifest(folder)


def read_edits(folder: Path) -> tuple[Edit, ...]:
    """The edits that were in force when the model in `folder` was written; of an older folder none.

    Raises:
        Corrupted: the file is of another version of evertopic.
    """
    if not (folder / EDITS).exists():
        return ()
    try:
        return _edits.validate_json((folder / EDITS).read_bytes())
    except ValidationError as fault:
        raise Corrupted(f"{folder / EDITS} is of another version of evertopic: {fault}") from fault


def read_bundle(folder: Path) -> Bundle:
    """The model in `folder`.

    Raises:
        Corrupted: the manifest does not fit the files, or the files do not fit one another.
    """
    check_manifest(folder)
    try:
        meta = TypeAdapter(Meta).validate_json((folder / META).read_bytes())
    except ValidationError as fault:
        raise Corrupted(f"{folder / META} is of another version of evertopic: {fault}") from fault
    numbers = load_file(folder / HEAD)
    head = Head(numbers["weight"], numbers["bias"], numbers["threshold"], meta.temperature)
    lengths = {name: len(numbers[name]) for name in ("weight", "bias", "threshold")}
    if set(lengths.values()) != {len(meta.topics)}:
        raise Corrupted(f"{folder} has {lengths} rows for {len(meta.topics)} topics: fetch it again.")
    return Bundle(meta=meta, head=head, reference=read_reference(folder))


def _save(arrays: dict[str, Floats], path: Path) -> None:
    # safetensors writes memory as it lies: a transposed or strided array would come back as another one.
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)
