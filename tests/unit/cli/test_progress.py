import io
import logging

from rich.console import Console

from evertopic.cli.progress import COUNTS, STEPS, Tally, watching


def test_a_tally_sums_parts_that_follow_one_another() -> None:
    """16 done, then a new part of 3 at 1: 17 of 19. A count that stays where it was is a new part too."""
    tally = Tally()
    assert tally.add(1, 16, 16) == (16, 16)
    assert tally.add(1, 1, 3) == (17, 19)
    assert tally.add(1, 3, 3) == (19, 19)
    assert tally.add(1, 3, 3) == (22, 22)


def test_a_tally_sums_threads() -> None:
    """Two threads at 2 of 4 and 1 of 4 are 3 of 8."""
    tally = Tally()
    tally.add(1, 2, 4)
    assert tally.add(2, 1, 4) == (3, 8)


def test_lines_are_written_for_steps_and_for_what_is_done() -> None:
    """Off a terminal there is a line as a step begins and one as a count ends, and none in between."""
    out = io.StringIO()
    with watching(Console(file=out, width=200), "opening", bars=False):
        _say_all()
    text = out.getvalue()
    assert "opening" in text
    assert "build the model" in text
    assert "texts encoded 4/4" in text
    assert "texts encoded 2/4" not in text


def test_bars_show_the_step_and_its_count() -> None:
    """On a terminal the bar of a count carries done and total, and growing totals are no fault."""
    out = io.StringIO()
    with watching(Console(file=out, width=120, force_terminal=True), "opening", bars=True):
        _say_all()
        _count("rows read", 5, 5)
        _count("rows read", 9, 9)
    text = out.getvalue()
    assert "build the model" in text
    assert "4/4" in text


def test_nobody_listens_afterwards() -> None:
    """When the flow is over its loggers are as they were."""
    before = (list(COUNTS.handlers), COUNTS.level, list(STEPS.handlers))
    with watching(Console(file=io.StringIO()), "opening", bars=False):
        assert len(COUNTS.handlers) == len(before[0]) + 1
    assert (list(COUNTS.handlers), COUNTS.level, list(STEPS.handlers)) == before


def _say_all() -> None:
    level = STEPS.level
    STEPS.setLevel(logging.DEBUG)
    STEPS.debug("Executing task 'x'", extra={"task_run_name": "build the model"})
    STEPS.debug("Finished in state Completed()", extra={"task_run_name": "never shown"})
    STEPS.setLevel(level)
    _count("texts encoded", 2, 4)
    _count("texts encoded", 4, 4)


def _count(step: str, done: int, total: int) -> None:
    COUNTS.info("%s %d/%d", step, done, total, extra={"step": step, "done": done, "total": total})
