"""What is kept of a prediction is what the rule allows, and ids sort by time."""

from datetime import UTC, datetime, timedelta, timezone
from random import Random, SystemRandom
from typing import Any
from uuid import UUID

import pytest

from evertopic.digests import digest_text
from evertopic.prediction.loading import Model
from evertopic.prediction.log import LogRule, logged, new_id
from evertopic.records import LoggedPrediction, ModelVersion, Overruled, Prediction

NOW = datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
VERSION = ModelVersion("news", 3, ("champion",), "run", "uri", "digest", created=True)
MODEL = Model(VERSION, "champion", None, None, NOW)  # type: ignore[arg-type]
ANSWER = Prediction("t123456", "cricket", ("bat", "ball"), 0.75, (("t654321", 0.125),), "short")


def log(asked: str, answer: Prediction = ANSWER, **rule: Any) -> LoggedPrediction:
    return logged(
        answer, asked, id="1", at=NOW, loop="world", source="api", by="key-1", model=MODEL, rule=LogRule(**rule)
    )


def test_all_of_it() -> None:
    """The answer, the model it is of, who asked, when, and the text with its digest are kept."""
    assert log("A bat.") == LoggedPrediction(
        id="1",
        loop="world",
        at=NOW,
        source="api",
        by="key-1",
        model="news",
        version=3,
        alias="champion",
        text="A bat.",
        text_digest=digest_text("A bat."),
        key="t123456",
        name="cricket",
        strength=0.75,
        alternatives=(("t654321", 0.125),),
        remark="short",
        rule=None,
        model_key="t123456",
        model_name="cricket",
        model_strength=0.75,
    )


def test_edited() -> None:
    """Where an edit spoke the log has its id beside the model's own answer."""
    row = log("x", Prediction("t1", "Refunds", (), 0.5, (), None, Overruled(None, "t1", "money · back", 0.5, "e1")))
    assert (row.edit, row.rule, row.key, row.model_key, row.model_name) == ("e1", None, "t1", "t1", "money · back")


def test_overruled() -> None:
    """Where a rule spoke, its name and the model's own answer are kept beside what was said."""
    row = log("x", Prediction("rule:legal", "legal", (), 1.0, (), None, Overruled("legal", None, "unassigned", 0.25)))
    assert (row.key, row.name, row.strength) == ("rule:legal", "legal", 1.0)
    assert (row.rule, row.model_key, row.model_name, row.model_strength) == ("legal", None, "unassigned", 0.25)


def test_text_as_the_rule_says() -> None:
    """Redacted, a text loses its numbers; as a digest, all; the digest is that of the whole text always."""
    text = "Write to jo@example.org"
    assert [log(text, text=rule).text for rule in ("full", "redacted", "digest")] == [
        text,
        "Write to [e-mail]",
        None,
    ]
    assert {log(text, text=rule).text_digest for rule in ("full", "redacted", "digest")} == {digest_text(text)}


@pytest.mark.parametrize("rule", ["full", "redacted"])
def test_what_no_database_takes(rule: str) -> None:
    r"""NUL and half characters are spelled out: a\x00b\ud800."""
    assert log("a\x00b\ud800", text=rule).text == "a\\x00b\\ud800"
    assert log("a\x00b\ud800", text=rule).text_digest == digest_text("a\x00b\ud800")


def test_ids_sort_by_time() -> None:
    """Ids of later moments are later, to the microsecond, and say the moment; they are UUIDs of version 7."""
    moments = [NOW + timedelta(microseconds=step) for step in range(2_000)]
    ids = [new_id(at, SystemRandom()) for at in moments]
    assert ids == sorted(ids)
    assert {(UUID(one).version, UUID(one).variant) for one in ids} == {(7, "specified in RFC 4122")}
    # The first 48 bits are milliseconds since 1970.
    assert UUID(ids[0]).int >> 80 == int(NOW.timestamp() * 1_000)


def test_ids_differ() -> None:
    """Ids of one moment differ; the same randomness gives the same id, whatever the zone."""
    assert len({new_id(NOW, SystemRandom()) for _ in range(10_000)}) == 10_000
    assert new_id(NOW, Random(1)) == new_id(NOW.astimezone(timezone(timedelta(hours=9))), Random(1))
