from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest

from evertopic.errors import BadInput
from evertopic.prediction.log import LogRule
from evertopic.records import LogState
from serving.service import Service
from tests.serving.api import CRICKET, PROBLEM, VOLCANO, answer, history, service_of, serving
from tests.serving.conftest import House

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_topics(house: House) -> None:
    """The topics come with those of most documents first, each with words, weights and documents."""
    meta = house.model("champion").predictor.bundle.meta
    with serving(house) as client:
        listed = client.get("/topics").json()
    assert listed["model"] == {"name": "tiny", "version": 1, "alias": "champion"}
    assert {topic["key"] for topic in listed["topics"]} == {topic.key for topic in meta.topics}
    counts = [topic["documents"] for topic in listed["topics"]]
    assert counts == sorted(counts, reverse=True)
    known = {topic.key: topic for topic in meta.topics}
    first = listed["topics"][0]
    assert tuple(first["words"]) == known[first["key"]].words
    assert tuple(first["weights"]) == known[first["key"]].weights
    assert listed["rules"] == []


def test_topic(house: House) -> None:
    """A topic has its representative documents and its quality, as the card of the training has them."""
    card = house.model("champion").card
    assert card is not None
    with serving(house) as client:
        found = client.get(f"/topics/{card.topics[0].key}").json()
        assert client.get("/topics/t000000").status_code == 404
    assert found["name"] == card.topics[0].name
    assert tuple(found["representatives"]) == card.topics[0].representatives
    assert found["quality"]["c_v"] == pytest.approx(card.topics[0].quality.c_v)


def test_no_card(house: House) -> None:
    """Without the card of the training, what only it knows is null, and the rest is answered."""
    model = house.model("champion")
    with serving(house) as client:
        service = service_of(client)
        own = service.holder
        held: Any = _Held(replace(model, card=None))
        service.holder = held
        key = model.predictor.bundle.meta.topics[0].key
        topic, shown = client.get(f"/topics/{key}").json(), client.get("/model").json()
        service.holder = own
    assert (topic["representatives"], topic["quality"]) == ([], None)
    assert shown["training"] is None
    assert shown["topics"] == 4


class _Held:
    """A holder of one model, for good."""

    def __init__(self, current: Any, trouble: str | None = None) -> None:
        self.current, self.trouble = current, trouble


def test_model(house: House) -> None:
    """The model says which it is, what it was made of, how good it is, and since when it is registered and here."""
    card = house.model("champion").card
    assert card is not None
    with serving(house, now=lambda: AT) as client:
        shown = client.get("/model").json()
    version = house.versions[0]
    assert (shown["name"], shown["version"], shown["alias"]) == ("tiny", 1, "champion")
    assert (shown["digest"], shown["run"]) == (version.digest, version.run_id)
    assert shown["loaded_at"] == "2026-03-04T12:00:00Z"
    registered = datetime.fromisoformat(shown["registered_at"])
    assert registered == house.registry().registered_at(version)
    assert shown["encoder"]["kind"] == "hashing"
    assert (shown["encoder"]["width"], shown["topics"], shown["rules"]) == (64, 4, 0)
    training = shown["training"]
    assert (training["documents"], training["held_out"]) == (120, card.scorecard.documents)
    assert training["separation"]["value"] == pytest.approx(card.scorecard.separation.value)
    assert training["reason"] == card.choice.reason
    assert shown["trouble"] is None


def test_reload(house: House) -> None:
    """After the alias has moved, a reload serves the other version; before, it says that nothing changed."""
    with serving(house) as client:
        assert client.post("/model/reload").json()["outcome"] == "same"
        house.release(2)
        told = client.post("/model/reload").json()
        assert (told["outcome"], told["version"]) == ("swapped", 2)
        assert answer(client, CRICKET)["model"]["version"] == 2
        assert client.get("/model").json()["version"] == 2
        assert 'evertopic_reloads_total{outcome="swapped"} 1.0' in client.get("/metrics").text


def test_bad_reload(house: House) -> None:
    """A damaged version is not served: the reload is 503, /ready and the metrics say why, texts are answered."""
    with serving(house) as client, house.damaged(2):
        house.release(2)
        response = client.post("/model/reload")
        assert (response.status_code, response.headers["content-type"]) == (503, PROBLEM)
        assert "version 1 goes on serving" in response.json()["detail"]
        ready = client.get("/ready")
        assert ready.status_code == 200
        assert ready.json()["status"] == "degraded"
        assert "version 1 goes on serving" in ready.json()["reasons"][0]
        assert "evertopic_model_trouble 1.0" in client.get("/metrics").text
        assert answer(client, CRICKET)["model"]["version"] == 1
        assert "version 1 goes on serving" in client.get("/model").json()["trouble"]


def test_choice_by_number(house: House) -> None:
    """A version asked for by its number has no alias."""
    with serving(house, choice="2") as client:
        assert answer(client, CRICKET)["model"] == {"name": "tiny", "version": 2, "alias": None}


def test_no_model(house: House) -> None:
    """A service does not start with a version that is not there, and leaves nothing open behind."""
    with pytest.raises(BadInput, match="no version 9"), serving(house, choice="9"):
        pass


def test_health_and_ready(house: House) -> None:
    """A service that has its model is alive and ready."""
    with serving(house) as client:
        assert client.get("/health").json() == {"status": "live"}
        response = client.get("/ready")
        assert (response.status_code, response.json()) == (200, {"status": "ready", "reasons": [], "version": 1})


class _Log:
    """A log that is in a state."""

    def __init__(self, state: LogState) -> None:
        self._state = state

    def state(self) -> LogState:
        return self._state


@pytest.mark.parametrize(
    ("state", "code", "status", "reason"),
    [
        (LogState(7, 0, 0, 0, 100, "refused"), 200, "degraded", "Answers wait on the disk, 7 so far: refused"),
        (LogState(7, 0, 0, 0, 0, None, 7, "full"), 200, "degraded", "Answers wait in memory, 7 so far: full"),
        (LogState(7, 0, 0, 0, 0, "refused", 7, "full"), 503, "not ready", "Answers wait in memory, 7 so far: full"),
        (LogState(0, 0, 3, 0, 0, None), 200, "degraded", "3 answers were given and are not in the log."),
    ],
)
def test_ready_tells_of_the_log(house: House, state: LogState, code: int, status: str, reason: str) -> None:
    """A database or a disk that is away is told of; both at once, when a crash would lose answers, is not ready."""
    with serving(house) as client:
        service, own = service_of(client), service_of(client).log
        log: Any = _Log(state)
        service.log = log
        response = client.get("/ready")
        alive = client.get("/health")
        service.log = own
    assert response.status_code == code
    assert response.json()["status"] == status
    assert reason in response.json()["reasons"]
    assert alive.status_code == 200


def test_strangers_get_no_reasons(house: House) -> None:
    """Where there are keys, a probe without one reads that something is amiss, and not what a database said of it."""
    with serving(house) as client:
        service, own = service_of(client), service_of(client).log
        log: Any = _Log(LogState(7, 0, 0, 0, 100, "no entry for user evertopic at 10.0.0.7"))
        service.log, service.guard.needs_key = log, True
        response = client.get("/ready")
        service.log = own
    assert response.json() == {"status": "degraded", "reasons": [], "version": 1}


def test_metrics(house: House) -> None:
    """The page of metrics counts answers by topic and version, requests, stages, the log and the encoder's memory."""
    with serving(house) as client:
        found = answer(client, CRICKET)
        client.post("/predict/batch", json={"texts": [CRICKET, VOLCANO]})
        assert len(history(client)) == 3
        page = client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    topic = f'evertopic_predictions_total{{source="api",topic="{found["key"]}",version="1"}} 2.0'
    for line in (
        topic,
        'evertopic_requests_total{method="POST",route="/predict",status="200"} 1.0',
        'evertopic_stage_seconds_count{stage="log"} 2.0',
        'evertopic_stage_seconds_count{stage="total"} 2.0',
        "evertopic_log_stored_predictions_total 3.0",
        "evertopic_log_lost_predictions_total 0.0",
        'evertopic_encoder_texts_total{origin="remembered"} 1.0',
        'evertopic_model_info{digest="' + house.versions[0].digest + '",name="tiny",version="1"} 1.0',
    ):
        assert line in page.text


def test_retention(house: House) -> None:
    """When it starts, the service deletes what is older than the config keeps."""
    clock = [AT]
    with serving(house, now=lambda: clock[0]) as client:
        answer(client, CRICKET)
        clock[0] += timedelta(days=5)
        kept = answer(client, VOLCANO)
        assert len(history(client)) == 2
    clock[0] += timedelta(days=6)
    with serving(house, log=LogRule(retention_days=10), now=lambda: clock[0]) as client:
        _until_forgotten(service_of(client))
        assert [item["id"] for item in history(client)] == [kept["id"]]


def _until_forgotten(service: Service) -> None:
    """Waits until one answer is left."""
    until = monotonic() + 20
    while len(service.store.predictions.page(service.config.name)[0]) > 1:
        assert monotonic() < until, "nothing was deleted"


def test_restart(house: House) -> None:
    """What was answered before a restart is in the history after it; the newest is what examples speak of."""
    with serving(house) as client:
        found = answer(client, CRICKET)
    with serving(house) as client:
        assert [item["id"] for item in history(client)] == [found["id"]]
        assert found["id"] in client.get("/openapi.json").text
