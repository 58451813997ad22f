"""What came of the wish to release a version, for the run that asked and for people."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from evertopic.records import GateReport, NoticeEvent, Outcome, Restated, Severity
from tasks.approval import Word
from tasks.canary import Verified
from tasks.gate import PAGE, GateRef, read_gate
from tasks.job import Job
from tasks.notify import notify
from tasks.promotion import Pair
from tasks.release import PAGE as DIFF_PAGE
from tasks.release import ReleaseRef
from tasks.retry import when_unavailable
from tasks.trends import restate_trends

SIGNS = {"passed": "✓", "failed": "✗", "skipped": "–"}


@task(task_run_name="tell the trends anew", cache_policy=NO_CACHE, retries=1, retry_condition_fn=when_unavailable)
def restate_released(job: Job, pair: Pair, verified: Verified) -> Restated | None:
    """What the new champion restated of the last days; None where none was released."""
    return None if verified.line is None else restate_trends.fn(job, pair.challenger)


@task(task_run_name="announce what came of it", cache_policy=NO_CACHE)
def announce_release(
    job: Job, pair: Pair, gate: GateRef, diff: ReleaseRef, word: Word, verified: Verified, restated: Restated | None
) -> Outcome:
    """What came of it, announced: a page with the checks and the links."""
    report = read_gate(job.lake(), gate)
    said = _said(pair, gate, word, verified)
    lines = [f"# {pair.challenger.name}: {said}", "", *_table(report), "", diff.said]
    lines += [f"{restated.restated} answers of the last days were told anew."] if restated else []
    lines += [f"Gate: `{job.place.lake_url}/{gate.key}/{PAGE}`."]
    lines += [f"Release: `{job.place.lake_url}/{diff.key}/{DIFF_PAGE}`."] if diff.key else []
    lines += [f"[MLflow run]({job.place.mlflow_ui}/#/runs/{pair.challenger.run_id})"]
    create_markdown_artifact("\n".join(lines), key=f"{job.config.name}-release")
    outcome = Outcome(verified.line, report, said, verified.back)
    _tell(job, pair, outcome)
    return outcome


def _tell(job: Job, pair: Pair, outcome: Outcome) -> None:
    version, name = pair.challenger.version, job.config.name
    news: tuple[NoticeEvent, Severity, str] = ("promoted", "info", f"{name}: version {version} is the champion")
    if outcome.back is not None:
        news = ("rolled back", "critical", f"{name}: version {version} was rolled back by itself")
    elif outcome.released is None:
        news = ("gate held", "warning", f"{name}: version {version} is not released")
    event, severity, title = news
    run = ("MLflow run", f"{job.place.mlflow_ui}/#/runs/{pair.challenger.run_id}")
    subject = f"{pair.challenger.name}/{version}"
    notify.fn(job, event, subject=subject, title=title, body=outcome.said, severity=severity, links=(run,))


def _said(pair: Pair, gate: GateRef, word: Word, verified: Verified) -> str:
    if not gate.passed:
        return gate.said
    if not word.approved:
        return word.said
    if verified.line is None:
        return verified.said
    before = f" in place of version {verified.line.previous}" if verified.line.previous is not None else ""
    return f"Version {pair.challenger.version} is the champion{before}. {gate.said} Asked afterwards: {verified.said}."


def _table(report: GateReport) -> list[str]:
    rows = [f"| {SIGNS[check.verdict]} | {check.name} | {check.said} |" for check in report.checks]
    return ["| | check | found |", "|---|---|---|", *rows]
