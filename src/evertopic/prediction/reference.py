"""What a model remembers of its training, so that drift can be told without it: no texts, no ids."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from evertopic.errors import Corrupted
from evertopic.models.assignment import Head, assign, logits
from evertopic.records import Floats, Sample, Times

ARRAYS, TOLD = "reference.safetensors", "reference.json"


@dataclass(frozen=True, slots=True)
class Reference:
    """m documents of a training, in order of time."""

    vectors: Floats
    """Unit rows (m, d)."""
    held_out: NDArray[np.bool_]
    """(m,) False where the model was fitted on the document."""
    times: Times
    """(m,) datetime64[s], NaT where there is none."""
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    """Text features by name, each (m,)."""
    languages: tuple[str, ...] = ()
    """(m,), or empty where nobody knows."""
    words: Mapping[str, int] = field(default_factory=dict)
    """Fitted documents by word."""

    @classmethod
    def of_vectors(cls, vectors: Floats) -> Self:
        """Held-out documents of which nothing but the vectors is known, as models of before have them."""
        return cls(vectors, np.ones(len(vectors), np.bool_), np.full(len(vectors), np.datetime64("NaT", "s")))

    @property
    def unseen(self) -> Floats:
        """The vectors of the held-out documents."""
        return self.vectors[self.held_out]

    def sample(self, head: Head) -> Sample:
        """The documents as detectors see them, answered by the model's own head."""
        answers = assign(self.vectors, head)
        return Sample(
            ids=("",) * len(self.vectors),
            vectors=self.vectors,
            topic=answers.topic,
            nearest=logits(self.vectors, head).argmax(axis=1).astype(np.int32),
            strength=answers.strength,
            numbers=self.numbers,
            languages=self.languages,
            times=self.times,
            held_out=self.held_out,
            words=self.words,
        )


def write_reference(reference: Reference, folder: Path) -> None:
    """Writes the two files of the reference into `folder`."""
    names = sorted(reference.numbers)
    arrays = {
        "vectors": reference.vectors,
        "held_out": reference.held_out.astype(np.uint8),
        "times": reference.times.astype("datetime64[s]").astype(np.int64),
        "numbers": np.array([reference.numbers[name] for name in names], np.float32).reshape(
            len(names), len(reference.vectors)
        ),
    }
    # safetensors writes memory as it lies: a transposed or strided array would come back as another one.
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / ARRAYS)
    told = {"numbers": names, "languages": list(reference.languages), "words": dict(reference.words)}
    (folder / TOLD).write_text(json.dumps(told, ensure_ascii=False, indent=0, sort_keys=True), encoding="utf-8")


def read_reference(folder: Path) -> Reference:
    """The reference in `folder`; a model of before has vectors alone.

    Raises:
        Corrupted: the two files do not fit one another.
    """
    arrays = load_file(folder / ARRAYS)
    if not (folder / TOLD).exists():
        return Reference.of_vectors(arrays["vectors"])
    told = json.loads((folder / TOLD).read_text(encoding="utf-8"))
    if len(told["numbers"]) != len(arrays["numbers"]):
        raise Corrupted(f"{folder} names {len(told['numbers'])} features and has {len(arrays['numbers'])}: fetch it.")
    return Reference(
        vectors=arrays["vectors"],
        held_out=arrays["held_out"].astype(np.bool_),
        times=arrays["times"].astype("datetime64[s]"),
        numbers=dict(zip(told["numbers"], arrays["numbers"], strict=True)),
        languages=tuple(told["languages"]),
        words=told["words"],
    )
