"""Trends that a new model does not break."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from evertopic.models.assignment import Head
from evertopic.prediction import restating
from evertopic.prediction.bundle import Bundle
from evertopic.prediction.predictor import Predictor
from evertopic.prediction.restating import restate
from evertopic.records import LoggedPrediction, Trend
from evertopic.storage.store import Store, open_store
from tests.unit.prediction.conftest import ENCODER

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAYS, SWAP, A_DAY = 20, 12, 60


@pytest.fixture
def store(store_url: str):
    """An open, empty store."""
    opened = open_store(store_url)
    yield opened
    opened.close()


def stricter(bundle: Bundle) -> Predictor:
    """The next version: the topic that was answered most is found only by those nearest to it; keys as before."""
    head = bundle.head
    raised = head.threshold.copy()
    raised[0] = np.float32(0.45)
    return Predictor(
        bundle.model_copy(update={"head": Head(head.weight, head.bias, raised, head.temperature)}), ENCODER
    )


def serve(store: Store, model: Predictor, version: int, day: int, texts: Sequence[str], kept: bool = True) -> None:
    """A day of answers."""
    rows = [
        LoggedPrediction(
            id=f"{day:03d}-{at:03d}",
            loop="news",
            at=START + day * DAY + timedelta(seconds=at),
            source="api",
            by="local",
            model="news",
            version=version,
            alias="champion",
            text=text if kept else None,
            text_digest=str(at),
            key=answer.key,
            name=answer.name,
            strength=answer.strength,
            alternatives=(),
            remark=None,
            rule=None,
            model_key=answer.key,
            model_name=answer.name,
            model_strength=answer.strength,
        )
        for at, (text, answer) in enumerate(zip(texts, model.predict(texts), strict=True))
    ]
    store.predictions.add(rows)


@pytest.fixture
def stream(store: Store, bundle: Bundle, news: list[str]) -> tuple[Store, Predictor]:
    """Twenty days of sixty texts drawn from the same 300, the model swapped after twelve."""
    old, new = Predictor(bundle, ENCODER), stricter(bundle)
    random = np.random.default_rng(7)
    for day in range(DAYS):
        texts = [news[at] for at in random.choice(len(news), A_DAY, replace=False)]
        serve(store, old if day < SWAP else new, 1 if day < SWAP else 2, day, texts)
    return store, new


def cliff(trend: Trend) -> float:
    """The largest jump of any topic's mean share at the day of the swap."""
    jumps = []
    for topic in trend.topics:
        shares = np.array(trend.shares(topic), np.float64)
        jumps.append(abs(shares[SWAP:].mean() - shares[:SWAP].mean()))
    return max(jumps)


def test_a_swap_breaks_the_served_line_alone(stream: tuple[Store, Predictor]) -> None:
    """On a stream that does not change, shares jump with the model as served, and do not as the new model restates."""
    store, new = stream
    done = restate(store.trends, new, "news", 2, START)
    assert (done.restated, done.without_text) == (SWAP * A_DAY, 0)
    served, again = store.trends.shares("news"), store.trends.shares("news", version=2)
    assert served.changes == ((START + SWAP * DAY, 2),)
    assert served.answers == again.answers == (A_DAY,) * DAYS
    # Of 60 texts a day each share wobbles by at most sqrt(.25 / 60) = .065; a mean of 8 days by .023.
    assert cliff(served) > 0.15
    assert cliff(again) < 0.05


def test_twice_is_once(stream: tuple[Store, Predictor]) -> None:
    """A second restating finds nothing to do and changes nothing."""
    store, new = stream
    restate(store.trends, new, "news", 2, START)
    before = store.trends.shares("news", version=2)
    assert restate(store.trends, new, "news", 2, START).restated == 0
    assert store.trends.shares("news", version=2) == before


def test_killed_and_gone_on_with(stream: tuple[Store, Predictor], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed run had restated stays; the next one does the rest, and the trend is that of one run."""
    store, new = stream
    monkeypatch.setattr(restating, "AT_ONCE", 100)

    def die(done: int) -> None:
        if done == 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restate(store.trends, new, "news", 2, START, die)
    assert sum(store.trends.shares("news", version=2).waiting) == SWAP * A_DAY - 300
    assert restate(store.trends, new, "news", 2, START).restated == SWAP * A_DAY - 300
    assert sum(store.trends.shares("news", version=2).waiting) == 0


def test_older_answers_are_left(stream: tuple[Store, Predictor]) -> None:
    """Only answers since then are restated; older ones are counted as waiting."""
    store, new = stream
    assert restate(store.trends, new, "news", 2, START + 10 * DAY).restated == 2 * A_DAY
    assert sum(store.trends.shares("news", version=2).waiting) == 10 * A_DAY


def test_digests_cannot_be_restated(store: Store, bundle: Bundle, news: list[str]) -> None:
    """Answers of which only the digest was kept are counted, and no share pretends to know them."""
    serve(store, Predictor(bundle, ENCODER), 1, 0, news[:10], kept=False)
    done = restate(store.trends, stricter(bundle), "news", 2, START)
    assert (done.restated, done.without_text) == (0, 10)
    trend = store.trends.shares("news", version=2)
    assert (trend.answers, trend.topics, trend.without_text) == ((0,), (), (10,))
