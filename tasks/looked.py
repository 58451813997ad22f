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
    """Up to when the checks that count leave no gap, from `earliest` on.

    A check counts when it had enough documents, when a decision was made on it (one whose run was killed before that
    is lost, and its documents would be too), and when it began before the end of those before it: `--since` may leave
    a gap. One that looks back by hand, up to an earlier `--until`, takes nothing back.

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
    counted = [one for one in reversed(checks) if one.id in decided]
    reached = earliest
    if counted and len(listed) == CHECKS and counted[0].window.since is not None:
        reached = max(earliest, counted[0].window.since)  # what came before the oldest one listed is long done
    for one in counted:
        if one.window.since is None or one.window.since <= reached:
            reached = max(reached, _end(one))
    return reached


def _end(check: Check) -> datetime:
    """`--until` may lie in the future, of which nothing was seen."""
    return min(check.window.until, check.at)
