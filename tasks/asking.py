"""A person's wish for a retraining, handed on to the worker."""

from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.records import Decision
from tasks.announce_check import tell_of_request
from tasks.job import Job
from tasks.requesting import Requested, request_retraining


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a person's wish."""

    decision: Decision
    requested: Requested


@task(task_run_name="ask for the retraining", cache_policy=NO_CACHE)
def ask_for_retraining(job: Job, decision: Decision, config: str, *, elsewhere: bool) -> Asked:
    """The wish handed on to Prefect; or kept for whoever asked, who retrains by himself."""
    if not elsewhere:
        return Asked(decision, Requested("nothing", None, None, "It is done here."))
    requested = request_retraining.fn(job, decision, config)
    tell_of_request(job, decision, requested)
    return Asked(decision, requested)
