"""What a person reads in Prefect's UI, and is told, when a check is done."""

from dataclasses import dataclass

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from evertopic.records import Check, Decision, DriftVerdict
from tasks.job import Job
from tasks.notify import notify
from tasks.requesting import Requested

SIGNS = {"drift": "⚠", "none": "✓", "refused": "–"}


@dataclass(frozen=True, slots=True)
class Passed:
    """One pass of the monitor: what was seen, what was decided, what was asked for."""

    check: Check
    decision: Decision
    requested: Requested


@task(task_run_name="announce the check", cache_policy=NO_CACHE)
def announce_check(job: Job, check: Check, decision: Decision, requested: Requested) -> Passed:
    """The pass, announced: a page with the verdicts, the decision and the links; people are told of a retraining."""
    window = check.window
    lines = [
        f"# {check.model}, version {check.version}: {window.documents} documents watched",
        f"{window.ingested} ingested, {window.served} asked, until {window.until:%Y-%m-%d %H:%M} UTC.",
        "",
        "| | detector | about | p | of at most | concerned | found |",
        "|---|---|---|---:|---:|---:|---|",
        *(_row(verdict) for verdict in check.drift.verdicts),
        "",
        f"**{decision.action}**: {decision.reason} {requested.said}",
        "",
        f"Page: `{job.place.lake_url}/{check.page}`." if check.page else "No page: too few documents.",
        f"Values over all checks: [MLflow]({job.place.mlflow_ui}), run `monitoring version {check.version}`.",
    ]
    create_markdown_artifact("\n".join(lines), key=f"{job.config.name}-check", description=decision.action)
    tell_of_request(job, decision, requested)
    return Passed(check, decision, requested)


def tell_of_request(job: Job, decision: Decision, requested: Requested) -> None:
    """People are told once of a retraining that was asked for, and of one that could not be."""
    name, subject = job.config.name, decision.episode or decision.id
    if requested.action == "requested":
        title = f"{name}: a retraining was asked for"
        notify.fn(job, "retraining triggered", subject=subject, title=title, body=decision.reason)
    if requested.action == "unreachable" and decision.episode is not None:
        title = f"{name}: a retraining is needed and could not be asked for"
        body = f"{decision.reason} {requested.said}"
        notify.fn(job, "retraining failed", subject=subject, title=title, body=body, severity="warning")


def _row(verdict: DriftVerdict) -> str:
    p = "" if verdict.p is None else f"{verdict.p:.2g}"
    size = "" if verdict.size is None else f"{verdict.size:.0%}"
    said = " ".join(verdict.said.split()).replace("|", "\\|")  # names of topics and words are other people's
    most = "" if verdict.threshold is None else f"{verdict.threshold:.2g}"
    return f"| {SIGNS[verdict.state]} | {verdict.detector} | {verdict.about} | {p} | {most} | {size} | {said} |"
