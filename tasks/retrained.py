"""What people are told when a retraining has ended; what came of the release itself, the release tells."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.records import ModelVersion, Outcome
from tasks.job import Job
from tasks.notify import notify


@task(task_run_name="tell that it ended", cache_policy=NO_CACHE)
def tell_outcome(job: Job, version: ModelVersion, outcome: Outcome) -> Outcome:
    """The outcome of a retraining that ended well, told: promoted, held or rolled back, it is over."""
    notify.fn(
        job,
        "retraining finished",
        subject=f"{version.name}/{version.version}",
        title=f"{job.config.name}: a retraining made version {version.version}",
        body=outcome.said,
    )
    return outcome
