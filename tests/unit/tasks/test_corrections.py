"""What people say a text is instead of what was answered."""

from datetime import UTC, datetime, timedelta
from typing import Any

from evertopic.records import Feedback
from tasks.training_data import corrections

AT = datetime(2026, 3, 1, tzinfo=UTC)


def word(digest: str, by: str, verdict: Any, key: str | None = None, label: str | None = None, minute: int = 0) -> Any:
    """One word on an answer that named k1."""
    at = AT + timedelta(minutes=minute)
    return digest, "k1", Feedback(f"p{minute}", "news", by, at, verdict, key, label, None)


def test_most_voices() -> None:
    """Two say k2, one says k3, one finds k1 right: k2."""
    said = [
        word("d", "ann", "wrong", "k2"),
        word("d", "bob", "wrong", "k2"),
        word("d", "cem", "wrong", "k3"),
        word("d", "dan", "right"),
    ]
    assert corrections(said) == {"d": "k2"}


def test_right_voices_count() -> None:
    """As many find the answer right as wrong, or more: it stays."""
    assert corrections([word("d", "ann", "wrong", "k2"), word("d", "bob", "right")]) == {}
    assert corrections([word("d", "ann", "right")]) == {}


def test_one_voice_a_person() -> None:
    """One person's ten words on answers to one text are one voice, the last."""
    said = [word("d", "ann", "wrong", "k2", minute=at) for at in range(10)]
    assert corrections([*said, word("d", "bob", "wrong", "k3")]) == {}
    assert corrections([*said, word("d", "ann", "wrong", "k4", minute=11)]) == {"d": "k4"}
    assert corrections([*said, word("d", "ann", "right", minute=11)]) == {}


def test_own_words() -> None:
    """Where no topic fits, the person's own name for it counts; a wrong without either says nothing."""
    assert corrections([word("d", "ann", "wrong", None, "chess"), word("e", "ann", "wrong")]) == {"d": "chess"}
    assert corrections([]) == {}
