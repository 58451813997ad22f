"""The last word of a person: a run that waits, shown as paused in Prefect, until the answer is in the store."""

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.context import FlowRunContext
from prefect.flow_runs import resume_flow_run
from prefect.states import Paused

from evertopic.records import Approval, Notice
from tasks.gate import GateRef
from tasks.job import Job
from tasks.notify import tell_and_log

LOOKS_EVERY_S = 1.0
GRACE_S = 3_600
"""Prefect gives a paused run up so much later than we do: we end the pause ourselves, so that the run ends well."""
RESUMED = "somebody in Prefect's UI"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Word:
    """What the person said, or that nobody had to be asked."""

    approved: bool
    said: str
    by: str | None = None


def await_approval(job: Job, version: int, gate: GateRef) -> Word:
    """What the person said; the run of the flow is paused until then. Not a task: only a flow can be paused.

    Nobody is asked where the config does not want it or the gate holds the version anyway. No answer in time is a no;
    whoever resumes the run in Prefect's UI has said yes.
    """
    rule = job.config.gate.approval
    if not (rule.required and gate.passed):
        return Word(approved=True, said="")
    context, now = FlowRunContext.get(), datetime.now(UTC)
    run = context.flow_run.id if context and context.flow_run else None
    with closing(job.store()) as store:
        until = now + rule.timeout
        asked = store.approvals.ask(job.config.name, version, asked_at=now, until=until, run=str(run) if run else None)

        def look() -> Approval | None:
            return store.approvals.get(job.config.name, version)

        if asked.approved is None:
            logger.warning("Version %d of %s waits for `evertopic approve` until %s", version, asked.loop, until)
            _tell(job, version, gate, until)
            resumed = _paused(run, asked.until, look)
            found = look()
            if resumed and found is not None and found.approved is None and datetime.now(UTC) < found.until:
                by, at = RESUMED, datetime.now(UTC)
                store.approvals.decide(asked.loop, version, approved=True, by=by, comment=None, at=at)
        return _word(look(), version)


def _tell(job: Job, version: int, gate: GateRef, until: datetime) -> None:
    name = job.config.name
    body = f"{gate.said} Until {until:%Y-%m-%d %H:%M} UTC: `evertopic approve {name}`, or `--no`."
    title = f"{name}: version {version} waits for a person"
    tell_and_log(job, Notice(name, "approval asked", f"{job.config.model_name}/{version}", "warning", title, body))


def _paused(run: UUID | None, until: datetime, look: Callable[[], Approval | None]) -> bool:
    """Waits for an answer, or for the end of its time; True when somebody else has resumed the run."""
    if run is None:
        _wait(until, look, lambda: True)
        return False
    with get_client(sync_client=True) as client:
        seconds = int((until - datetime.now(UTC)).total_seconds()) + GRACE_S
        client.set_flow_run_state(run, Paused(timeout_seconds=seconds, reschedule=False, pause_key="approval"))
        _wait(until, look, lambda: _is_paused(client, run))
        if not _is_paused(client, run):
            return True
        resume_flow_run(run)
        return False


def _wait(until: datetime, look: Callable[[], Approval | None], paused: Callable[[], bool]) -> None:
    while datetime.now(UTC) < until and paused():
        found = look()
        if found is None or found.approved is not None:
            return
        sleep(LOOKS_EVERY_S)


def _is_paused(client: SyncPrefectClient, run: UUID) -> bool:
    state = client.read_flow_run(run).state
    return state is not None and state.is_paused()


def _word(found: Approval | None, version: int) -> Word:
    if found is None or found.approved is None:
        return Word(approved=False, said=f"Held: nobody has approved version {version} in time.")
    comment = f": {found.comment.rstrip('.')}" if found.comment else ""
    verb = "Approved" if found.approved else "Held: refused"
    return Word(approved=found.approved, said=f"{verb} by {found.by}{comment}.", by=found.by)
