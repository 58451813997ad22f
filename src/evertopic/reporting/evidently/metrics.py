"""Our own findings as metrics of Evidently. Imported only when a page is made."""

from typing import Any

from evidently.core.metric_types import (
    MetricTest,
    MetricTestResult,
    SingleValue,
    SingleValueCalculation,
    SingleValueMetric,
    TestStatus,
    metric_tests_widget,
)
from evidently.legacy.renderers.html_widgets import CounterData, counter, table_data, text_widget


class Said(MetricTest):
    """A test whose outcome is known already."""

    outcome: str
    sentence: str

    def to_test(self) -> Any:
        """The function that Evidently calls; it computes nothing."""

        def run(_context: Any, metric: Any, value: SingleValue) -> MetricTestResult:
            return MetricTestResult(
                id="said",
                name=value.display_name,
                description=self.sentence,
                status=TestStatus(self.outcome),
                metric_config=metric.to_metric_config(),
                test_config=self.dict(),
            )

        return run


class Head(SingleValueMetric):
    """The top of the page: what was looked at, in words, and how many verdicts say drift."""

    drifted: int
    text: str
    counters: list[tuple[str, str]]


class HeadCalculation(SingleValueCalculation[Head]):
    """Shows it."""

    def calculate(self, context: Any, current_data: Any, reference_data: Any) -> SingleValue:  # noqa: ARG002
        """The number of verdicts that say drift."""
        result: SingleValue = self.result(self.metric.drifted)
        shown = [CounterData(label=label, value=value) for label, value in self.metric.counters]
        result.widget = [counter(title="", counters=shown), text_widget(title="", text=self.metric.text)]
        return result

    def display_name(self) -> str:
        """The name of the metric."""
        return "Verdicts that say drift"


class Verdict(SingleValueMetric):
    """The p of one of our calibrated detectors."""

    title: str
    p: float


class VerdictCalculation(SingleValueCalculation[Verdict]):
    """Says it; all verdicts are shown together."""

    def calculate(self, context: Any, current_data: Any, reference_data: Any) -> SingleValue:  # noqa: ARG002
        """The p of the detector."""
        result: SingleValue = self.result(self.metric.p)
        result.widget = []
        return result

    def display_name(self) -> str:
        """The name of the detector and what it speaks of."""
        return str(self.metric.title)


class Verdicts(SingleValueMetric):
    """All verdicts as a list of tests and as a table."""

    drifted: int
    lines: list[tuple[str, str, str]]
    """(name, sentence, outcome)."""
    columns: list[str]
    rows: list[list[str]]


class VerdictsCalculation(SingleValueCalculation[Verdicts]):
    """Shows them."""

    def calculate(self, context: Any, current_data: Any, reference_data: Any) -> SingleValue:  # noqa: ARG002
        """The number of verdicts that say drift."""
        result: SingleValue = self.result(self.metric.drifted)
        config = self.to_metric_config()
        tests = [
            MetricTestResult(
                id=name, name=name, description=said, status=TestStatus(outcome), metric_config=config, test_config={}
            )
            for name, said, outcome in self.metric.lines
        ]
        table = table_data(title="The verdicts in numbers", column_names=self.metric.columns, data=self.metric.rows)
        result.widget = [metric_tests_widget(tests), table]
        return result

    def display_name(self) -> str:
        """The name of the metric."""
        return "Verdicts that the decision was taken on"


class EmbeddingScore(SingleValueMetric):
    """What one of Evidently's embedding drift methods says of vectors that the report itself never holds."""

    title: str
    score: float
    shown: list[tuple[str, str]]
    """Of all methods, with the first; empty for the others."""


class EmbeddingScoreCalculation(SingleValueCalculation[EmbeddingScore]):
    """Shows it."""

    def calculate(self, context: Any, current_data: Any, reference_data: Any) -> SingleValue:  # noqa: ARG002
        """The score of the method."""
        result: SingleValue = self.result(self.metric.score)
        shown = [CounterData(label=label, value=value) for label, value in self.metric.shown]
        result.widget = [counter(title="Embedding drift by Evidently", counters=shown)] if shown else []
        return result

    def display_name(self) -> str:
        """The name of the method."""
        return str(self.metric.title)


class Heading(SingleValueMetric):
    """Words between the parts of the page."""

    text: str


class HeadingCalculation(SingleValueCalculation[Heading]):
    """Shows them."""

    def calculate(self, context: Any, current_data: Any, reference_data: Any) -> SingleValue:  # noqa: ARG002
        """Nothing worth a number."""
        result: SingleValue = self.result(0)
        result.widget = [text_widget(title="", text=self.metric.text)]
        return result

    def display_name(self) -> str:
        """The words."""
        return str(self.metric.text)
