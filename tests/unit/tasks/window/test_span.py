"""From when to when a check looks."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from evertopic.errors import BadInput
from evertopic.records import (
    Check,
    DriftReport,
    Performance,
    Window,
)
from evertopic.storage.store import Store
from tasks.looked import judged
from tasks.window import Watch
from tests.unit.tasks.window.arrivals import HOUR, MADE_OF, NOON, ingest, kept, ruled, take
from tests.unit.triggers.situations import verdict


def test_since_the_last_check_that_was_judged(watch: Watch, store: Store) -> None:
    """Not since one that had too few documents: they are looked at again, with those that joined them."""
    ingest(store, ["old"], NOON - 8 * HOUR)
    ingest(store, ["waiting"], NOON - 5 * HOUR)
    ingest(store, ["new"], NOON - 2 * HOUR)
    kept(store, "a", NOON - 6 * HOUR, "none")
    kept(store, "b", NOON - 4 * HOUR, "refused")
    kept(store, "c", NOON - 3 * HOUR, "none", version=2)
    window, texts = take(watch)
    assert texts == ["waiting", "new"]
    assert window.since == NOON - 6 * HOUR


def test_no_check_was_judged(watch: Watch, store: Store) -> None:
    """All since the champion was made, however many checks refused."""
    ingest(store, ["old"], NOON - 8 * HOUR)
    for number in range(3):
        kept(store, str(number), NOON - number * HOUR - HOUR, "refused")
    window, texts = take(watch)
    assert texts == ["old"]
    assert window.since == MADE_OF


def test_judged() -> None:
    """One detector with enough documents makes a check count."""
    window = Window("w", "w", None, NOON, 9, 9, 0)

    def check(*states: str) -> Check:
        report = DriftReport("news", "news", 3, NOON, window, tuple(verdict(state) for state in states))
        return Check("c", "news", NOON, "news", 3, window, report, Performance((), 0, 0, 0), None, 1.0)

    assert judged(check("refused", "none"))
    assert judged(check("drift"))
    assert not judged(check("refused", "refused"))
    assert not judged(check())


def test_the_last_days(watch: Watch, store: Store) -> None:
    """So many days, whatever was looked at before; never what the champion was made of."""
    ingest(store, ["old"], NOON - 30 * HOUR)
    ingest(store, ["new"], NOON - 20 * HOUR)
    kept(store, "a", NOON - HOUR, "none")
    window, texts = take(ruled(watch, days=1))
    assert texts == ["new"]
    assert window.since == NOON - 24 * HOUR
    assert take(ruled(watch, days=99))[0].since == MADE_OF


def test_the_last_documents(watch: Watch, store: Store) -> None:
    """So many, and the window begins right before the first of them: earlier windows need not overlap it."""
    ingest(store, ["one"], NOON - 9 * HOUR)
    ingest(store, ["two"], NOON - 8 * HOUR)
    ingest(store, ["three"], NOON - 7 * HOUR)
    window, texts = take(ruled(watch, documents=2))
    assert texts == ["two", "three"]
    assert window.since == NOON - 8 * HOUR - timedelta(seconds=1)
    window, texts = take(ruled(watch, documents=3))
    assert len(texts) == 3
    assert window.since == MADE_OF
    assert len(take(ruled(watch, documents=2), since=MADE_OF)[1]) == 3


def test_a_span_by_hand(watch: Watch, store: Store) -> None:
    """Later than `since`, up to `until`, whatever the config says; what came before the champion was made, too."""
    for hours in (110, 9, 8, 7):
        ingest(store, [f"{hours} hours ago"], NOON - hours * HOUR)
    assert take(watch, NOON - 9 * HOUR, NOON - 8 * HOUR)[1] == ["8 hours ago"]
    assert take(watch, until=NOON - 8 * HOUR)[1] == ["9 hours ago", "8 hours ago"]
    assert len(take(watch, since=NOON - 200 * HOUR)[1]) == 4


def test_a_time_without_a_zone_is_utc(watch: Watch, store: Store) -> None:
    """As a person writes it into Prefect's form."""
    ingest(store, ["came"], NOON - 2 * HOUR)
    window, texts = take(watch, datetime(2026, 3, 10, 9), datetime(2026, 3, 10, 11))  # noqa: DTZ001
    assert texts == ["came"]
    assert (window.since, window.until) == (NOON - 3 * HOUR, NOON - HOUR)


def test_a_span_that_is_none(watch: Watch) -> None:
    """The end before the beginning, or before all that is new: both times are named."""
    with pytest.raises(BadInput, match="would go from 2026-03-10 12"):
        take(watch, NOON, NOON - HOUR)
    with pytest.raises(BadInput, match="also since when"):
        take(watch, until=MADE_OF - HOUR)


@pytest.mark.parametrize("rule", [{}, {"days": 1}, {"documents": 5}])
def test_a_clock_that_was_set_back(watch: Watch, rule: dict[str, Any]) -> None:
    """The champion seems to be made in the future: an empty window, no failure."""
    ahead = ruled(replace(watch, made_of=NOON + HOUR), **rule)
    assert take(ahead)[1] == []
