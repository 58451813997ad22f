"""CPU seconds by stage, of this process and its finished children, each second counted in one stage only."""

import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def one_thread() -> None:
    """Let every process started from here compute in one thread, so that CPU seconds are comparable."""
    compute_in(1)


def compute_in(threads: int) -> None:
    """Let every process started from here compute in so many threads, and ask no hub for its models."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def cpu_seconds() -> float:
    """User and system seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def living_children_cpu_seconds(parent: int) -> float:
    """User and system seconds so far of all processes below `parent` that still run. Reads /proc, so Linux only."""
    below: dict[int, list[tuple[int, float]]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        ticks = sum(map(int, fields[11:15]))  # own time, and that of its own ended children
        below.setdefault(int(fields[1]), []).append((int(stat.parent.name), ticks / os.sysconf("SC_CLK_TCK")))

    def total(process: int) -> float:
        return sum(spent + total(child) for child, spent in below.get(process, []))

    return total(parent)


class Stages:
    """Adds up what each stage takes; a stage inside another one is taken out of the outer one."""

    def __init__(self) -> None:
        self.cpu_s: dict[str, float] = {}
        self.wall_s: dict[str, float] = {}
        self._open: list[str] = []
        self._cpu, self._wall = cpu_seconds(), time.perf_counter()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Whatever runs inside is charged to `name`."""
        self._charge()
        self._open.append(name)
        try:
            yield
        finally:
            self._charge()
            self._open.pop()

    def watch(self, thing: Any, stage: str, *methods: str) -> None:
        """Charge every call of these methods of one object to `stage`."""
        for method in methods:
            setattr(thing, method, self._charged(stage, getattr(thing, method)))

    def _charged(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def charged(*args: Any, **kwargs: Any) -> Any:
            with self.stage(stage):
                return call(*args, **kwargs)

        return charged

    def _charge(self) -> None:
        cpu, wall = cpu_seconds(), time.perf_counter()
        if self._open:
            name = self._open[-1]
            self.cpu_s[name] = self.cpu_s.get(name, 0.0) + cpu - self._cpu
            self.wall_s[name] = self.wall_s.get(name, 0.0) + wall - self._wall
        self._cpu, self._wall = cpu, wall
