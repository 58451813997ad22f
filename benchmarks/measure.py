"""What a function costs, measured in a process of its own, shown as a table and kept as JSON."""

import json
import multiprocessing
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Cost(Generic[T]):
    """What a call gave and what it took; CPU seconds are of all threads together."""

    value: T
    cpu_s: float
    wall_s: float
    peak_mib: float
    """The most memory the whole process has held so far, imports included."""


def timed(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Cost[T]:
    """The cost of one call in this process."""
    cpu, wall = time.process_time(), time.perf_counter()
    value = function(*args, **kwargs)
    return Cost(value, time.process_time() - cpu, time.perf_counter() - wall, _peak_mib())


def measure(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Cost[T]:
    """The cost of one call in a fresh process, start-up of the interpreter not counted, imports counted.

    The function must be importable by name and what it gives picklable; its exceptions are raised here.
    """
    call: Callable[[], Cost[T]] = partial(timed, function, *args, **kwargs)
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
        return pool.submit(call).result()


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; numbers are shown with four significant digits, right-aligned."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title)
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*(f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row))
    Console().print(table)


def keep(name: str, facts: Mapping[str, Any]) -> Path:
    """Write `facts` and the machine they were measured on to results/NAME.json, and give that path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({**facts, "machine": _machine()}, indent=2) + "\n", encoding="utf-8")
    return path


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "threads": os.environ.get("OMP_NUM_THREADS", "unset"),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def _peak_mib() -> float:
    # ru_maxrss survives exec: a small child of a large parent would be charged with the parent's memory.
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
