"""Labels that came after the training: documents the champion was not made of, and what their source says they are."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evertopic.corpus.cleaning import clean, count_words
from evertopic.models.assignment import assign
from evertopic.prediction.batch import keeping
from evertopic.prediction.bundle import Bundle
from evertopic.quality.performance import answered, stands_for
from evertopic.records import Integers, TrainingCard
from tasks.job import Job
from tasks.space import read_space

AT_MOST = 2_000
"""The newest so many labelled documents are looked at."""
Judged = tuple[list[str], list[str | None]]
"""Labels of the source, and those the answers stand for."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled documents that the model was not fitted on."""

    now: Judged
    """Those that came after the training."""
    then: Judged
    """Those held out of it."""


def late_labels(job: Job, bundle: Bundle, card: TrainingCard) -> Labelled | None:
    """What the answers of the champion stand for, beside the labels; None where its training had no labels.

    Labels of the training say what a topic stands for, on fitted documents alone; see `quality.performance`.
    """
    lake = job.lake()
    frame = lake.read_frame(f"{card.documents.key}/documents.parquet", ["id", "label"])
    labels = _known(frame["label"])
    if not any(labels):
        logger.info("Nothing is measured on labels: the documents of the training have none.")
        return None
    space = read_space(lake, card.space)
    topics = assign(space.vectors, bundle.head).topic
    fitted = [labels[row] for row in space.fitted]
    meaning = stands_for(topics[space.fitted], fitted, len(bundle.meta.topics))
    fresh = _fresh(job, set(frame["id"]), bundle)
    return Labelled(
        now=_judged(_known(fresh["label"]), _topics(job, bundle, fresh), meaning),
        then=_judged([labels[row] for row in space.held], topics[space.held], meaning),
    )


def _fresh(job: Job, known: set[str], bundle: Bundle) -> pd.DataFrame:
    """Labelled documents that the store took in after those of the training, cleaned as the model has it."""
    late = _later(job, known).tail(AT_MOST)
    texts = [clean(text, bundle.meta.cleaning) for text in late["text"]]
    enough = np.array([count_words(text) >= bundle.meta.cleaning.min_words for text in texts], np.bool_)
    return late[["label"]].assign(text=pd.Series(texts, index=late.index, dtype=object))[enough]


def _later(job: Job, known: set[str]) -> pd.DataFrame:
    store = job.store()
    before, found = pd.Timestamp.min, []
    try:
        for part in store.documents.stream_documents(job.config.name):
            of_training = part["id"].isin(known)
            before = max(before, part.loc[of_training, "ingested_at"].max()) if of_training.any() else before
            found.append(part.loc[part["label"].notna() & ~of_training, ["label", "text", "ingested_at"]])
    finally:
        store.close()
    if not found:
        return pd.DataFrame({"label": [], "text": []})
    late = pd.concat(found, ignore_index=True)
    # What was there at the training and was left out of it is old, not late.
    return late[late["ingested_at"] > before]


def _topics(job: Job, bundle: Bundle, fresh: pd.DataFrame) -> Integers:
    if fresh.empty:
        return np.empty(0, np.int32)
    encoder = keeping(job.vectors())(bundle.meta.encoder)
    return assign(encoder.encode(fresh["text"].tolist()), bundle.head).topic


def _judged(labels: list[str | None], topics: Integers, meaning: tuple[str | None, ...]) -> Judged:
    pairs = [(label, said) for label, said in zip(labels, answered(topics, meaning), strict=True) if label is not None]
    return [label for label, _ in pairs], [said for _, said in pairs]


def _known(labels: "pd.Series[str]") -> list[str | None]:
    return [None if pd.isna(label) else str(label) for label in labels]
