"""What a person sees while a flow runs: bars on a terminal, short lines elsewhere."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

COUNTS = logging.getLogger("evertopic.progress")
"""Records with step, done and total."""
STEPS = logging.getLogger("prefect.task_runs")
"""Prefect's records of task runs, with their names."""
BEGUN = "Executing task"


@contextmanager
def watching(console: Console, opening: str, *, bars: bool) -> Iterator[None]:
    """While it lasts, the steps of the flow appear on `console`; `opening` is shown until the first begins."""
    if not bars:
        console.print(opening)
        with _listening(Lines(console)):
            yield
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=False) as progress, _listening(Bars(progress, opening)):
        yield


class Lines(logging.Handler):
    """One line as each step begins, and one as each counted part of it ends."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._start = monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the line of a record, if it has one."""
        text = begun(record) or _counted(record)
        if text:
            self._console.print(f"{monotonic() - self._start:6.1f} s  {text}", soft_wrap=True, markup=False)


class Bars(logging.Handler):
    """One line with the current step, and one bar for each thing that is counted."""

    def __init__(self, progress: Progress, opening: str) -> None:
        super().__init__()
        self._progress = progress
        self._now = progress.add_task(opening, total=None, count="")
        self._bars: dict[str, TaskID] = {}
        self._tallies: dict[str, Tally] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Moves the bar of a record, or shows the step that it begins."""
        step = begun(record)
        if step:
            self._progress.update(self._now, description=step)
        elif hasattr(record, "step"):
            self._count(record.step, record.thread or 0, record.__dict__["done"], record.__dict__["total"])

    def _count(self, step: str, source: int, done: int, total: int) -> None:
        if step not in self._bars:
            self._bars[step] = self._progress.add_task(step, total=None, count="")
        done, total = self._tallies.setdefault(step, Tally()).add(source, done, total)
        # 0 of 0 is all of it; a bar without an end would look like one that never begins.
        reached, end = (done, total) if total else (1, 1)
        self._progress.update(self._bars[step], completed=reached, total=end, count=f"{done:,}/{total:,}")


class Tally:
    """The sum over parts that count by themselves: those of several threads, and one after another in each."""

    def __init__(self) -> None:
        self._ended = [0, 0]
        self._current: dict[int, tuple[int, int]] = {}

    def add(self, source: int, done: int, total: int) -> tuple[int, int]:
        """Done and total of all parts, now that the part of `source` stands at `done` of `total`.

        A count that falls back, or stays where it was, is the beginning of a new part.
        """
        before = self._current.get(source)
        if before and done <= before[0]:
            self._ended = [self._ended[0] + before[0], self._ended[1] + before[1]]
        self._current[source] = (done, total)
        parts = [tuple(self._ended), *self._current.values()]
        return sum(part[0] for part in parts), sum(part[1] for part in parts)


def begun(record: logging.LogRecord) -> str | None:
    """The name of the step that a record of Prefect says has begun, else None."""
    name: str | None = getattr(record, "task_run_name", None)
    return name if name and record.getMessage().startswith(BEGUN) else None


def _counted(record: logging.LogRecord) -> str | None:
    done, total = getattr(record, "done", None), getattr(record, "total", None)
    # While the end is not known, done and total grow together: every such record would be a line.
    return f"  {record.getMessage()}" if done is not None and done == total else None


@contextmanager
def _listening(handler: logging.Handler) -> Iterator[None]:
    level = COUNTS.level
    for logger in (COUNTS, STEPS):
        logger.addHandler(handler)
    COUNTS.setLevel(logging.INFO)
    try:
        yield
    finally:
        COUNTS.setLevel(level)
        for logger in (COUNTS, STEPS):
            logger.removeHandler(handler)
