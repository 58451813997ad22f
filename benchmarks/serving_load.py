"""The API under load: throughput at 1 to 64 connections against the encoder alone, measured between the levels.

python -m benchmarks.serving_load [--seconds N] [--connections N ...] [--threads N] [--corpus FILE]
                                  [--home DIR | --embed JSON] [--result NAME]
"""

import argparse
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.api import Api, served
from benchmarks.corpora import Corpus, short_texts
from benchmarks.demo import add_options, champion_of, demo_at
from benchmarks.encode import plain_encoder
from benchmarks.measure import keep, show, timed
from benchmarks.stages import compute_in
from benchmarks.wrk import hammer

GOAL = 0.8
MANY = 32
CONNECTIONS = (1, 4, 16, 32, 64)
WARM_UP_S = 5
UNBOUND = {"cache_texts": 0, "requests_per_minute": 100_000_000}
"""Every text is encoded anew, and nobody is told to come back later."""
_ways: dict[str, Any] = {}
"""In the process of `Alone`: the encoders by their names."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Texts a second, of wall and of CPU."""

    wall: float
    cpu: float


class Alone:
    """Encoders with nothing around them, in a process of their own: all texts in one call, batches of 32.

    `plain` is sentence-transformers as its users call it, `own` the encoder of the served model.
    """

    def __init__(self, pool: ProcessPoolExecutor, texts: Sequence[str]) -> None:
        self._pool, self._texts = pool, list(texts)
        self.rates: dict[str, list[Rate]] = {"plain": [], "own": []}

    @classmethod
    @contextmanager
    def started(cls, home: Path, texts: Sequence[str]) -> Iterator["Alone"]:
        """Both loaded and warm."""
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=fresh, initializer=_load, initargs=(str(home),)) as pool:
            yield cls(pool, texts)

    def measure(self) -> None:
        """One more rate of each."""
        for way, rates in self.rates.items():
            rates.append(self._pool.submit(_encode, way, self._texts).result())


def _load(home: str) -> None:
    _ways["plain"] = plain_encoder()
    _ways["own"] = champion_of(Path(home)).encoder.encode
    for encode in _ways.values():
        encode(["one short text", "and another one"])


def _encode(way: str, texts: list[str]) -> Rate:
    cost = timed(_ways[way], texts)
    return Rate(len(texts) / cost.wall_s, len(texts) / cost.cpu_s)


def level(api: Api, texts: Sequence[str], connections: int, seconds: float) -> dict[str, Any]:
    """What the API did for so many connections, and what it took."""
    before = api.reading()
    load = hammer(api.address, texts, connections, seconds)
    after = api.reading()
    answered = after.predictions - before.predictions
    cpu_s = after.cpu_s - before.cpu_s
    spent = {stage: 1e3 * (total - before.stage_s[stage]) / answered for stage, total in after.stage_s.items()}
    return {
        "connections": connections,
        **asdict(load),
        "per_s": load.requests / load.seconds,
        "per_cpu_s": answered / cpu_s,
        "server_cpu_s": cpu_s,
        "texts_a_round": answered / (after.rounds - before.rounds),
        "stage_ms_a_text": spent,
        "resident_mib": after.resident_mib,
    }


def main() -> None:
    """Measure, print the tables, write benchmarks/results/serving_load.json."""
    chosen = _arguments()
    compute_in(chosen.threads)
    corpus = short_texts(chosen.corpus)
    with (
        demo_at(chosen.home, chosen.embed) as home,
        Alone.started(home, corpus.texts[: chosen.sample]) as alone,
        served(home, UNBOUND, chosen.threads) as api,
    ):
        hammer(api.address, corpus.texts, MANY, WARM_UP_S)
        alone.measure()
        levels = [_between(alone, level, api, corpus.texts, each, chosen.seconds) for each in chosen.connections]
    for place, found in enumerate(levels):
        found.update(_ratios(found, {way: rates[place : place + 2] for way, rates in alone.rates.items()}))
    _tell(corpus, levels, alone)
    facts = {"corpus": corpus.name, "texts": len(corpus.texts), "seconds": chosen.seconds, "levels": levels}
    facts |= {"alone": {way: [asdict(rate) for rate in rates] for way, rates in alone.rates.items()}, "goal": GOAL}
    print(f"Written to {keep(chosen.result, {**facts, 'met': _met(levels)})}")


def _met(levels: Sequence[dict[str, Any]]) -> bool:
    reached = [found["to_own"]["wall"] for found in levels if found["connections"] >= MANY]
    return bool(reached) and min(reached) >= GOAL and not any(found["errors"] for found in levels)


def _between(alone: Alone, measured: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    found = measured(*args)
    alone.measure()
    return found


def _ratios(found: dict[str, Any], around: dict[str, list[Rate]]) -> dict[str, dict[str, float]]:
    """Throughput against each encoder alone, just before and just after."""
    return {
        f"to_{way}": {
            "wall": found["per_s"] / float(np.mean([rate.wall for rate in rates])),
            "cpu": found["per_cpu_s"] / float(np.mean([rate.cpu for rate in rates])),
        }
        for way, rates in around.items()
    }


def _tell(corpus: Corpus, levels: list[dict[str, Any]], alone: Alone) -> None:
    columns = ["clients", "per s", "p50 ms", "p99 ms", "max ms", "errors", "round", "CPU ms", "wall", "CPU"]
    rows = [
        [
            *(f"{found[name]:.0f}" for name in ("connections", "per_s", "p50_ms", "p99_ms", "worst_ms", "errors")),
            f"{found['texts_a_round']:.1f}",
            f"{1e3 / found['per_cpu_s']:.1f}",
            *(f"{share:.0%}" for share in found["to_own"].values()),
        ]
        for found in levels
    ]
    print(
        f"{len(corpus.texts):,} texts of {corpus.name}. round: texts encoded together, CPU ms: of the service, a text,"
    )
    print("wall, CPU: throughput as a share of the rate of the encoder alone, all texts in one call, batches of 32.")
    show("The API", columns, rows)
    moments = ["before", *(f"after {found['connections']}" for found in levels)]
    rates = [[way, *(f"{rate.wall:.0f}" for rate in each)] for way, each in alone.rates.items()]
    rates += [[f"{way}, CPU", *(f"{rate.cpu:.0f}" for rate in each)] for way, each in alone.rates.items()]
    show("Encoders alone, texts a second", ["encoder", *moments], rates)
    print(f"Goal: at least {GOAL} of the encoder's own rate at {MANY} connections and more, without errors.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="of each level")
    parser.add_argument("--connections", type=int, nargs="+", default=CONNECTIONS)
    parser.add_argument("--threads", type=int, default=1, help="of the encoder, in the service and alone")
    parser.add_argument("--corpus", help="a file of the data folder with a column text; default: gensim's sentences")
    parser.add_argument("--sample", type=int, default=640, help="texts for the encoders alone")
    parser.add_argument("--result", default="serving_load", help="name of the file of figures")
    add_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
