"""The topics of the chosen candidate get their permanent keys: those they had in earlier models, or new ones."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from random import SystemRandom
from typing import Any

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import TypeAdapter, ValidationError

from evertopic.digests import digest_of
from evertopic.embedding import Encoder, Encodes
from evertopic.errors import EvertopicError, Unavailable
from evertopic.identity.alignment import align
from evertopic.identity.anchors import wanted
from evertopic.identity.events import events_of
from evertopic.identity.profile import UNSCORED, Profile
from evertopic.models.assignment import Head, assign
from evertopic.models.head import topic_head
from evertopic.prediction.evaluation import Candidate
from evertopic.records import Generation, GenerationRef, Integers, Offsets, SnapshotRef, SpaceRef
from evertopic.storage.store import NewGeneration, Overtaken, Past, Store
from tasks.choice import ChoiceRef
from tasks.embed import encode_texts
from tasks.job import Job
from tasks.space import Space, read_space
from tasks.trials import read_candidate

ATTEMPTS = 5

logger = logging.getLogger(__name__)


@task(task_run_name="give the topics their keys", cache_policy=NO_CACHE)
def align_topics(job: Job, documents: SnapshotRef, space: SpaceRef, choice: ChoiceRef) -> GenerationRef:
    """The generation of the chosen clustering: the keys its topics go on with, and what became of the others.

    Compared with every generation a registered model was made of. The same clustering keeps its keys for ever.

    Raises:
        Unavailable: other trainings of this loop kept adding generations at the same time.
    """
    # Of the clustering, not of the model: another name, rule or outlier budget is no other topic.
    clustering = digest_of("clusters", choice.candidate.digest, documents.digest)
    store = job.store()
    try:
        for _ in range(ATTEMPTS):
            known = store.lineage.find(job.config.name, clustering)
            if known is not None:
                return GenerationRef(known.number, clustering, store.lineage.keys(job.config.name, known.number))
            new = _next(job, store, clustering, documents, space, choice)
            try:
                store.lineage.add(new)
            except Overtaken:
                logger.warning("Another training of %s was first: its topics are compared with too", job.config.name)
                continue
            return GenerationRef(new.past.generation.number, clustering, new.past.profile.keys)
    finally:
        store.close()
    raise Unavailable(f"{ATTEMPTS} other trainings of {job.config.name} were faster: run again.")


def head_of(job: Job, shared: Space, candidate: Candidate) -> Head:
    """The numbers of the chosen model."""
    fitted, held = shared.vectors[shared.fitted], shared.vectors[shared.held]
    return topic_head(fitted, candidate.labels, held, job.config.assignment.unassigned)


def _next(
    job: Job, store: Store, clustering: str, documents: SnapshotRef, space: SpaceRef, choice: ChoiceRef
) -> NewGeneration:
    """Everything the lineage keeps of the chosen clustering."""
    config, lake = job.config, job.lake()
    shared, candidate = read_space(lake, space), read_candidate(lake, choice.candidate)
    head = head_of(job, shared, candidate)
    topic = assign(shared.vectors, head).topic
    frame = lake.read_frame(f"{documents.key}/documents.parquet", ["text", "text_digest"])
    lineage, known = store.lineage.past(config.name), store.lineage.anchors(config.name)
    number = len(store.lineage.generations(config.name)) + 1
    answers = _topics_of(job, config.embed, head, known)
    rows = _further_anchors(topic, answers, dict(known), frame["text_digest"].tolist(), len(head.weight))
    added = [(str(digest), str(text)) for text, digest in frame.iloc[rows].itertuples(index=False)]
    predecessor = _asked(job, lineage[-1], known, added) if lineage else None
    profile = Profile(
        keys=(),
        encoder=config.embed.fingerprint(),
        centroids=head.weight,
        words=candidate.table.words,
        weights=candidate.table.weights,
        anchors=np.concatenate([answers, topic[rows]]),
    )
    profiles = [past.profile for past in lineage[:-1]] + ([predecessor.profile] if predecessor else [])
    alignment = align(profile, profiles)
    born = store.keys.mint(
        config.name, sum(one.key is None for one in alignment.topics), at=job.started, randomness=SystemRandom()
    )
    fresh = iter(born)
    keys = tuple(one.key or next(fresh) for one in alignment.topics)
    names = config.labelling.name(candidate.table)
    sizes = tuple(int(size) for size in np.bincount(topic + 1, minlength=len(keys) + 1)[1:])
    generation = Generation(
        config.name, number, clustering, job.started, len(keys), profile.encoder, config.model_name, None
    )
    before = dict(zip(lineage[-1].profile.keys, lineage[-1].names, strict=True)) if lineage else {}
    return NewGeneration(
        past=Past(generation, replace(profile, keys=keys), names, head.threshold, config.embed.model_dump(mode="json")),
        documents=sizes,
        events=events_of(alignment, generation, keys, names, sizes, before),
        anchors=tuple(added),
        predecessor=predecessor,
    )


def _further_anchors(
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


def _topics_of(job: Job, encoder: Encodes, head: Head, anchors: tuple[tuple[str, str], ...]) -> Integers:
    """The topic of each anchor document under a head."""
    if not anchors:
        return np.empty(0, np.int32)
    vectors = encode_texts(job, encoder, [text for _, text in anchors], [digest for digest, _ in anchors])
    return assign(vectors, head).topic


def _asked(job: Job, past: Past, known: tuple[tuple[str, str], ...], added: list[tuple[str, str]]) -> Past:
    """The generation before, asked about the anchor documents it has not seen; as it is, where its encoder is gone."""
    head = Head(past.profile.centroids, np.zeros_like(past.threshold), past.threshold, 1.0)
    asked = past.profile.anchors
    unasked = (*known[len(asked) :], *added)
    try:
        answers = _topics_of(job, _encoder(past.encoder), head, unasked)
    except (EvertopicError, ValidationError) as fault:
        logger.warning(
            "The encoder of generation %d is gone, so it is compared less well: %s", past.generation.number, fault
        )
        answers = np.full(len(unasked), UNSCORED, np.int32)
    return replace(past, profile=replace(past.profile, anchors=np.concatenate([asked, answers])))


def _encoder(settings: Mapping[str, Any]) -> Encodes:
    encoder: Encodes = TypeAdapter(Encoder).validate_python(dict(settings))
    return encoder
