from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from evertopic.config import ServeRule
from evertopic.storage.store import FeedbackStore, PredictionStore
from evertopic.storage.store.engine import make_engine
from tests.serving.api import CRICKET, VOLCANO, answer, history, service_of, serving
from tests.serving.conftest import House

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"


def judge(client: TestClient, prediction: str, verdict: str = "right", **more: Any) -> Any:
    return client.post("/feedback", json={"prediction_id": prediction, "verdict": verdict, **more})


def test_feedback_is_in_the_history(house: House, store_url: str) -> None:
    """What somebody said of an answer is shown beside it, and counted."""
    with serving(house, store_url=store_url, now=lambda: AT) as client:
        first, second = answer(client, CRICKET), answer(client, VOLCANO)
        assert judge(client, first["id"], comment="yes\x00").status_code == 201
        wrong = judge(client, second["id"], "wrong", topic=first["key"], label="sport", comment="it was a game")
        assert wrong.json() == {"prediction_id": second["id"], "verdict": "wrong", "created": True}
        said = {item["id"]: item["feedback"] for item in history(client)}
        counted = client.get("/stats").json()
    assert said[second["id"]] == [
        {
            "by": "local",
            "at": "2026-03-04T12:00:00Z",
            "verdict": "wrong",
            "topic": first["key"],
            "label": "sport",
            "comment": "it was a game",
        }
    ]
    assert [word["verdict"] for word in said[first["id"]]] == ["right"]
    assert (counted["answers"], counted["right"], counted["wrong"]) == (2, 1, 1)


def test_twice(house: House, store_url: str) -> None:
    """The same word again is 200 and changes nothing; another one takes the place of the former."""
    moments = iter(AT + timedelta(seconds=step) for step in range(100))
    with serving(house, store_url=store_url, now=lambda: next(moments)) as client:
        found = answer(client, CRICKET)
        told = [judge(client, found["id"]), judge(client, found["id"]), judge(client, found["id"], "wrong")]
        assert [response.status_code for response in told] == [201, 200, 200]
        assert [response.json()["created"] for response in told] == [True, False, False]
        assert [word["verdict"] for word in history(client)[0]["feedback"]] == ["wrong"]


def test_no_such_prediction(house: House) -> None:
    """Feedback on what was never answered is 404; ids are taken however they are written."""
    with serving(house) as client:
        found = answer(client, CRICKET)
        response = judge(client, str(uuid4()))
        assert response.status_code == 404
        assert response.json()["title"] == "No such prediction"
        assert judge(client, "not an id").status_code == 422
        assert judge(client, found["id"].upper()).status_code == 201


def test_no_such_topic(house: House) -> None:
    """The topic that would have been right must be one of the model."""
    with serving(house) as client:
        found = answer(client, CRICKET)
        response = judge(client, found["id"], "wrong", topic="t000000")
        assert response.status_code == 422
        assert "no topic 't000000'" in response.json()["detail"]
        assert history(client)[0]["feedback"] == []


def test_right_has_no_other_topic(house: House) -> None:
    """Who says that an answer was right cannot name another one."""
    with serving(house) as client:
        found = answer(client, CRICKET)
        response = judge(client, found["id"], topic=found["key"])
        assert response.status_code == 422
        assert response.json()["errors"] == [{"where": "body.topic", "what": "Extra inputs are not permitted"}]


def test_at_once(house: House) -> None:
    """Feedback finds an answer that is still on its way into the database."""
    with serving(house) as client:
        for _ in range(20):
            assert judge(client, answer(client, CRICKET)["id"]).status_code == 201


def test_flood(house: House) -> None:
    """One caller judges so many answers in an hour; the next is 429, judging an old one again too."""
    with serving(house, serve=ServeRule(feedback_per_hour=2)) as client:
        ids = [answer(client, CRICKET)["id"] for _ in range(3)]
        responses = [judge(client, one) for one in ids]
        assert [response.status_code for response in responses] == [201, 201, 429]
        assert responses[-1].headers["retry-after"] == "3600"


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("POST", "/feedback", {"json": {"prediction_id": str(uuid4()), "verdict": "right"}}),
        ("GET", "/history", {}),
        ("GET", "/stats", {}),
    ],
)
def test_database_away(house: House, method: str, path: str, asked: dict[str, Any]) -> None:
    """While the database is away, what needs it is 503 and says when to come again; texts are answered."""
    with serving(house) as client:
        service = service_of(client)
        own, engine = service.store, make_engine(NOWHERE, 2)
        service.store = replace(own, predictions=PredictionStore(engine), feedback=FeedbackStore(engine))
        response = client.request(method, path, **asked)
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"
        assert "127.0.0.1:1" not in response.text
        assert answer(client, CRICKET)["key"]
        service.store = own
        engine.dispose()
