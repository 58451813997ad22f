"""GET /trends, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from evertopic.records import Restatement
from tests.serving.api import CRICKET, VOLCANO, answer, service_of, serving
from tests.serving.conftest import House

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def told(house: House, store_url: str) -> Iterator[tuple[TestClient, list[dict[str, Any]]]]:
    """Version 1 answers cricket twice and nothing once on a Monday; version 2 cricket and volcano a week later."""
    clock = Clock()
    found = []
    with serving(house, store_url=store_url, now=clock) as client:
        for text in (CRICKET, CRICKET, ""):
            found.append(answer(client, text))
            clock.at += timedelta(hours=1)
    clock.at = MONDAY + timedelta(days=7)
    house.release(2)
    with serving(house, store_url=store_url, now=clock) as client:
        found += [answer(client, text) for text in (CRICKET, VOLCANO)]
        yield client, found


def trends(client: TestClient, **asked: Any) -> dict[str, Any]:
    response = client.get("/trends", params=asked)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_as_served(told: tuple[TestClient, list[dict[str, Any]]]) -> None:
    """Eight days, six of them without answers; the keys of both versions; and when the second began."""
    client, found = told
    trend = trends(client)
    assert [period["answers"] for period in trend["periods"]] == [3, 0, 0, 0, 0, 0, 0, 2]
    assert trend["periods"][0]["start"] == "2026-03-02"
    lines = {line["key"]: line["shares"] for line in trend["topics"]}
    assert lines[found[0]["key"]][0] == pytest.approx(2 / 3)
    assert lines[None][0] == pytest.approx(1 / 3)
    assert lines[found[4]["key"]][1:] == [None] * 6 + [0.5]
    assert (trend["version"], trend["period"]) == (None, "day")
    assert [change["version"] for change in trend["changes"]] == [2]


def test_weeks_and_spans(told: tuple[TestClient, list[dict[str, Any]]]) -> None:
    """By week there are two; a span takes one of them; an unknown period is refused."""
    client, _ = told
    assert [period["start"] for period in trends(client, period="week")["periods"]] == ["2026-03-02", "2026-03-09"]
    assert len(trends(client, period="month", since="2026-03-05T00:00:00Z")["periods"]) == 1
    assert client.get("/trends", params={"period": "hour"}).status_code == 422
    assert client.get("/trends", params={"since": "yesterday"}).status_code == 422


def test_restated(told: tuple[TestClient, list[dict[str, Any]]]) -> None:
    """As version 2 says: its own answers at once, those of version 1 when they are restated, until then counted."""
    client, found = told
    before = trends(client, period="week", restated="true")
    assert (before["version"], [period["answers"] for period in before["periods"]]) == (2, [0, 2])
    assert [period["waiting"] for period in before["periods"]] == [3, 0]
    key, name = found[3]["key"], found[3]["name"]
    rows = [Restatement(one["id"], 2, "tiny", datetime.fromisoformat(one["at"]), key, name, 0.5) for one in found[:2]]
    service_of(client).store.trends.add(rows)
    after = trends(client, period="week", restated="true")
    assert [period["answers"] for period in after["periods"]] == [2, 2]
    assert {line["key"]: line["shares"] for line in after["topics"]}[key] == [1.0, 0.5]
