"""The page of the gate."""

from evertopic.records import GateCheck, GateMeasure, GateReport, Interval
from evertopic.reporting import render_gate

CHECKS = (
    GateCheck("better", -0.01, 0.0, "failed", "Not better <b>beyond</b> noise."),
    GateCheck("churn", 0.1, 0.5, "passed", "10 % change."),
    GateCheck("corrections", None, None, "skipped", "Nobody has corrected an answer."),
)
MEASURES = (GateMeasure("quality", 0.5, 0.49, Interval(-0.01, -0.03, 0.01)),)
REPORT = GateReport("news", "news", 1, 2, 80, 500, CHECKS, passed=False, reason="Held: different.", measures=MEASURES)


def test_everything_is_told() -> None:
    """The decision, every check with what it asks for, the measures; foreign text is escaped."""
    page = render_gate(REPORT)
    assert "<h2>Held</h2>" in page
    assert "version 2 beside version 1" in page
    assert "better by enough, beyond noise: a reason to release" in page
    assert "Not better &lt;b&gt;beyond&lt;/b&gt; noise." in page
    assert "0.490" in page


def test_the_first_model() -> None:
    """Without a champion there is nothing beside it, and no table of measures."""
    page = render_gate(GateReport("news", "news", None, 1, 80, 0, CHECKS[1:], passed=True, reason="Released."))
    assert "<h2>Passed</h2>" in page
    assert "beside none" in page
    assert 'id="measures"' not in page
