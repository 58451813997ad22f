"""A topic gets one key, whatever becomes of the trainings that find it."""

from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, delete, update

from evertopic.identity.profile import UNSCORED
from evertopic.records import GenerationRef
from evertopic.storage.store.identity_tables import generation_topics, generations
from tasks.embed import embed_documents
from tasks.ingest import ingest_documents, take_snapshot
from tasks.job import Job
from tasks.lineage import align_topics
from tasks.preprocess import preprocess_documents
from tests.projects import Project, later, searched, themed

OTHER: dict[str, Any] = {"kind": "hashing", "width": 96}


def aligned(job: Job) -> GenerationRef:
    """A training up to the keys; nothing is registered."""
    cleaned = preprocess_documents.fn(job, take_snapshot.fn(job, ingest_documents.fn(job)))
    found = searched(job, cleaned, embed_documents.fn(job, cleaned))
    return align_topics.fn(job, cleaned, found.space, found.choice)


def registered(job: Job, ref: GenerationRef, version: int) -> None:
    store = job.store()
    store.lineage.register("tiny", ref.clustering, "tiny", version)
    store.close()


def more(project: Project, seed: int) -> None:
    """Further documents on the same themes."""
    project.write_rows(["id", "text"], [[f"{seed}-{at}", text] for at, text in enumerate(themed(80, seed=seed))])


@pytest.fixture
def two(project: Project) -> tuple[Job, GenerationRef, Job]:
    """A first training up to its keys, and the job of a second one on more documents."""
    job = project.job()
    first = aligned(job)
    more(project, 2)
    return job, first, later(project.job(), 20)


def test_two_trainings_at_once_share_their_keys(two: tuple[Job, GenerationRef, Job]) -> None:
    """The second one begins before the first is registered: the same topics get the same keys all the same."""
    _, first, second_job = two
    second = aligned(second_job)
    assert (first.number, second.number) == (1, 2)
    assert sorted(first.keys) == sorted(second.keys)


def test_a_training_that_was_killed_keeps_its_keys(two: tuple[Job, GenerationRef, Job], project: Project) -> None:
    """It is registered after another one, and what comes later is held against it: it was registered last."""
    job, first, second_job = two
    registered(job, aligned(second_job), 1)
    registered(job, first, 2)
    more(project, 3)
    third = aligned(later(project.job(), 40))
    assert sorted(third.keys) == sorted(first.keys)
    store = job.store()
    assert [past.generation.number for past in store.lineage.past("tiny")] == [3, 2, 1]
    assert {event.kind for event in store.lineage.events_of("tiny", 3)} == {"kept"}
    store.close()


def changed(job: Job, number: int, **values: Any) -> None:
    engine = create_engine(job.place.store_url)
    with engine.begin() as connection:
        connection.execute(update(generations).where(generations.c.number == number).values(**values))
    engine.dispose()


def anchors(job: Job, number: int) -> np.ndarray:
    store = job.store()
    (found,) = [past.profile.anchors for past in store.lineage.past("tiny") if past.generation.number == number]
    store.close()
    return found


@pytest.mark.parametrize(
    "settings",
    [{"kind": "hashing", "width": 32}, {"kind": "onnx", "model": "./gone"}, {"kind": "of another version"}],
)
def test_an_encoder_that_is_gone(
    two: tuple[Job, GenerationRef, Job], project: Project, settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Another one in its place, a missing model, settings nobody knows: it is not asked, and words and old answers
    carry the keys. When it is back, what it was not asked is made up for.
    """
    job, first, _ = two
    registered(job, first, 1)
    changed(job, 1, encoder_settings=settings)
    second = aligned(later(project.job(embed=OTHER), 20))
    assert sorted(second.keys) == sorted(first.keys)
    assert "cannot be asked" in caplog.text
    changed(job, 1, encoder_settings=job.config.embed.model_dump(mode="json"))
    more(project, 3)
    third = aligned(later(project.job(embed={"kind": "hashing", "width": 128}), 40))
    assert sorted(third.keys) == sorted(first.keys)
    assert not (anchors(job, 1) == UNSCORED).any()


def test_a_generation_without_topics(two: tuple[Job, GenerationRef, Job]) -> None:
    """Nothing is carried over from it, and nothing breaks."""
    job, first, second_job = two
    engine = create_engine(job.place.store_url)
    with engine.begin() as connection:
        connection.execute(delete(generation_topics))
    engine.dispose()
    registered(job, first, 1)
    second = aligned(second_job)
    assert len(second.keys) == 4
    assert not set(second.keys) & set(first.keys)
