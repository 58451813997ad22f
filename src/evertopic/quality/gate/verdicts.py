"""From what was measured to what is done: every check with its value, threshold and verdict, then the one decision."""

from collections.abc import Sequence

from evertopic.quality.gate import checks
from evertopic.quality.gate.checks import Shown
from evertopic.quality.gate.rule import GateRule
from evertopic.records import GateCheck

REASONS = ("better", "budget", "new subject")
"""Any one of these checks is a reason to release; all others only stand in the way."""


def decide(
    shown: Shown, rule: GateRule, budget: float, *, first: bool, subject: bool
) -> tuple[tuple[GateCheck, ...], bool, str]:
    """The checks, whether the challenger passes, and why, in one or two sentences.

    Args:
        shown: what was measured.
        rule: the thresholds.
        budget: share of documents that may stay unassigned.
        first: nothing was released yet, so nothing has to be better.
        subject: an open episode says that a new subject has arrived.
    """
    found = (
        checks.quality(shown, rule.margin),
        checks.better(shown, rule.gain),
        checks.budget(shown, budget),
        checks.subject(shown, subject=subject, nearer=rule.nearer),
        checks.stability(shown, rule.stability),
        checks.unassigned(shown, 2 * budget if rule.unassigned is None else rule.unassigned),
        checks.churn(shown, rule.churn, subject=subject),
        checks.behaviour(shown),
        checks.baseline(shown, rule.baseline),
        checks.least("parity", shown.parity, shown.parity_required, "of the documents are answered as in memory"),
        checks.most("latency", shown.p95_ms, rule.p95_ms, "ms for the slowest twentieth of single answers"),
        checks.most("memory", shown.memory_mb, rule.memory_mb, "MB to load it and to answer"),
        checks.most("size", shown.size_mb, rule.size_mb, "MB on disk"),
        checks.corrections(shown, rule.corrections),
        checks.history(shown),
    )
    return found, *conclude(found, first=first)


def conclude(found: Sequence[GateCheck], *, first: bool) -> tuple[bool, str]:
    """Whether the challenger is released, and why."""
    failed = [check for check in found if check.verdict == "failed" and check.name not in REASONS]
    reasons = [check for check in found if check.verdict == "passed" and check.name in REASONS]
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        return False, f"Held: {failed[0].name}{more}. {failed[0].said}"
    if first:
        return True, "Released: there is no champion yet, and every check was passed."
    if not reasons:
        better = next((check for check in found if check.name == "better"), None)
        return False, "Held: it is different, not better." + (f" {better.said}" if better else "")
    return True, f"Released: {reasons[0].said}"
