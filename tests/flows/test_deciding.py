"""Deciding about a loop that was really trained: what is gathered, what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evertopic.errors import Refusal
from evertopic.records import Check, Feedback
from evertopic.storage.registry import open_registry
from tasks.deciding import decide, situation_of
from tasks.ingest import ingest_documents
from tests.projects import Project, Walk, themed
from tests.unit.storage.answers import answers
from tests.unit.triggers.situations import WINDOW, measure, performance, report, verdict


def a_check(at: datetime, version: int = 1, state: str = "none") -> Check:
    found = replace(report(verdict(state)), loop="tiny", model="tiny", version=version, at=at)
    measured = performance(measure("accuracy", (0.9, 0.8, 1.0), None))
    return Check(f"check of {at} {version}", "tiny", at, "tiny", version, WINDOW, found, measured, None, 1.0)


def test_everything_is_gathered(walked: Walk, copied: Project) -> None:
    """Champion, training, what came in since, checks of this champion newest first, feedback on its answers."""
    now = datetime.now(UTC) + timedelta(hours=1)
    job = copied.job(started=now)
    copied.write_rows(["id", "text"], [[f"n{at}", text] for at, text in enumerate(themed(30, seed=3))])
    ingest_documents.fn(job)
    store, registry = job.store(), open_registry(job.place.tracking_uri, job.place.artifacts_url)
    served = [replace(one, loop="tiny", at=now, version=1) for one in answers(5)]
    store.predictions.add(served)
    store.feedback.give(Feedback(served[0].id, "tiny", "ann", now, "wrong", None, None, None))
    old, others, newest = a_check(now - timedelta(days=1)), a_check(now, version=2), a_check(now)
    for check in (old, others):
        store.checks.add(check)
    found = situation_of(job, store, registry, newest, "please")
    assert (found.loop, found.now, found.version, found.asked) == ("tiny", now, 1, "please")
    assert found.trained_documents == walked.training.documents.documents == 120
    assert found.new_documents == 30 + 5
    assert timedelta(0) < now - found.trained_at < timedelta(hours=2)
    assert [one.at for one in found.drift] == [newest.at, old.at]
    assert found.performance == newest.performance
    assert found.wrong_by == (("ann", 0, 1),)
    assert found.unassigned_budget == job.config.assignment.unassigned
    store.checks.add(newest)
    assert situation_of(job, store, registry, newest, None).drift == found.drift
    assert situation_of(job, store, registry, None, None).performance == newest.performance
    assert situation_of(job, store, registry, others, None).performance == newest.performance
    store.close()


def test_a_decision(copied: Project) -> None:
    """A check that found a new subject asks for a retraining; the next one finds it open."""
    now = datetime.now(UTC)
    job = copied.job(started=now)
    decision = decide.fn(job, a_check(now, state="drift"))
    assert (decision.action, decision.version, decision.at) == ("request", 1, now)
    assert decision.reason.startswith("drift: 1 detector of 1 said new subject")
    assert decide.fn(job, a_check(now, state="drift")).action == "open"
    assert decide.fn(job, None, "please").action == "open"


def test_no_champion(project: Project) -> None:
    """Before the first release there is nothing to retrain, and it says what to do."""
    with pytest.raises(Refusal, match="tiny has no champion"):
        decide.fn(project.job(), None, "please")
