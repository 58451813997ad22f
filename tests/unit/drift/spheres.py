"""Documents as detectors see them, of clusters on the sphere: subjects of which everything is known."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evertopic.records import Floats, Sample

WIDTH, SUBJECTS, SPREAD = 32, 8, 0.12
KEYS = tuple((f"k{at}", f"subject {at}") for at in range(SUBJECTS))
CENTRES = np.eye(WIDTH, dtype=np.float32)
"""At right angles; the first SUBJECTS of them are the known ones."""
EVEN = (1.0,) * SUBJECTS


def around(subject: int, documents: int, rng: np.random.Generator, centre: Floats | None = None) -> Floats:
    """Unit rows around the centre of one subject."""
    middle = CENTRES[subject] if centre is None else centre
    rows = middle + SPREAD * rng.normal(size=(documents, WIDTH))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def mixed(shares: tuple[float, ...], documents: int, rng: np.random.Generator) -> Floats:
    """Documents of the known subjects in these shares, in any order."""
    counts = rng.multinomial(documents, np.array(shares) / np.sum(shares))
    return rng.permutation(np.concatenate([around(at, count, rng) for at, count in enumerate(counts)]))


def sample(vectors: Floats, rng: np.random.Generator, *, known: bool = False) -> Sample:
    """A window of these vectors, or with `known` what a model remembers of them: every other one held out."""
    n = len(vectors)
    cosines = (vectors @ CENTRES[:SUBJECTS].T).reshape(n, SUBJECTS)
    nearest, best = cosines.argmax(axis=1).astype(np.int32), cosines.max(axis=1)
    return Sample(
        ids=("",) * n if known else tuple(f"d{at}" for at in range(n)),
        vectors=vectors,
        topic=np.where(best > 0.5, nearest, -1).astype(np.int32),
        nearest=nearest,
        strength=np.clip(best, 0, 1).astype(np.float32),
        numbers={
            "words": rng.poisson(20, n).astype(np.float32),
            "unknown_words": (rng.random(n) / 4).astype(np.float32),
        },
        languages=tuple(rng.choice(["en", "en", "en", "de"], n).tolist()),
        times=np.arange(n).astype("datetime64[s]"),
        held_out=np.arange(n) % 2 == 0 if known else np.ones(n, np.bool_),
        words={"fire": n, "smoke": n // 2} if n else {},
    )


def reference(seed: int = 0, documents: int = 400, shares: tuple[float, ...] = EVEN) -> Sample:
    """What a model of all known subjects remembers."""
    rng = np.random.default_rng([seed, 1])
    return sample(mixed(shares, documents, rng), rng, known=True)


def window(seed: int = 0, documents: int = 100, shares: tuple[float, ...] = EVEN, new: int = 0) -> Sample:
    """A window of known subjects in these shares, `new` of its documents of a subject that nobody knows."""
    rng = np.random.default_rng([seed, 2])
    rows = np.concatenate([mixed(shares, documents - new, rng), around(WIDTH - 1, new, rng)])
    return sample(rows, rng)


def constant(one: Sample, vector: Floats | None = None) -> Sample:
    """The same documents, all of one vector, one strength, one language and the same numbers."""
    n = len(one)
    row = CENTRES[0] if vector is None else vector
    return replace(
        one,
        vectors=np.tile(row, (n, 1)).astype(np.float32),
        topic=np.zeros(n, np.int32),
        nearest=np.zeros(n, np.int32),
        strength=np.ones(n, np.float32),
        numbers={name: np.zeros(n, np.float32) for name in one.numbers},
        languages=("en",) * n,
    )


def taken(one: Sample, rows: NDArray[np.int64]) -> Sample:
    """Only these documents, in this order."""
    return replace(
        one,
        ids=tuple(one.ids[row] for row in rows),
        vectors=one.vectors[rows],
        topic=one.topic[rows],
        nearest=one.nearest[rows],
        strength=one.strength[rows],
        numbers={name: values[rows] for name, values in one.numbers.items()},
        languages=tuple(one.languages[row] for row in rows) if one.languages else (),
        times=one.times[rows],
        held_out=one.held_out[rows],
    )
