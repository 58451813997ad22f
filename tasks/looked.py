"""Up to when all that came in has been looked at, and something was decided on it."""

from datetime import datetime

from evertopic.records import Check
from evertopic.storage.store import Store

CHECKS = 200
DECISIONS = 5_000


def judged(check: Check) -> bool:
    """True when a check had enough documents for one detector at least."""
    return any(verdict.state != "refused" for verdict in check.drift.verdicts)


def looked_until(store: Store, loop: str, version: int, earliest: datetime, now: datetime) -> datetime:
    """The end of the last check that counts, `earliest` without one; later than that nothing was looked at.

    A check counts when it had enough documents, when a decision was made on it (one whose run was killed before that
    is lost, and its documents would be too), and when it began where another one had ended: `--since` leaves a gap.

    Args:
        store: where checks and decisions are.
        loop: whose.
        version: of the champion.
        earliest: what came in up to then is no news.
        now: checks of a later time (a clock was set back) do not count.
    """
    listed = store.checks.list(loop, version=version, until=now, limit=CHECKS)
    checks = [one for one in listed if judged(one)]
    if not checks:
        return earliest
    decisions = store.decisions.list(loop, since=checks[-1].at, limit=DECISIONS)
    decided = {decision.check for decision in decisions}
    counted = [one for one in checks if one.id in decided]
    whole = len(listed) < CHECKS
    for at, one in enumerate(counted):
        older = counted[at + 1 :]
        if _joins(one, older, earliest) or not (older or whole):
            return max(earliest, _end(one))
    return earliest


def _end(check: Check) -> datetime:
    """`--until` may lie in the future, of which nothing was seen."""
    return min(check.window.until, check.at)


def _joins(check: Check, older: list[Check], earliest: datetime) -> bool:
    since = check.window.since
    return since is None or since <= earliest or any(since <= _end(one) for one in older)
