"""The page that says why a new model was released or held."""

from evertopic.records import GateReport
from evertopic.reporting.page import render_page

ASKED = {
    "measured": "it can be measured at all",
    "quality": "not worse than the champion",
    "better": "better by enough, beyond noise: a reason to release",
    "budget": "the champion fails its own budget: a reason to release",
    "new subject": "covers what is new better: a reason to release",
    "stability": "other seeds give much the same topics",
    "unassigned": "few recent documents stay without a topic",
    "churn": "most recent documents keep their topic",
    "behaviour": "odd texts are answered soundly",
    "baseline": "not far behind the simple baseline",
    "parity": "answers as it did in memory",
    "latency": "fast enough",
    "memory": "small enough in memory",
    "size": "small enough on disk",
    "corrections": "answers as people said",
    "history": "was never rolled back",
}
"""What each check asks for, in words."""
SIGNS = {"passed": "✓", "failed": "✗", "skipped": "–"}


def render_gate(report: GateReport) -> str:
    """What was measured and decided, as one HTML page that needs no network."""
    quality = [("measures", "Quality")] if report.measures else []
    return render_page(
        "gate.html",
        {},
        title=f"{report.model} {report.challenger}: {'passed' if report.passed else 'held'}",
        loop=report.loop,
        report=report,
        sections=[("summary", "Summary"), ("checks", "Checks"), *quality],
        asked=ASKED,
        signs=SIGNS,
        failed=sum(check.verdict == "failed" for check in report.checks),
    )
