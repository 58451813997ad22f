"""What Prefect costs: the demo's walk as a flow against the same task functions called directly.

python -m benchmarks.overhead [--repeats N] [--encode]
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.corpora import ROOT
from benchmarks.measure import keep, measure, show
from benchmarks.stages import cpu_seconds, living_children_cpu_seconds, one_thread

GOAL = 0.05
CONFIG = "configs/demo.yaml"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Walk:
    """What one walk took; CPU seconds of this process and of Prefect's temporary server together."""

    start_cpu_s: float
    """Imports, and for the flow Prefect's temporary server with its first, empty flow."""
    start_wall_s: float
    cpu_s: float
    wall_s: float
    server_cpu_s: float
    """Of `cpu_s`, what the server took."""


def direct(home: str, config: str = CONFIG) -> Walk:
    """The walk by the task functions alone."""
    _at_home(home)
    start = _clock()
    from benchmarks.walk import imports, walk

    imports()
    begun = _clock()
    walk(config)
    return _walk(start, begun, _clock())


def flow(home: str) -> Walk:
    """The walk by Prefect, its server already running when the walk begins."""
    _at_home(home)
    start = _clock()
    from benchmarks.walk import imports
    from flows.train import train

    imports()
    _first_flow()
    begun = _clock()
    train(CONFIG)
    return _walk(start, begun, _clock())


def main() -> None:
    """Measure, print the table, write benchmarks/results/overhead.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2, help="walks of each kind, of which the cheapest counts")
    parser.add_argument("--encode", action="store_true", help="encode the texts in every walk, as a first run does")
    chosen = parser.parse_args()
    one_thread()
    with tempfile.TemporaryDirectory() as prepared:
        measure(direct, prepared)  # compiles what numba keeps, and stores the vectors
        vectors = None if chosen.encode else Path(prepared) / "vectors"
        pairs = [(_in_copy(direct, vectors), _in_copy(flow, vectors)) for _ in range(chosen.repeats)]
    ours, theirs = (min(walks, key=lambda walk: walk.cpu_s) for walks in zip(*pairs, strict=True))
    rows = [[name, *asdict(walk).values()] for name, walk in (("called directly", ours), ("Prefect flow", theirs))]
    show(
        "The demo's walk, vectors stored, all else cold" if vectors else "The demo's walk, everything cold",
        ["walk", "start CPU s", "start wall s", "CPU s", "wall s", "of it server CPU s"],
        rows,
    )
    cpu, wall = theirs.cpu_s / ours.cpu_s - 1, theirs.wall_s / ours.wall_s - 1
    print(f"Prefect adds {cpu:+.1%} CPU and {wall:+.1%} wall to the walk (goal: at most {GOAL:.0%}),")
    print(f"  and {theirs.start_wall_s - ours.start_wall_s:.1f} s of wall to its start.")
    facts: dict[str, object] = {
        "direct": asdict(ours),
        "flow": asdict(theirs),
        "all": [[asdict(walk) for walk in pair] for pair in pairs],
    }
    facts["overhead"] = {"cpu": cpu, "wall": wall, "cpu_s": theirs.cpu_s - ours.cpu_s, "goal": GOAL}
    name = "overhead-encode" if chosen.encode else "overhead"
    print(f"Written to {keep(name, {**facts, 'met': cpu <= GOAL})}")


def _in_copy(run: Callable[[str], Walk], vectors: Path | None) -> Walk:
    """One walk in a home of its own that holds the vectors and nothing else."""
    with tempfile.TemporaryDirectory() as home:
        if vectors is not None:
            shutil.copytree(vectors, Path(home) / "vectors")
        return measure(run, home).value


def _at_home(home: str) -> None:
    from evertopic.storage.registry import MLFLOW_DEFAULTS

    os.chdir(ROOT)
    os.environ |= MLFLOW_DEFAULTS
    os.environ |= {"EVERTOPIC_HOME": home, "PREFECT_HOME": f"{home}/prefect", "PREFECT_LOGGING_LEVEL": "WARNING"}
    os.environ |= {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


def _first_flow() -> None:
    """Starts the temporary server, and with it everything that Prefect does once."""
    from prefect import flow as as_flow
    from prefect import task as as_task

    @as_task
    def one() -> int:
        return 1

    @as_flow(name="first")
    def first() -> int:
        return one()

    first()


def _clock() -> tuple[float, float, float]:
    """CPU seconds of this process, of its children, wall."""
    own, every = time.process_time(), cpu_seconds()
    return own, every - own + living_children_cpu_seconds(os.getpid()), time.perf_counter()


def _walk(
    start: tuple[float, float, float], begun: tuple[float, float, float], end: tuple[float, float, float]
) -> Walk:
    return Walk(
        start_cpu_s=sum(begun[:2]) - sum(start[:2]),
        start_wall_s=begun[2] - start[2],
        cpu_s=sum(end[:2]) - sum(begun[:2]),
        wall_s=end[2] - begun[2],
        server_cpu_s=end[1] - begun[1],
    )


if __name__ == "__main__":
    main()
