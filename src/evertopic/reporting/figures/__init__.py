"""One function a figure, each usable alone (logged to a registry, shown in a dashboard)."""

from evertopic.reporting.figures.coverage import coverage_curve
from evertopic.reporting.figures.document_map import MOST_POINTS, document_map
from evertopic.reporting.figures.hierarchy import topic_hierarchy
from evertopic.reporting.figures.lengths import length_histogram
from evertopic.reporting.figures.pareto import pareto_picture
from evertopic.reporting.figures.release_flows import release_flows
from evertopic.reporting.figures.seconds import step_seconds
from evertopic.reporting.figures.trend_lines import colours_of, trend_lines

__all__ = [
    "MOST_POINTS",
    "colours_of",
    "coverage_curve",
    "document_map",
    "length_histogram",
    "pareto_picture",
    "release_flows",
    "step_seconds",
    "topic_hierarchy",
    "trend_lines",
]
