"""Samples and reports of drift, made of chance with a seed."""

from datetime import UTC, datetime

import numpy as np

from evertopic.records import DriftReport, DriftVerdict, Sample, Window

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOPICS = {f"t{at}": f"topic number {at}" for at in range(6)}


def sample(documents: int, width: int = 16, seed: int = 1, shift: float = 0.0, language: str | None = None) -> Sample:
    """Documents whose vectors turn and whose lengths grow with `shift`."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(documents, width)) + 3 * np.eye(1, width)[0] + shift * np.eye(1, width, 1)[0]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Sample(
        ids=tuple(f"d{at}" for at in range(documents)),
        vectors=vectors.astype(np.float32),
        topic=random.integers(-1, 6, documents).astype(np.int32),
        nearest=random.integers(0, 6, documents).astype(np.int32),
        strength=random.random(documents).astype(np.float32),
        numbers={
            "characters": (random.gamma(3, 100, documents) * (1 + shift)).astype(np.float32),
            "emoji_share": np.zeros(documents, np.float32),
            "unknown_words": random.beta(1, 20, documents).astype(np.float32),
        },
        languages=tuple(
            random.choice(["en", "de"], documents).tolist() if language is None else [language] * documents
        ),
        times=np.full(documents, np.datetime64("NaT"), "datetime64[s]"),
        held_out=np.ones(documents, np.bool_),
    )


def verdict(detector: str, state: str, p: float | None) -> DriftVerdict:
    """What one detector says, with a sentence of its own."""
    return DriftVerdict(
        detector=detector,
        about="new subject",
        state=state,  # type: ignore[arg-type]
        statistic=None if p is None else 12.5,
        p=p,
        threshold=None if p is None else 0.002,
        size=0.31 if state == "drift" else None,
        level="high" if state == "drift" else "none",
        least=50,
        said=f"This is what {detector} says.",
    )


def report(documents: int, *verdicts: DriftVerdict) -> DriftReport:
    """The report of one check."""
    window = Window("windows/w", "w" * 32, None, AT, documents, documents, 0)
    return DriftReport("news", "news", 3, AT, window, verdicts)
