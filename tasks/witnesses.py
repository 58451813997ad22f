"""Documents that tell of two times: the anchors of a lineage, and those of now as the model before sees them."""

import logging
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from evertopic.embedding import Encoder, Encodes
from evertopic.errors import EvertopicError, Unavailable
from evertopic.identity.alignment import Crossing
from evertopic.identity.anchors import wanted
from evertopic.identity.profile import UNSCORED
from evertopic.models.assignment import Head, assign
from evertopic.records import UNASSIGNED, Integers, Offsets
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
    """What the generation before says of the documents of now; None where its encoder is gone, or it has no topics."""
    then = np.array(past.documents, np.int32)
    if not len(past.profile):
        return None
    if past.profile.encoder == job.config.embed.fingerprint():
        return Crossing(known, then, topic, assign(shared.vectors, _head(past)).topic)
    # Another encoder would have to read all of them: a sample will do.
    random = np.random.default_rng(job.config.seed)
    rows = np.sort(random.choice(len(frame), min(CROSSING_AT_MOST, len(frame)), replace=False))
    answers = _said(
        job, past, tuple((str(digest), str(text)) for text, digest in frame.iloc[rows].itertuples(index=False))
    )
    return None if answers is None else Crossing(known, then, topic[rows], answers)


def asked(job: Job, past: Past, known: tuple[tuple[str, str], ...], added: list[tuple[str, str]]) -> Past:
    """The generation before, asked about the anchor documents it was never asked about, where its encoder is there."""
    every = (*known, *added)
    answers = np.full(len(every), UNSCORED, np.int32)
    answers[: len(past.profile.anchors)] = past.profile.anchors
    open_ = np.flatnonzero(answers == UNSCORED)
    said = _said(job, past, tuple(every[row] for row in open_))
    if said is not None:
        answers[open_] = said
    return replace(past, profile=replace(past.profile, anchors=answers))


def _said(job: Job, past: Past, documents: tuple[tuple[str, str], ...]) -> Integers | None:
    """The topics that an earlier generation gives these documents; None where its encoder is gone."""
    if not len(past.profile):
        return np.full(len(documents), UNASSIGNED, np.int32)
    try:
        return topics_of(job, _encoder_of(past), _head(past), documents)
    except (EvertopicError, ValidationError) as fault:
        logger.warning("Generation %d cannot be asked, it is compared less well: %s", past.generation.number, fault)
        return None


def _head(past: Past) -> Head:
    return Head(past.profile.centroids, np.zeros_like(past.threshold), past.threshold, 1.0)


def _encoder_of(past: Past) -> Encodes:
    encoder: Encodes = TypeAdapter(Encoder).validate_python(dict(past.encoder))
    if encoder.fingerprint() != past.profile.encoder:
        found = encoder.fingerprint()
        raise Unavailable(f"its encoder {past.profile.encoder} is not here, in its place is {found}")
    return encoder
