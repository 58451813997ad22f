"""Two versions side by side, with known values: everything that can happen to a topic happens."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from evertopic.quality.classification import wilson
from evertopic.records import Edit, EditAtRisk, Flow, ReleaseDiff, Score, TopicChange

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
NAMES = {
    "t4k2m9q": "refund · money · return",
    "t7hh3xz": "refunds abroad",
    "t9w8c1d": "delivery · late · parcel",
    "t2b5n6p": "password · login · reset",
    "t6v7f8g": "invoice · VAT · number",
    "t3s4d5r": "courier · driver · rude",
    "t8j9k1m": "gift cards",
    "t5p6q7w": "christmas · opening hours",
    "t1a2s3d": "app · crash · update",
}
TEXT = "I sent the shoes back three weeks ago and still wait for my money; parcel {}, the courier has signed for it."


def a_score(probability: float = 0.97, anchors: float | None = 0.83) -> Score:
    return Score(probability, 0.91, 0.77, anchors, 41)


def a_topic(key: str, fate: Any, recent: tuple[int, int], **changes: Any) -> TopicChange:
    there = (fate not in {"born", "split", "revived"}, fate not in {"gone", "merged"})
    topic = TopicChange(
        fate=fate,
        key=key,
        other=None,
        before=NAMES[key] if there[0] else None,
        after=NAMES[key] if there[1] else None,
        trained_before=6 * recent[0] if there[0] else 0,
        trained_after=6 * recent[1] if there[1] else 0,
        recent_before=recent[0],
        recent_after=recent[1],
        score=a_score(),
    )
    return replace(topic, **changes)


def a_flow(source: str | None, target: str | None, documents: int) -> Flow:
    texts = tuple(TEXT.format(1_000 + documents + at) for at in range(min(documents, 3)))
    return Flow(
        source,
        NAMES[source] if source else "unassigned",
        target,
        NAMES[target] if target else "unassigned",
        documents,
        texts if source != target else (),
    )


def a_diff(**changes: Any) -> ReleaseDiff:
    """82 of 2,000 documents move; refunds are divided, couriers go into deliveries, and so on."""
    flows = (
        a_flow("t9w8c1d", "t9w8c1d", 560),
        a_flow("t2b5n6p", "t2b5n6p", 470),
        a_flow("t4k2m9q", "t4k2m9q", 330),
        a_flow("t6v7f8g", "t6v7f8g", 280),
        a_flow(None, None, 238),
        a_flow("t4k2m9q", "t7hh3xz", 44),
        a_flow("t3s4d5r", "t9w8c1d", 26),
        a_flow(None, "t1a2s3d", 22),
        a_flow("t6v7f8g", None, 18),
        a_flow("t2b5n6p", "t8j9k1m", 9),
        a_flow("t5p6q7w", "t6v7f8g", 3),
    )
    topics = (
        a_topic("t7hh3xz", "split", (0, 44), other="t4k2m9q"),
        a_topic("t3s4d5r", "merged", (26, 0), other="t9w8c1d"),
        a_topic("t1a2s3d", "born", (0, 22), score=a_score(0.12, None)),
        a_topic("t8j9k1m", "revived", (0, 9)),
        a_topic("t5p6q7w", "gone", (3, 0), score=None),
        a_topic("t9w8c1d", "same", (560, 586)),
        a_topic("t2b5n6p", "same", (479, 470), after="login · password · code"),
        a_topic("t4k2m9q", "same", (374, 330)),
        a_topic("t6v7f8g", "same", (298, 283)),
    )
    edit = Edit("e1", "shop", AT, "key-anna", "rename", "t4k2m9q", name="Refunds")
    diff = ReleaseDiff(
        loop="shop",
        model="shop",
        before=3,
        after=4,
        topics=topics,
        documents=2_000,
        moved=wilson(82, 2_000),
        lost=18,
        found=22,
        flows=flows,
        at_risk=(EditAtRisk(edit, "t4k2m9q", NAMES["t4k2m9q"], "split"),),
    )
    return replace(diff, **changes)
