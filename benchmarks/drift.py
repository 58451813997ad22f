"""False alarms and power of the drift verdicts, beside what others use: `python -m benchmarks.drift`."""

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from time import process_time

from benchmarks.drift_peers import PEERS
from benchmarks.drift_windows import Drawn, Field, drawn, fields
from benchmarks.measure import keep
from evertopic.drift import Look, Novelty, TopicMix
from evertopic.drift.domain_classifier import DomainClassifier
from evertopic.drift.mmd import Mmd
from evertopic.drift.topic_shares import counts_of, keyed
from evertopic.quality.classification import wilson as interval_of

RATE = 0.05
SIZES = (50, 100, 200, 500)
CELLS = ("none", "burst", "mix", "5", "10", "20", "50")
QUIET = ("none", "burst")
Verdict = Callable[[Drawn], bool]


def ours(detector: Novelty | TopicMix | Mmd | DomainClassifier, case: Drawn) -> bool:
    """True for drift, as the product decides at a budget of 5 % of the checks."""
    history = tuple(keyed(counts_of(one, len(case.topics)), case.topics) for one in case.history)
    return detector.judge(case.reference, case.window, Look(RATE, 0, case.topics, history)).drifted


OURS: dict[str, Verdict] = {
    "new subject (novelty)": partial(ours, Novelty()),
    "other proportions (topic_mix)": partial(ours, TopicMix()),
}
OTHERS: dict[str, Verdict] = {"mmd": partial(ours, Mmd()), "domain_classifier": partial(ours, DomainClassifier())}


def wilson(alarms: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    found = interval_of(alarms, of)
    return found.low, found.high


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a method alarms in one cell."""

    alarms: float
    interval: tuple[float, float]
    """Wilson's, 95 %."""
    windows: int
    cpu_s: float
    """Of one window."""


def measure(field: Field, cell: str, size: int, windows: int, methods: dict[str, Verdict]) -> dict[str, Rate]:
    """How often each method alarms on windows of one cell."""
    alarms, seconds = dict.fromkeys(methods, 0), dict.fromkeys(methods, 0.0)
    for seed in range(windows):
        case = drawn(field, cell, size, seed)
        for name, verdict in methods.items():
            started = process_time()
            alarms[name] += verdict(case)
            seconds[name] += process_time() - started
    return {
        name: Rate(count / windows, wilson(count, windows), windows, seconds[name] / windows)
        for name, count in alarms.items()
    }


def main() -> None:
    """Draws the windows, judges them, prints the table and keeps it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quiet", type=int, default=400, help="windows of the cells none and burst")
    options.add_argument("--windows", type=int, default=100, help="windows of each other cell")
    options.add_argument(
        "--others", type=int, metavar="WINDOWS", help="judge so many of each cell by the other methods"
    )
    options.add_argument("--only", help="one corpus, by the beginning of its name")
    given = options.parse_args()
    for field in fields():
        if given.only and not field.name.startswith(given.only):
            continue
        table = {}
        for size, cell in product(SIZES, CELLS):
            count = given.others or (given.quiet if cell in QUIET else given.windows)
            found = measure(field, cell, size, count, OTHERS | PEERS if given.others else OURS)
            table[f"{size} {cell}"] = found
            told = ", ".join(f"{name} {100 * one.alarms:.0f}" for name, one in found.items())
            print(f"{field.name}, {size} documents, {cell}: {told}", flush=True)
        name = f"drift_{field.name.split()[0].lower()}" + ("_others" if given.others else "")
        cells = {cell: {name: asdict(one) for name, one in found.items()} for cell, found in table.items()}
        keep(name, {"rate": RATE, "cells": cells})


if __name__ == "__main__":
    main()
