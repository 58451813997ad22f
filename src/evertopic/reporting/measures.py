"""The measures of a scorecard as people read them, and which two of them tell a search best."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evertopic.records import Interval, Scorecard, Trial


@dataclass(frozen=True, slots=True)
class Measure:
    """One field of the scorecard in words."""

    name: str
    title: str
    meaning: str
    better: Literal["higher", "lower", "neither"]
    scale: tuple[float, float] | None
    """The ends of its scale, None where it has no end."""
    as_share: bool = False


MEASURES = (
    Measure(
        "c_v",
        "Coherence (c_v)",
        "Do the words of a topic keep the same company in documents? About 0.4 is loose, 0.6 and more is tight; "
        "compare it within one corpus only.",
        "higher",
        (0, 1),
    ),
    Measure(
        "npmi",
        "Coherence (NPMI)",
        "Do the words of a topic occur together more often than by chance? 0 is chance, 1 is always together.",
        "higher",
        (-1, 1),
    ),
    Measure(
        "u_mass",
        "Coherence (u_mass)",
        "How likely is the rarer word where the more frequent one occurs? A logarithm: closer to 0 is better.",
        "higher",
        None,
    ),
    Measure(
        "diversity",
        "Diversity",
        "How many of all top words belong to one topic only? Low values mean topics repeat one another.",
        "higher",
        (0, 1),
        as_share=True,
    ),
    Measure(
        "balance",
        "Balance",
        "Are topics of similar size? 1 is all equal, near 0 is one giant topic beside crumbs.",
        "higher",
        (0, 1),
    ),
    Measure(
        "largest",
        "Largest topic",
        "Share of the clustered documents in the largest topic. A model with one topic of half of them tells little.",
        "lower",
        (0, 1),
        as_share=True,
    ),
    Measure(
        "agreement",
        "Agreement with neighbours",
        "How often do the nearest known documents mostly carry the same topic as a new one?",
        "higher",
        (0, 1),
        as_share=True,
    ),
    Measure(
        "separation",
        "Separation",
        "Do documents lie closer to their own topic than to the next one? Mean silhouette by cosine: 1 is far apart, "
        "0 is on the border, below 0 is on the wrong side.",
        "higher",
        (-1, 1),
    ),
    Measure(
        "stability",
        "Stability",
        "Does training again with another seed group the documents alike? Adjusted Rand index: 1 is identical, "
        "0 is chance.",
        "higher",
        (0, 1),
    ),
    Measure(
        "unclustered",
        "Unclustered while fitting",
        "Documents the clustering itself left out; the assignment may still place them.",
        "lower",
        (0, 1),
        as_share=True,
    ),
    Measure(
        "unassigned",
        "Unassigned",
        "New documents that are given no topic, as the outlier budget allows.",
        "lower",
        (0, 1),
        as_share=True,
    ),
    Measure(
        "nmi",
        "Agreement with labels (NMI)",
        "How much do topics tell about the labels of the source? Shown for orientation, never used to choose.",
        "higher",
        (0, 1),
    ),
    Measure(
        "ari",
        "Agreement with labels (ARI)",
        "Are pairs of documents grouped as their labels group them? Shown for orientation, never used to choose.",
        "higher",
        (0, 1),
    ),
)


def measure_named(name: str) -> Measure | None:
    """The measure with this name, None where a report knows no words for it."""
    return next((measure for measure in MEASURES if measure.name == name), None)


def measured(card: Scorecard, measure: Measure) -> Interval | None:
    """The value with its interval; ends are nan for a plain number, None where it was not measured."""
    value: Interval | float | None = getattr(card, measure.name)
    return Interval(value, math.nan, math.nan) if isinstance(value, float | int) else value


def value_of(card: Scorecard, measure: Measure) -> float:
    """The bare value, nan where it was not measured."""
    interval = measured(card, measure)
    return math.nan if interval is None else interval.value


def telling_pair(trials: Sequence[Trial], criteria: Sequence[str]) -> tuple[Measure, Measure] | None:
    """The two criteria that pull hardest against each other, None where no two can be drawn.

    Both are known for at least half of the trials (and two) and differ among them. Hardest: the lowest rank
    correlation after turning both so that more is better; on a tie the earlier criteria win.
    """
    known = [measure for name in dict.fromkeys(criteria) if (measure := measure_named(name))]
    drawable = [measure for measure in known if _drawable([value_of(trial.scorecard, measure) for trial in trials])]
    pairs = list(itertools.combinations(drawable, 2))
    return min(pairs, key=lambda pair: round(_harmony(trials, *pair), 9)) if pairs else None


def _drawable(values: Sequence[float]) -> bool:
    finite = [value for value in values if math.isfinite(value)]
    return len(finite) >= max(2, len(values) / 2) and len(set(finite)) > 1


def _harmony(trials: Sequence[Trial], one: Measure, other: Measure) -> float:
    """Rank correlation in [-1, 1] over the trials that have both; 1 where it has no meaning."""
    from scipy.stats import rankdata

    rows = [(value_of(trial.scorecard, one), value_of(trial.scorecard, other)) for trial in trials]
    both = [row for row in rows if all(map(math.isfinite, row))]
    if len(both) < 2:
        return 1.0
    x, y = (rankdata(column) - (len(both) + 1) / 2 for column in zip(*both, strict=True))
    norm = math.sqrt(float(x @ x) * float(y @ y))
    turned = 1 if one.better == other.better else -1
    return turned * float(x @ y) / norm if norm else 1.0
