import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from evertopic.config import ServeRule
from evertopic.prediction.loading import Model
from evertopic.prediction.log import LogRule
from evertopic.prediction.predictor import Predictor
from evertopic.prediction.rules import Category, Rules
from serving.problems import TooBusy
from tests.serving.api import CRICKET, JSON, PROBLEM, VOLCANO, answer, history, service_of, serving
from tests.serving.conftest import House

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_one_text(house: House) -> None:
    """An answer has an id of its time, the topic with its name and words, the next ones by name, model and time."""
    model = house.model("champion")
    expected = model.predictor.predict([CRICKET])[0]
    names = {topic.key: topic.name for topic in model.predictor.bundle.meta.topics}
    with serving(house, now=lambda: AT) as client:
        found = answer(client, CRICKET)
    identity = UUID(found.pop("id"))
    assert identity.version == 7
    assert identity.int >> 80 == int(AT.timestamp() * 1000)
    assert expected.key is not None
    assert found == {
        "key": expected.key,
        "name": names[expected.key],
        "words": list(expected.words),
        "strength": expected.strength,
        "alternatives": [
            {"key": key, "name": names[key], "probability": chance} for key, chance in expected.alternatives
        ],
        "remark": None,
        "overruled": None,
        "model": {"name": "tiny", "version": 1, "alias": "champion"},
        "at": "2026-03-04T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("\x00", "empty"),
        ("😀 !", "no words"),
        ("volcano", "short"),
        ("magma \x00 lava \x00 crater", None),
        ("火山の噴火がありました。地震もありました。", None),
        ("ثوران بركاني كبير في الجزيرة اليوم", None),
        ("\ud800 volcano \udfff magma crater", None),
        ("volcano magma " * 5_000, None),
    ],
)
def test_any_text(house: House, text: str, remark: str | None) -> None:
    """Any string is answered as the Predictor does it: nothing, no word, NUL, any script, half characters, long."""
    expected = house.model("champion").predictor.predict([text])[0]
    with serving(house) as client:
        response = client.post("/predict", content=json.dumps({"text": text}), headers=JSON)
        found = response.json()
        assert response.status_code == 200
        assert (found["key"], found["name"], found["strength"]) == (expected.key, expected.name, expected.strength)
        assert found["remark"] == expected.remark
        if remark is not None:
            assert found["remark"] == remark
        assert history(client)[0]["id"] == found["id"]


def test_batch(house: House) -> None:
    """A batch is answered in order by one model; what is no text or too long has a problem in its own place alone."""
    texts = [VOLCANO, None, CRICKET, 7, ["x"], {}, True, 1.5, "x" * 101, "", CRICKET]
    expected = house.model("champion").predictor.predict([VOLCANO, CRICKET, "", CRICKET])
    with serving(house, serve=ServeRule(max_characters=100)) as client:
        response = client.post("/predict/batch", json={"texts": texts})
        assert response.status_code == 200
        found = response.json()
        listed = history(client)
    items = found["items"]
    assert found["model"] == {"name": "tiny", "version": 1, "alias": "champion"}
    sound = [0, 2, 9, 10]
    assert [row for row, item in enumerate(items) if item["answer"]] == sound
    assert [row for row, item in enumerate(items) if item["problem"]] == [1, 3, 4, 5, 6, 7, 8]
    assert [items[row]["answer"]["key"] for row in sound] == [one.key for one in expected]
    details = {row: item["problem"]["detail"] for row, item in enumerate(items) if item["problem"]}
    assert details[1] == "A text should be a string, this is null."
    assert details[8] == "A text may have 100 characters (serve.max_characters), this one has 101."
    assert {item["problem"]["status"] for item in items if item["problem"]} == {422}
    newest_first = [item["id"] for item in listed]
    assert newest_first == [items[row]["answer"]["id"] for row in reversed(sound)]


def test_batch_of_problems(house: House) -> None:
    """A batch in which nothing can be answered is answered all the same."""
    with serving(house) as client:
        found = client.post("/predict/batch", json={"texts": [None, 3]}).json()
        assert [item["answer"] for item in found["items"]] == [None, None]
        assert found["model"]["version"] == 1


@pytest.mark.parametrize(("texts", "status"), [(0, 422), (1, 200), (3, 200), (4, 422)])
def test_batch_sizes(house: House, texts: int, status: int) -> None:
    """A batch has one text at least and as many as the config says at most."""
    with serving(house, serve=ServeRule(max_batch=3)) as client:
        response = client.post("/predict/batch", json={"texts": [CRICKET] * texts})
    assert response.status_code == status
    if texts == 4:
        assert response.json()["detail"] == "A request may have 3 texts (serve.max_batch), not 4."


@pytest.mark.parametrize("path", ["/predict", "/explain"])
def test_too_long(house: House, path: str) -> None:
    """A text that is too long is refused with the limit by its name; one character less is answered."""
    with serving(house, serve=ServeRule(max_characters=50)) as client:
        assert client.post(path, json={"text": "x" * 50}).status_code == 200
        response = client.post(path, json={"text": "x" * 51})
    assert (response.status_code, response.headers["content-type"]) == (422, PROBLEM)
    assert response.json()["detail"] == "A text may have 50 characters (serve.max_characters), this one has 51."


def test_logged_first(house: House) -> None:
    """When an answer is seen it is in the log, with the caller, the text as the config has it, and the model."""
    with serving(house, log=LogRule(text="redacted")) as client:
        log = service_of(client).log
        found = answer(client, "Write to ann@example.org of the volcano and the magma in the crater")
        state = log.state()
        assert state.waiting + state.stored == 1
        item = history(client)[0]
    assert item["id"] == found["id"]
    assert "ann@example.org" not in item["text"]
    assert (item["source"], item["by"], item["model"]) == ("api", "local", found["model"])
    same = ("key", "name", "strength", "remark", "overruled")
    assert {name: item[name] for name in same} == {name: found[name] for name in same}


def test_not_logged_not_answered(house: House) -> None:
    """An answer that could not be put into the log does not go out."""

    class Broken:
        def append(self, rows: Any) -> None:
            raise RuntimeError("the log has a fault")

    with serving(house, quiet=True) as client:
        service, own = service_of(client), service_of(client).log
        broken: Any = Broken()
        service.log = broken
        response = client.post("/predict", json={"text": CRICKET})
        service.log = own
        assert response.status_code == 500


def test_too_busy(house: House) -> None:
    """While too many texts wait the answer is 429 and says when to come again."""

    class Full:
        async def one(self, text: str) -> None:
            raise TooBusy("2000 texts wait.", retry_after_s=2.5)

    with serving(house) as client:
        service, own = service_of(client), service_of(client).batcher
        full: Any = Full()
        service.batcher = full
        response = client.post("/predict", json={"text": CRICKET})
        service.batcher = own
    assert (response.status_code, response.headers["retry-after"]) == (429, "3")
    assert response.json()["type"] == "urn:evertopic:problem:too-busy"


@dataclass
class Held:
    """A holder of one model, for good."""

    current: Model
    trouble: str | None = None


def with_rules(model: Model, *categories: Category) -> Model:
    """The model, as if it had been trained beside these rules."""
    bundle = model.predictor.bundle
    meta = bundle.meta.model_copy(update={"rules": Rules(categories=categories)})
    return replace(model, predictor=Predictor(bundle.model_copy(update={"meta": meta}), model.predictor.encoder))


def test_a_rule_speaks(house: House) -> None:
    """Where a rule spoke the answer has its category, and what the model itself would have said; so has the history."""
    plain = house.model("champion")
    own = plain.predictor.predict([CRICKET])[0]
    games = Category(name="Games", patterns=("wicket*",), over_confident=True, strength=0.75)
    model = with_rules(plain, games, Category(name="Lost", patterns=("lost",), topic="t000000"))
    with serving(house) as client:
        service = service_of(client)
        held: Any = Held(model)
        before = service.holder
        service.holder = service.batcher.holder = held
        found, topics = answer(client, CRICKET), client.get("/topics").json()
        told = client.post("/feedback", json={"prediction_id": found["id"], "verdict": "wrong", "topic": "rule:Games"})
        item = history(client, topic="rule:Games")[0]
        service.holder = before
    assert (found["key"], found["name"], found["strength"]) == ("rule:Games", "Games", 0.75)
    assert found["overruled"] == {
        "rule": "Games",
        "edit": None,
        "key": own.key,
        "name": own.name,
        "strength": own.strength,
    }
    assert found["alternatives"][0]["key"] == own.key
    assert item["overruled"] == found["overruled"]
    spoken = {"priority": 0, "over_confident": True, "silent": False}
    assert topics["rules"][0] == {"key": "rule:Games", "name": "Games", "patterns": ["wicket*"], **spoken}
    assert [rule["silent"] for rule in topics["rules"]] == [False, True]
    assert told.status_code == 201


def test_order_within_a_request(house: House) -> None:
    """Texts of one request are a microsecond apart, so that their ids and their places in the history are in order."""
    with serving(house, now=lambda: AT) as client:
        found = client.post("/predict/batch", json={"texts": [CRICKET] * 50}).json()
        listed = history(client)
    ids = [item["answer"]["id"] for item in found["items"]]
    assert ids == sorted(ids)
    assert [item["id"] for item in listed] == ids[::-1]
    assert datetime.fromisoformat(listed[0]["at"]) == AT + timedelta(microseconds=49)


def test_explain(house: House) -> None:
    """An explanation has what the answer has, each topic's standing, near documents, and is no prediction."""
    with serving(house) as client:
        found = answer(client, VOLCANO)
        told = client.post("/explain", json={"text": VOLCANO, "neighbours": 2.0}).json()
        half = client.post("/explain", content=json.dumps({"text": f"\ud800 {VOLCANO}"}), headers=JSON)
        assert len(history(client)) == 1
    assert (told["key"], told["name"], told["strength"]) == (found["key"], found["name"], found["strength"])
    assert told["topics"][0]["key"] == found["key"]
    assert len(told["topics"]) == 4
    assert len(told["neighbours"]) == 2
    assert told["text"] == VOLCANO
    assert "magma" in told["words"]
    assert half.status_code == 200
