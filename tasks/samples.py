"""Documents as detectors see them: what a model remembers of its training, and the window of a check."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evertopic.corpus.features import FEATURES_VERSION
from evertopic.corpus.tokens import take
from evertopic.corpus.vocabulary import document_counts, unknown_shares
from evertopic.drift.vocabulary import UNKNOWN
from evertopic.models.assignment import assign, logits
from evertopic.prediction.bundle import Bundle
from evertopic.prediction.reference import Reference
from evertopic.records import Floats, Offsets, Sample, SnapshotRef, Tokens, VectorsRef
from tasks.job import Job
from tasks.preprocess import read_tokens
from tasks.space import Space

HELD_OUT_AT_MOST, AT_MOST = 1_000, 2_000
Numbers = Mapping[str, Floats]


def reference_of(job: Job, documents: SnapshotRef, shared: Space) -> Reference:
    """What the model will remember: held-out documents first of all, and of the fitted ones as many as have room."""
    held = _at_most(shared.held, HELD_OUT_AT_MOST, job.config.seed)
    fitted = _at_most(shared.fitted, AT_MOST - len(held), job.config.seed)
    rows = np.sort(np.concatenate([held, fitted]))
    frame = _frame(job, documents).iloc[rows]
    words = document_counts(take(shared.tokens, shared.fitted))
    numbers, languages = _features(job, frame["source_digest"].tolist(), take(shared.tokens, rows), words)
    return Reference(
        vectors=np.ascontiguousarray(shared.vectors[rows], np.float32),
        held_out=np.isin(rows, held),
        times=frame["timestamp"].to_numpy("datetime64[s]"),
        numbers=numbers,
        languages=languages,
        words=words,
    )


def window_of(job: Job, bundle: Bundle, cleaned: SnapshotRef, vectors: VectorsRef) -> Sample:
    """The documents of a check, answered by the head of the champion; n may be 0."""
    lake, reference = job.lake(), bundle.reference
    if not cleaned.documents:
        return _nothing(bundle)
    frame, tokens = _frame(job, cleaned), read_tokens(lake, cleaned)
    own = lake.read_array(f"{vectors.key}/vectors.npy")
    answers = assign(own, bundle.head)
    numbers, languages = _features(job, frame["source_digest"].tolist(), tokens, reference.words)
    return Sample(
        ids=tuple(frame["id"]),
        vectors=own,
        topic=answers.topic,
        nearest=logits(own, bundle.head).argmax(axis=1).astype(np.int32),
        strength=answers.strength,
        numbers=numbers,
        languages=languages,
        times=frame["timestamp"].to_numpy("datetime64[s]"),
        held_out=np.ones(len(frame), np.bool_),
        words=document_counts(tokens),
    )


def _frame(job: Job, documents: SnapshotRef) -> pd.DataFrame:
    columns = ["id", "source_digest", "timestamp"]  # features are of texts as they came
    return job.lake().read_frame(f"{documents.key}/documents.parquet", columns)


def _features(
    job: Job, digests: Sequence[str], tokens: Tokens, words: Mapping[str, int]
) -> tuple[Numbers, tuple[str, ...]]:
    """The stored features of these texts, row for row, and the share of their words that `words` lacks."""
    store = job.store()
    try:
        found = store.features.get_batch(digests, str(FEATURES_VERSION)).set_index("text_digest")
    finally:
        store.close()
    frame = found.loc[list(digests)]
    numbers = {str(name): frame[name].to_numpy(np.float32) for name in frame.columns if name != "language"}
    unknown = {UNKNOWN: unknown_shares(tokens, words)} if words else {}
    return numbers | unknown, tuple(frame["language"])


def _nothing(bundle: Bundle) -> Sample:
    none = np.empty(0, np.int32)
    return Sample(
        ids=(),
        vectors=np.empty((0, bundle.head.weight.shape[1]), np.float32),
        topic=none,
        nearest=none,
        strength=np.empty(0, np.float32),
        numbers={},
        languages=(),
        times=np.empty(0, "datetime64[s]"),
        held_out=np.empty(0, np.bool_),
    )


def _at_most(rows: Offsets, count: int, seed: int) -> Offsets:
    """All rows, or a sample of `count` of them."""
    return rows if len(rows) <= count else np.random.default_rng(seed).choice(rows, max(0, count), replace=False)
