"""Telling people what the loop did; and what went wrong with a flow, as hooks of it. Neither ever fails a flow."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from prefect import Flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger
from prefect.runtime import flow_run as current
from prefect.utilities.urls import url_for

from evertopic.errors import BadInput, EvertopicError, Refusal
from evertopic.records import Notice, NoticeEvent, NoticeOutcome, Severity
from tasks.job import Job, read_job
from tasks.telling import tell

Links = Sequence[tuple[str, str]]


@task(task_run_name="notify: {event}", cache_policy=NO_CACHE)
def notify(
    job: Job,
    event: NoticeEvent,
    *,
    subject: str,
    title: str,
    body: str,
    severity: Severity = "info",
    links: Links = (),
) -> NoticeOutcome:
    """What came of telling people; the run that tells them is linked. It raises nothing that a receiver could cause.

    Args:
        job: whose loop.
        event: what happened.
        subject: what it happened to; the same event of the same subject is told once in a cool-down.
        title: one line.
        body: a few sentences.
        severity: warning: look within a day; critical: look now.
        links: (text, address) of more to read.
    """
    own = _run_link(current.id)
    return tell_and_log(job, Notice(job.config.name, event, subject, severity, title, body, (*links, *own)))


def tell_and_log(job: Job, notice: Notice) -> NoticeOutcome:
    """The same for code outside of tasks: hooks, and tests."""
    outcome, said = tell(job, notice, datetime.now(UTC))
    level = logging.INFO if outcome in {"delivered", "suppressed", "no receiver"} else logging.ERROR
    _logger().log(level, "Notice %r about %s: %s. %s", notice.event, notice.subject, outcome, said)
    return outcome


def told_retraining_failed(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A hook for on_failure, on_crashed and on_cancellation of trainings: people are told, with a link to the run.

    Of a run that was killed it is the worker that calls, by these very names.
    """
    _told(flow, flow_run, state, "retraining failed", "The retraining")


def told_monitor_failed(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """The same for monitor. Failures of one kind in a row are one subject: a cool-down lies between two messages."""
    _told(flow, flow_run, state, "monitor failed", "The monitor")


def _told(flow: Flow[Any, Any], run: FlowRun, state: State[Any], event: NoticeEvent, what: str) -> None:
    fault = state.result(raise_on_failure=False) if state.is_failed() else None
    refused = isinstance(fault, BadInput)
    try:
        job = read_job.fn(str(_config(flow, run)), None, None)
    except EvertopicError as unread:
        _logger().error("Nobody was told that %s %s: %s", run.name, state.name, unread)
        return
    loop = job.config.name
    notice = Notice(
        loop,
        "data refused" if refused else event,
        # Every pass of a broken monitor is another run: by its id each of them would be news.
        loop if flow.name == "monitor" else str(run.id),
        "warning" if isinstance(fault, BadInput | Refusal) or state.is_cancelled() else "critical",
        f"{what} of {loop} {_how(state, refused=refused)}",
        str(fault) if isinstance(fault, EvertopicError) else state.message or "It left no message.",
        _run_link(str(run.id)),
    )
    tell_and_log(job, notice)


def _config(flow: Flow[Any, Any], run: FlowRun) -> Any:
    """The config of the run, the flow's own where the run was not given one."""
    return run.parameters.get("config") or flow.parameters.properties.get("config", {}).get("default")


def _how(state: State[Any], *, refused: bool) -> str:
    if refused:
        return "refused its documents"
    return {"CRASHED": "crashed", "CANCELLED": "was cancelled"}.get(state.type.value, "failed")


def _run_link(run: str | None) -> tuple[tuple[str, str], ...]:
    address = url_for("flow-run", run) if run else None
    return (("run", address),) if address else ()


def _logger() -> Any:
    """The run's own logger; hooks of crashed runs have none."""
    try:
        return get_run_logger()
    except MissingContextError:
        return logging.getLogger("evertopic.notify")
