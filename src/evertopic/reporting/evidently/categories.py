"""A test of two samples of categories that Evidently lacks: its chi-square takes the reference for the truth."""

from typing import Any

import pandas as pd
from scipy.stats import chi2_contingency

NAME = "two_sample_chi_square"


def two_sample_chi_square() -> str:
    """The name by which Evidently knows the test from now on.

    Its own tests will not do: `chisquare` counts the chance in the reference as none and so alarms too often, and
    `TVD` draws a thousand permutations three times for each column (10 s on 2,000 rows).
    """
    from evidently.legacy.calculations.stattests import StatTest, register_stattest
    from evidently.legacy.core import ColumnType

    test = StatTest(
        name=NAME,
        display_name="two-sample chi-square p_value",
        allowed_feature_types=[ColumnType.Categorical],
        default_threshold=0.05,
    )
    register_stattest(test, _run)
    return NAME


def p_of(reference: "pd.Series[Any]", window: "pd.Series[Any]") -> float:
    """That two samples of one mixture differ at least as much; 1 where there is one category or a side is empty."""
    counts = pd.concat([reference.value_counts(), window.value_counts()], axis=1).fillna(0).to_numpy()
    if len(counts) < 2 or not counts.sum(axis=0).all():
        return 1.0
    return float(chi2_contingency(counts, correction=False).pvalue)


def _run(
    reference_data: "pd.Series[Any]", current_data: "pd.Series[Any]", _kind: object, threshold: float
) -> tuple[float, bool]:
    p = p_of(reference_data, current_data)
    return p, p < threshold
