"""What people are told when a retraining has ended."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.records import ModelVersion, NoticeEvent, Outcome, Severity
from tasks.job import Job
from tasks.notify import notify


@task(task_run_name="tell how it ended", cache_policy=NO_CACHE)
def tell_outcome(job: Job, version: ModelVersion, outcome: Outcome) -> Outcome:
    """The outcome, told: promoted, rolled back by its canary, or held by the gate."""
    event, title = _news(job.config.name, version, outcome)
    severity: Severity = "critical" if outcome.back else "info" if outcome.released else "warning"
    notify.fn(
        job, event, subject=f"{version.name}/{version.version}", title=title, body=outcome.said, severity=severity
    )
    return outcome


def _news(name: str, version: ModelVersion, outcome: Outcome) -> tuple[NoticeEvent, str]:
    if outcome.back is not None:
        return "rolled back", f"{name}: version {version.version} was rolled back"
    if outcome.released is None:
        return "gate held", f"{name}: version {version.version} is not released"
    return "promoted", f"{name}: version {version.version} is the champion"
