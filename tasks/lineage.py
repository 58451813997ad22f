"""The topics of the chosen candidate get their permanent keys: those they had in earlier models, or new ones."""

import logging
from dataclasses import replace
from random import SystemRandom

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.digests import digest_of
from evertopic.errors import Unavailable
from evertopic.identity.alignment import align
from evertopic.identity.events import events_of
from evertopic.identity.profile import Profile
from evertopic.models.assignment import Head, assign
from evertopic.models.head import topic_head
from evertopic.prediction.evaluation import Candidate
from evertopic.records import Generation, GenerationRef, SnapshotRef, SpaceRef
from evertopic.storage.store import NewGeneration, Overtaken, Past, Store
from tasks.choice import ChoiceRef
from tasks.job import Job
from tasks.space import Space, read_space
from tasks.trials import read_candidate
from tasks.witnesses import asked, crossing_of, further_anchors, topics_of

ATTEMPTS = 5
logger = logging.getLogger(__name__)


@task(task_run_name="give the topics their keys", cache_policy=NO_CACHE)
def align_topics(job: Job, documents: SnapshotRef, space: SpaceRef, choice: ChoiceRef) -> GenerationRef:
    """The generation of the chosen clustering: the keys its topics go on with, and what became of the others.

    Compared with every generation before. The same clustering keeps its keys for ever.

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
                logger.warning("Another training of %s was first: its topics are compared with now", job.config.name)
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
    # Of the very lineage that was read: where another was added since, the number is taken.
    number = max((past.generation.number for past in lineage), default=0) + 1
    answers = topics_of(job, config.embed, head, known)
    rows = further_anchors(topic, answers, dict(known), frame["text_digest"].tolist(), len(head.weight))
    added = [(str(digest), str(text)) for text, digest in frame.iloc[rows].itertuples(index=False)]
    predecessor = asked(job, lineage[-1], known, added) if lineage else None
    profile = Profile(
        keys=(),
        encoder=config.embed.fingerprint(),
        centroids=head.weight,
        words=candidate.table.words,
        weights=candidate.table.weights,
        anchors=np.concatenate([answers, topic[rows]]),
    )
    profiles = [past.profile for past in lineage[:-1]] + ([predecessor.profile] if predecessor else [])
    crossing = crossing_of(job, lineage[-1], shared, topic, frame, len(known)) if lineage else None
    alignment = align(profile, profiles, crossing)
    born = store.keys.mint(
        config.name, sum(one.key is None for one in alignment.topics), at=job.started, randomness=SystemRandom()
    )
    fresh = iter(born)
    keys = tuple(one.key or next(fresh) for one in alignment.topics)
    names = config.labelling.name(candidate.table)
    sizes = tuple(int(size) for size in np.bincount(topic + 1, minlength=len(keys) + 1)[1:])
    generation = Generation(config.name, number, clustering, job.started, len(keys), profile.encoder, None)
    before = dict(zip(lineage[-1].profile.keys, lineage[-1].names, strict=True)) if lineage else {}
    return NewGeneration(
        past=Past(
            generation, replace(profile, keys=keys), names, sizes, head.threshold, config.embed.model_dump(mode="json")
        ),
        events=events_of(alignment, generation, keys, names, sizes, before),
        anchors=tuple(added),
        predecessor=predecessor,
    )
