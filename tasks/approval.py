"""The last word of a person: a run that waits, and the answer that wakes it."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.exceptions import FlowPauseTimeout, ObjectNotFound
from prefect.flow_runs import pause_flow_run, resume_flow_run

from evertopic.records import Approval
from tasks.gate import GateRef
from tasks.job import Job

LOOKS_EVERY_S = 2
"""Seconds between two looks of a waiting run."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Word:
    """What the person said, or that nobody had to be asked."""

    approved: bool
    said: str
    by: str | None = None


def await_approval(job: Job, version: int, gate: GateRef) -> Word:
    """What the person said; the run of the flow is paused until then. Not a task: only a flow can be paused.

    Nobody is asked where the config does not want it or the gate holds the version anyway. No answer in time is a no.
    """
    rule = job.config.gate.approval
    if not (rule.required and gate.passed):
        return Word(approved=True, said="")
    asked = _ask(job, version)
    seconds = max(1, int((asked.until - datetime.now(UTC)).total_seconds()))
    if asked.approved is None:
        try:
            pause_flow_run(timeout=seconds, poll_interval=LOOKS_EVERY_S, key=f"approve {version}")
        except FlowPauseTimeout:
            logger.warning("Nobody has approved version %d of %s in time", version, job.config.name)
    return _word(job, version)


def wake(run: str | None) -> bool:
    """True when the run that waits for an answer goes on; False when none waits any more."""
    if run is None:
        return False
    with get_client(sync_client=True) as client:
        try:
            state = client.read_flow_run(UUID(run)).state
        except ObjectNotFound:
            return False
    if state is None or not state.is_paused():
        return False
    try:
        resume_flow_run(UUID(run))
    except FlowPauseTimeout:
        return False
    return True


def _ask(job: Job, version: int) -> Approval:
    context, store, now = FlowRunContext.get(), job.store(), datetime.now(UTC)
    run = str(context.flow_run.id) if context and context.flow_run else None
    try:
        until = now + job.config.gate.approval.timeout
        return store.approvals.ask(job.config.name, version, asked_at=now, until=until, run=run)
    finally:
        store.close()


def _word(job: Job, version: int) -> Word:
    store = job.store()
    try:
        found = store.approvals.get(job.config.name, version)
    finally:
        store.close()
    if found is None or found.approved is None:
        return Word(approved=False, said=f"Held: nobody has approved version {version} in time.")
    comment = f": {found.comment}" if found.comment else ""
    verb = "Approved" if found.approved else "Held: refused"
    return Word(approved=found.approved, said=f"{verb} by {found.by}{comment}.", by=found.by)
