"""Memory of the API over 100,000 requests.

python -m benchmarks.serving_memory [--requests N] [--connections N] [--corpus FILE] [--home DIR | --embed JSON]
"""

import argparse
import time

import numpy as np

from benchmarks.api import Api, Reading, served
from benchmarks.corpora import short_texts
from benchmarks.demo import add_options, demo_at
from benchmarks.measure import keep, show
from benchmarks.stages import compute_in
from benchmarks.wrk import hammer

EVERY = 10_000
WARM = 20_000
"""Until then the memory of vectors fills, and libraries take what they keep."""
GOAL = 1.0
"""MiB for 10,000 requests more."""
LOOK_S = 1.0
BOUNDS = {"requests_per_minute": 100_000_000}
"""All else is as it comes: vectors of texts that were asked before are remembered."""


def watch(api: Api, requests: int) -> list[Reading]:
    """Readings at the start, at every 10,000 answers and at the end; to be called while the service is loaded."""
    readings = [api.reading()]
    while readings[-1].predictions < requests:
        time.sleep(LOOK_S)
        reading = api.reading()
        if reading.predictions >= min(requests, readings[-1].predictions // EVERY * EVERY + EVERY):
            readings.append(reading)
    return readings


def slope(readings: list[Reading]) -> float:
    """MiB for 10,000 answers more, by least squares over what came after the warm-up."""
    late = [reading for reading in readings if reading.predictions >= WARM]
    done, held = [reading.predictions for reading in late], [reading.resident_mib for reading in late]
    return EVERY * float(np.polyfit(done, held, 1)[0])


def main() -> None:
    """Measure, print the table, write benchmarks/results/serving_memory.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--corpus", help="a file of the data folder with a column text; default: gensim's sentences")
    parser.add_argument("--result", default="serving_memory", help="name of the file of figures")
    add_options(parser)
    chosen = parser.parse_args()
    compute_in(1)
    texts = short_texts(chosen.corpus).texts
    readings: list[Reading] = []
    with demo_at(chosen.home, chosen.embed) as home, served(home, BOUNDS) as api:
        load = hammer(
            api.address, texts, chosen.connections, None, lambda: readings.extend(watch(api, chosen.requests))
        )
        readings.append(api.reading())
    rows = [[f"{reading.predictions:,.0f}", reading.resident_mib, reading.cpu_s] for reading in readings]
    show(f"The API, {chosen.connections} connections, {len(texts):,} texts in turn", ["answers", "MiB", "CPU s"], rows)
    grown = slope(readings)
    print(f"{grown:+.2f} MiB for 10,000 requests more, after the first {WARM:,} (goal: at most {GOAL}).")
    print(f"{load.errors} errors in {load.requests:,} requests, {load.requests / load.seconds:.0f} a second.")
    facts = {
        "texts": len(texts),
        "connections": chosen.connections,
        "requests": load.requests,
        "errors": load.errors,
        "per_s": load.requests / load.seconds,
        "mib_by_answers": {f"{reading.predictions:.0f}": reading.resident_mib for reading in readings},
        "mib_per_10000": grown,
        "goal": GOAL,
    }
    print(f"Written to {keep(chosen.result, {**facts, 'met': grown <= GOAL and not load.errors})}")


if __name__ == "__main__":
    main()
