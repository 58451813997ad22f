"""Answers as the log keeps them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from evertopic.records import Feedback, LoggedPrediction
from evertopic.storage.store import Store

NOW = datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)


def answer(number: int, **changes: Any) -> LoggedPrediction:
    """Answer `number`: of that second, with that number for an id."""
    fields = {
        "id": f"{number:06d}",
        "loop": "news",
        "at": NOW + timedelta(seconds=number),
        "source": "api",
        "by": "key-1",
        "model": "news",
        "version": 3,
        "alias": "champion",
        "text": f"text {number}",
        "text_digest": f"digest {number}",
        "key": "t123456",
        "name": "cricket",
        "strength": 0.75,
        "alternatives": (("t654321", 0.125), ("t111111", 0.0625)),
        "remark": None,
        "rule": None,
        "model_key": "t123456",
        "model_name": "cricket",
        "model_strength": 0.75,
    }
    return LoggedPrediction(**{**fields, **changes})


def answers(numbers: int, first: int = 0, **changes: Any) -> list[LoggedPrediction]:
    """So many answers, a second between them."""
    return [answer(number, **changes) for number in range(first, first + numbers)]


def say(store: Store, number: int, verdict: Any, by: str = "me", at: datetime = NOW) -> None:
    """Give feedback on answer `number`."""
    store.feedback.give(Feedback(f"{number:06d}", "news", by, at, verdict, None, None, None))
