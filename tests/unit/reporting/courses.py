"""Trends with known values: four weeks of a loop whose model is changed in the middle."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from evertopic.records import Trend, TrendTopic

FIRST = date(2026, 3, 2)
DAYS, SWAP, A_DAY = 28, 16, 200
NAMES = {
    "t4k2m9q": "refund · money · return",
    "t9w8c1d": "delivery · late · parcel",
    "t2b5n6p": "password · login · reset",
    None: "unassigned",
}


def a_trend(*, restated: bool = False, **changes: Any) -> Trend:
    """As served refunds fall from 40 % to 25 % with version 2, as restated they are 25 % all the time."""
    before, after = (80, 60, 50, 10), (50, 62, 53, 35)
    rows = [after if restated or day >= SWAP else before for day in range(DAYS)]
    wobble = [(day * 7) % 5 for day in range(DAYS)]
    by_day = [(a + w, b - w, c + w, d - w) for (a, b, c, d), w in zip(rows, wobble, strict=True)]
    trend = Trend(
        loop="shop",
        period="day",
        version=2 if restated else None,
        starts=tuple(FIRST + timedelta(days=day) for day in range(DAYS)),
        answers=(A_DAY,) * DAYS,
        topics=tuple(
            TrendTopic(key, name, tuple(row[at] for row in by_day)) for at, (key, name) in enumerate(NAMES.items())
        ),
        without_text=(0,) * DAYS,
        waiting=(0,) * DAYS,
        changes=((datetime(2026, 3, 18, 9, 30, tzinfo=UTC), 2),),
    )
    return replace(trend, **changes)


def no_trend(version: int | None = None) -> Trend:
    """Of a loop that has answered nothing."""
    return Trend("shop", "day", version, (), (), (), (), (), ())
