"""One retraining at a time, and not too often: the table of what is done when."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from evertopic.records import Episode
from evertopic.triggers.policy import RetrainRule, course, going_on
from tests.unit.triggers.situations import DAY, HOUR, NOW, episode, evaluation

RULE = RetrainRule()
MINUTE = timedelta(minutes=1)


def done(closed_at: datetime, **changes: Any) -> Episode:
    opened = closed_at - HOUR
    return episode(opened, **({"state": "done", "closed_at": closed_at, "outcome": "promoted"} | changes))


def failed(attempts: int, ago: timedelta) -> Episode:
    return episode(NOW - DAY, attempts=attempts, failed_at=NOW - ago, outcome="run r1 is Crashed", run="r1")


QUIET, FIRED, ASKED = (), (evaluation(),), (evaluation("manual"),)
WEEK = [done(NOW - days * DAY) for days in (2, 3, 4)]


@pytest.mark.parametrize(
    ("evaluations", "episodes", "action"),
    [
        (QUIET, [], "nothing"),
        (FIRED, [], "request"),
        (ASKED, [], "request"),
        # open: single flight, for a person too, and also when nothing fires any more
        (FIRED, [episode()], "open"),
        (ASKED, [episode(attempts=1, run="r1")], "open"),
        (QUIET, [episode()], "open"),
        # cool-down of a day after the end
        (FIRED, [done(NOW - 23 * HOUR)], "cooling down"),
        (FIRED, [done(NOW - 24 * HOUR)], "request"),
        (ASKED, [done(NOW - HOUR)], "request"),
        (FIRED, [done(NOW - HOUR, state="gave up")], "gave up"),
        (FIRED, [done(NOW - 25 * HOUR, state="gave up")], "request"),
        # three in seven days
        (FIRED, WEEK, "over budget"),
        (ASKED, WEEK, "request"),
        (FIRED, [*WEEK[:2], done(NOW - 8 * DAY)], "request"),
        # back-off of 10, then 20 minutes; three attempts
        (FIRED, [failed(1, 9 * MINUTE)], "backing off"),
        (FIRED, [failed(1, 10 * MINUTE)], "request"),
        (QUIET, [failed(1, 10 * MINUTE)], "request"),
        (FIRED, [failed(2, 19 * MINUTE)], "backing off"),
        (FIRED, [failed(2, 20 * MINUTE)], "request"),
        (FIRED, [failed(3, DAY)], "gave up"),
        (ASKED, [failed(1, MINUTE)], "request"),
        (ASKED, [failed(3, MINUTE)], "request"),
    ],
)
def test_table(evaluations: Any, episodes: list[Episode], action: str) -> None:
    """What is done, with a reason; the order in which episodes come does not matter."""
    for order in (episodes, episodes[::-1]):
        found = course(RULE, evaluations, order, NOW, fired=bool(evaluations))
        assert found.action == action
        assert found.reason.endswith((".", "Crashed")) or action == "nothing"


def test_reasons_have_times() -> None:
    """Since when, and from when on."""
    told = course(RULE, FIRED, [done(NOW - HOUR)], NOW, fired=True).reason
    assert told == (
        "The last retraining ended 2026-03-10 11:00 UTC (promoted): "
        "the next one may begin from 2026-03-11 11:00 UTC on."
    )
    told = course(RULE, FIRED, WEEK, NOW, fired=True).reason
    assert "3 retrainings in the last seven days, the budget is 3" in told
    assert "from 2026-03-13 11:00 UTC on" in told  # the oldest of the three was opened on the 6th at 11:00
    told = course(RULE, FIRED, [failed(1, MINUTE)], NOW, fired=True).reason
    assert "failed 2026-03-10 11:59 UTC, attempt 1 of 3; it is tried again from 2026-03-10 12:09 UTC on." in told


@pytest.mark.parametrize(
    "later",
    [
        done(NOW + 365 * DAY),
        episode(NOW + 365 * DAY, attempts=1, run="r1", failed_at=NOW + 365 * DAY),
        done(NOW + 365 * DAY, state="gave up"),
    ],
)
def test_a_clock_that_was_set_back(later: Episode) -> None:
    """An end in the future neither retrains at once nor blocks: it counts as now."""
    now = course(RULE, FIRED, [later], NOW, fired=True)
    assert now.action in {"cooling down", "backing off", "gave up"}
    assert "2027" not in now.reason


def test_no_cool_down() -> None:
    """With zeros a retraining may follow at once, and a failure is tried again at once."""
    eager = RetrainRule(cool_down=timedelta(0), back_off=timedelta(0))
    assert course(eager, FIRED, [done(NOW)], NOW, fired=True).action == "request"
    assert going_on(eager, failed(1, timedelta(0)), NOW).action == "request"


def test_durations_are_read_from_yaml() -> None:
    """ISO 8601, as the config writes them; nothing below zero."""
    assert RetrainRule.model_validate({"cool_down": "PT90M"}).cool_down == timedelta(minutes=90)
    with pytest.raises(ValueError, match="greater than or equal"):
        RetrainRule.model_validate({"back_off": "-PT1M"})
