"""How strange consecutive windows are in ordinary times, which is stranger than documents drawn from all of them.

What is talked about for a day is a small subject of its own: shuffled documents know nothing of that. So a window is
also held against windows of the past: stretches of the reference in order of time, each beside all the rest of it, and
the checks that raised no alarm.
"""

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from evertopic.drift.permuting import Flags, relabelled
from evertopic.records import Integers, Times

PILOTS = 40
"""Relabellings that tell the mean and the spread of a statistic where nothing is new."""
FEWEST, MOST, SMALLEST = 8, 20, 25
"""Stretches of the reference, and documents of each."""


def standardised(statistic: Callable[[Flags], float], window: Flags, strata: Integers, seed: int) -> float:
    """How many standard deviations a window is above windows drawn from its own strata; 0 where they do not differ."""
    drawn = np.array([statistic(each) for each in islice(relabelled(window, strata, seed), PILOTS)])
    spread = float(drawn.std(ddof=1))
    return 0.0 if spread <= 1e-12 else (statistic(window) - float(drawn.mean())) / spread


def stretches(times: Times, documents: int) -> list[Flags]:
    """Consecutive documents of the reference (m,), as many as a window has; at least eight stretches, or none.

    Args:
        times: (m,) of the reference; where one is not known, nothing is known of the order.
        documents: of the window.
    """
    number = min(int(np.clip(len(times) // max(1, documents), FEWEST, MOST)), len(times) // SMALLEST)
    if number < FEWEST or np.isnat(times).any():
        return []
    parts = np.array_split(np.argsort(times, kind="stable"), number)
    return [np.isin(np.arange(len(times)), part) for part in parts]


def beside(score: float, past: Sequence[float]) -> float:
    """The chance that one more window of the past scores at least so much, in (0, 1]; 0 where fewer than eight
    are known, which says nothing against an alarm.

    Student's distribution for one more of them; they are never taken for calmer than windows drawn by chance.
    """
    from scipy.stats import t

    if len(past) < FEWEST:
        return 0.0
    centre, spread = max(0.0, float(np.mean(past))), max(1.0, float(np.std(past, ddof=1)))
    chance = t.sf((score - centre) / (spread * np.sqrt(1 + 1 / len(past))), len(past) - 1)
    return float(max(chance, np.finfo(float).tiny))
