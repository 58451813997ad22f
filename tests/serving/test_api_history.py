from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.serving.api import CRICKET, VOLCANO, answer, history, serving
from tests.serving.conftest import House

FIRST = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = FIRST

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def told(house: House, store_url: str) -> Iterator[tuple[TestClient, list[dict[str, Any]]]]:
    """A client, and six answers an hour apart: cricket, volcano, nothing, and the same again."""
    clock = Clock()
    with serving(house, store_url=store_url, now=clock) as client:
        found = []
        for text in (CRICKET, VOLCANO, "", CRICKET, VOLCANO, ""):
            found.append(answer(client, text))
            clock.at += HOUR
        yield client, found


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def test_pages(told: tuple[TestClient, list[dict[str, Any]]]) -> None:
    """The history comes newest first, in pages; together they are everything once, and the last one says so."""
    client, found = told
    pages, after = [], None
    while True:
        page = client.get("/history", params={"limit": 4} | ({"after": after} if after else {})).json()
        pages.append(ids(page["items"]))
        after = page["next"]
        if after is None:
            break
    assert [len(page) for page in pages] == [4, 2]
    assert [one for page in pages for one in page] == ids(found)[::-1]


def test_filters(told: tuple[TestClient, list[dict[str, Any]]]) -> None:
    """The history is filtered by time, topic, none at all, and version; filters add up."""
    client, found = told
    assert ids(history(client, topic=found[0]["key"])) == ids([found[3], found[0]])
    assert ids(history(client, topic="unassigned")) == ids([found[5], found[2]])
    assert ids(history(client, since="2026-03-04T13:00:00Z", until="2026-03-04T15:00:00Z")) == ids([found[2], found[1]])
    assert ids(history(client, topic="unassigned", since="2026-03-04T15:00:00+00:00")) == ids([found[5]])
    assert len(history(client, version=1)) == 6
    assert history(client, version=2) == []
    assert history(client, topic="no such") == []
    assert client.get("/history?topic=nul%00%ED%A0%BD").json()["items"] == []


def test_a_plus_lost_on_the_way(told: tuple[TestClient, list[dict[str, Any]]]) -> None:
    """A zone whose plus the address turned into a blank is read as it was meant."""
    client, found = told
    assert ids(client.get("/history?since=2026-03-04T18:00:00+01:00").json()["items"]) == ids([found[5]])


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("since=2026-03-04T12:00:00", 422),
        ("since=1772625600", 422),
        ("since=yesterday", 422),
        ("since=0001-01-01T00:00:00%2B23:59", 200),
        ("until=9999-12-31T23:59:59-23:59", 200),
        ("version=0", 422),
        ("version=99999999999999999999", 422),
        ("limit=0", 422),
        ("limit=501", 422),
        ("after=nonsense", 422),
        ("topic=", 422),
        ("topics=t1", 422),
    ],
)
def test_questions(told: tuple[TestClient, list[dict[str, Any]]], asked: str, status: int) -> None:
    """A question that cannot be meant so is refused, a misspelled filter too; the ends of time are not."""
    client, _ = told
    response = client.get(f"/history?{asked}")
    assert response.status_code == status, response.text


def test_stats(told: tuple[TestClient, list[dict[str, Any]]]) -> None:
    """The answers are counted by topic, version and day, in a span of time."""
    client, found = told
    counted = client.get("/stats").json()
    assert (counted["answers"], counted["unassigned"]) == (6, 2)
    assert {entry["key"]: entry["answers"] for entry in counted["topics"]} == {
        found[0]["key"]: 2,
        found[1]["key"]: 2,
        None: 2,
    }
    assert counted["versions"] == [{"version": 1, "answers": 6}]
    assert counted["days"] == [{"day": "2026-03-04", "answers": 6}]
    assert counted["mean_strength"] == pytest.approx(sum(one["strength"] for one in found) / 6)
    part = client.get("/stats", params={"since": "2026-03-04T14:00:00Z"}).json()
    assert part["answers"] == 4
    nothing = client.get("/stats", params={"until": "2026-03-04T12:00:00Z"}).json()
    assert (nothing["answers"], nothing["mean_strength"]) == (0, None)
