"""A notice on its way: claimed in the store, sent, written down. Nothing here needs Prefect."""

from contextlib import closing
from datetime import datetime
from uuid import uuid4

from evertopic.errors import EvertopicError
from evertopic.notifying import read_receivers, send
from evertopic.notifying.rendering import as_text
from evertopic.records import Notice, NoticeOutcome
from tasks.job import Job


def tell(job: Job, notice: Notice, at: datetime) -> tuple[NoticeOutcome, str]:
    """What came of it, and why in words. A notifier that fails fails nothing else: that is an outcome, too."""
    line = f"notice-{uuid4().hex[:12]}"
    try:
        withheld, away = _withheld(job, line, notice, at), ""
    except EvertopicError as fault:
        # Who is to hear that the database is away, if nothing is told without it?
        withheld, away = None, f" Whether it was told already is not known: {fault}"
    if withheld is not None:
        return "suppressed", withheld
    outcome, said = _sent(job, notice)
    return outcome, said + (away or _written(job, line, outcome))


def _withheld(job: Job, line: str, notice: Notice, at: datetime) -> str | None:
    """Why nobody is told; None: the notice is claimed, and the caller is to send it."""
    rule, body = job.config.notify, as_text(notice)
    with closing(job.store()) as store:
        if not rule.asks_for(notice):
            store.notices.put(line, notice, body, at=at, outcome="suppressed")
            return "The config does not ask for it (notify.events, notify.least_severity)."
        if store.notices.claim(line, notice, body, at=at, cool_down=rule.cool_down):
            return None
        return f"The same was told less than {rule.cool_down} ago (notify.cool_down)."


def _sent(job: Job, notice: Notice) -> tuple[NoticeOutcome, str]:
    try:
        receivers = read_receivers(job.place.notify)
    except EvertopicError as fault:
        return "failed", str(fault)
    if not receivers:
        return "no receiver", "EVERTOPIC_NOTIFY names no address to deliver it to."
    deliveries = send(receivers, notice)
    missed = ", ".join(f"number {one.position} ({one.scheme})" for one in deliveries if not one.arrived)
    if missed:
        return "failed", f"Of {len(deliveries)} receivers in EVERTOPIC_NOTIFY, {missed} did not take it."
    return "delivered", f"All {len(deliveries)} receivers took it."


def _written(job: Job, line: str, outcome: NoticeOutcome) -> str:
    """Nothing, or why the outcome could not be written down."""
    try:
        with closing(job.store()) as store:
            store.notices.close(line, outcome)
    except EvertopicError as fault:
        return f" The outcome could not be stored: {fault}"
    return ""
