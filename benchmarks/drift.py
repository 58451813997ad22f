"""False alarms and power of the drift verdicts, beside what others use: `python -m benchmarks.drift`."""

import argparse
from collections.abc import Callable
from functools import partial
from time import process_time

import numpy as np

from benchmarks.drift_peers import PEERS
from benchmarks.drift_windows import Drawn, Field, drawn, fields
from benchmarks.measure import keep
from evertopic.drift import Look, Novelty, TopicMix
from evertopic.drift.domain_classifier import DomainClassifier
from evertopic.drift.mmd import Mmd
from evertopic.drift.topic_shares import counts_of, keyed

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
    """Wilson's 95 % interval of a share."""
    z, p = 1.96, alarms / of
    centre, half = p + z * z / (2 * of), z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return (centre - half) / (1 + z * z / of), (centre + half) / (1 + z * z / of)


def measure(field: Field, cell: str, size: int, windows: int, methods: dict[str, Verdict]) -> dict[str, object]:
    """The share of windows that each method alarms on, with its interval, and CPU seconds a window."""
    alarms, seconds = dict.fromkeys(methods, 0), dict.fromkeys(methods, 0.0)
    for seed in range(windows):
        case = drawn(field, cell, size, seed)
        for name, verdict in methods.items():
            started = process_time()
            alarms[name] += verdict(case)
            seconds[name] += process_time() - started
    return {
        name: {
            "alarms": alarms[name] / windows,
            "interval": wilson(alarms[name], windows),
            "windows": windows,
            "cpu_s": seconds[name] / windows,
        }
        for name in methods
    }


def main() -> None:
    """Draws the windows, judges them, prints the table and keeps it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quiet", type=int, default=400, help="windows of the cells none and burst")
    options.add_argument("--windows", type=int, default=100, help="windows of each other cell")
    options.add_argument("--peers", type=int, default=50, help="windows of each cell that the other methods judge")
    options.add_argument("--only", help="one corpus, by the beginning of its name")
    given = options.parse_args()
    for field in fields():
        if given.only and not field.name.startswith(given.only):
            continue
        table = {}
        for size in SIZES:
            for cell in CELLS:
                count = given.quiet if cell in QUIET else given.windows
                found = measure(field, cell, size, count, OURS)
                found |= measure(field, cell, size, given.peers, OTHERS | PEERS) if given.peers else {}
                table[f"{size} {cell}"] = found
                told = ", ".join(f"{name} {100 * one['alarms']:.0f}" for name, one in found.items())  # type: ignore[index]
                print(f"{field.name}, {size} documents, {cell}: {told}", flush=True)
        keep(f"drift_{field.name.split()[0].lower()}", {"rate": RATE, "cells": table})


if __name__ == "__main__":
    main()
