"""Documents that tell of two times: the anchors of a lineage, and those of now as the model before sees them."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from evertopic.embedding import Encoder, Encodes
from evertopic.errors import EvertopicError
from evertopic.identity.alignment import Crossing
from evertopic.identity.anchors import wanted
from evertopic.identity.profile import UNSCORED
from evertopic.models.assignment import Head, assign
from evertopic.records import Integers, Offsets
from evertopic.storage.store import Past
from tasks.embed import encode_texts
from tasks.job import Job
from tasks.space import Space

CROSSING_AT_MOST = 1_000
"""Documents that an earlier encoder reads."""

logger = logging.getLogger(__name__)


def further_anchors(
    topic: Integers, answers: Integers, known: Mapping[str, str], digests: list[str], k: int
) -> Offsets:
    """Rows of the documents that become anchors: each text once, none that is one already."""
    first: dict[str, int] = {}
    for row, digest in enumerate(digests):
        if digest not in known:
            first.setdefault(digest, row)
    rows = np.fromiter(first.values(), np.int64, len(first))
    held = np.bincount(answers[answers >= 0], minlength=k).astype(np.int64)
    # The digest of a text has nothing to do with its content: the same documents are drawn on any machine.
    order = np.array([int(digest[:15], 16) for digest in first], np.int64)
    return rows[wanted(topic[rows], held, order)]


def topics_of(job: Job, encoder: Encodes, head: Head, anchors: tuple[tuple[str, str], ...]) -> Integers:
    """The topic of each anchor document under a head."""
    if not anchors:
        return np.empty(0, np.int32)
    vectors = encode_texts(job, encoder, [text for _, text in anchors], [digest for digest, _ in anchors])
    return assign(vectors, head).topic


def crossing_of(
    job: Job, past: Past, shared: Space, topic: Integers, frame: pd.DataFrame, known: int
) -> Crossing | None:
    """What the generation before says of the documents of now; None where its encoder is gone."""
    then = np.array(past.documents, np.int32)
    if past.profile.encoder == job.config.embed.fingerprint():
        return Crossing(known, then, topic, assign(shared.vectors, _head(past)).topic)
    # Another encoder would have to read all of them: a sample will do.
    random = np.random.default_rng(job.config.seed)
    rows = np.sort(random.choice(len(frame), min(CROSSING_AT_MOST, len(frame)), replace=False))
    asked = tuple((str(digest), str(text)) for text, digest in frame.iloc[rows].itertuples(index=False))
    try:
        return Crossing(known, then, topic[rows], topics_of(job, _encoder(past.encoder), _head(past), asked))
    except (EvertopicError, ValidationError) as fault:
        logger.warning("What came out of what is told by anchor documents alone: %s", fault)
        return None


def _head(past: Past) -> Head:
    return Head(past.profile.centroids, np.zeros_like(past.threshold), past.threshold, 1.0)


def asked(job: Job, past: Past, known: tuple[tuple[str, str], ...], added: list[tuple[str, str]]) -> Past:
    """The generation before, asked about the anchor documents it has not seen; as it is, where its encoder is gone."""
    asked = past.profile.anchors
    unasked = (*known[len(asked) :], *added)
    try:
        answers = topics_of(job, _encoder(past.encoder), _head(past), unasked)
    except (EvertopicError, ValidationError) as fault:
        logger.warning(
            "The encoder of generation %d is gone, so it is compared less well: %s", past.generation.number, fault
        )
        answers = np.full(len(unasked), UNSCORED, np.int32)
    return replace(past, profile=replace(past.profile, anchors=np.concatenate([asked, answers])))


def _encoder(settings: Mapping[str, Any]) -> Encodes:
    encoder: Encodes = TypeAdapter(Encoder).validate_python(dict(settings))
    return encoder
