"""A batch on the command line: its progress, and what became of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from evertopic.cli.answering import loader, log_of
from evertopic.cli.consoles import aside, show, show_json
from evertopic.cli.project import Project
from evertopic.cli.screens.predictions import outcome_object, outcome_screen
from evertopic.config import BatchRequest, LoopConfig, batch_of
from evertopic.prediction.batch import Tell, keeping, predict_batch, silent
from evertopic.reporting.formats import duration
from evertopic.storage.vectors import VectorStore

EVERY_S = 10.0
"""How often a line tells of the progress where no bar can be drawn."""


def run_batch(project: Project, loop: LoopConfig, request: BatchRequest, *, log: bool, as_json: bool) -> None:
    """Runs the batch and shows what became of it; progress and remarks go to stderr."""
    console, place = aside(), project.place
    load = loader(place, loop, keeping(VectorStore(place.vectors_url)))
    with log_of(place, loop.log, wanted=log) as remembered:
        batch = batch_of(loop, request, project.cwd, load, remembered)
        with watched(console, quiet=as_json) as tell:
            outcome = predict_batch(batch, datetime.now(UTC), tell, lambda said: console.print(said, markup=False))
    if as_json:
        show_json(outcome_object(outcome))
    else:
        show(outcome_screen(outcome))


@contextmanager
def watched(console: Console, *, quiet: bool) -> Iterator[Tell]:
    """While it lasts, what it gives shows how many of how many rows are done, how fast, and how long it will take."""
    if quiet:
        yield silent
        return
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (SpinnerColumn(), TextColumn("rows"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("rows", total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)


class Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        """The rate of the last seconds; a dash while nothing is known."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} rows/s" if speed else "– rows/s", style="progress.data.speed")


class Lines:
    """Progress as a line every ten seconds."""

    def __init__(self, console: Console) -> None:
        self._console, self._begun, self._told, self._first = console, monotonic(), monotonic(), -1

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` rows."""
        now = monotonic()
        if self._first < 0:
            self._first, self._begun = done, now
        if now - self._told < EVERY_S or done == self._first:
            return
        self._told = now
        rate = (done - self._first) / (now - self._begun)
        left = duration((total - done) / rate)
        self._console.print(f"{done:,} of {total:,} rows, {rate:,.0f} rows/s, {left} left", markup=False)
