"""The canary set: asked of an API that answers, answers wrongly, slowly, late, or not at all."""

from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from evertopic.prediction.canary import FIXED, Canary, CanaryRule, ask_api, ask_model, client_of, expect
from evertopic.records import Prediction

RULE = CanaryRule(texts=2, p95_ms=100, patience_seconds=1)


class Model:
    """Answers every text with one key."""

    def __init__(self, key: str = "k1", strength: float = 0.5) -> None:
        self.said = Prediction(key, "name", (), strength, ())

    def predict(self, texts: Any) -> list[Prediction]:
        return [self.said for _ in texts]


CANARY = expect(Model(), "news", 2, ["newest", "older", "oldest"], RULE)


@dataclass
class Api:
    """An API of one model, as a test wants it."""

    version: int = 2
    key: str = "k1"
    model: str = "news"
    status: int = 200
    seconds: float = 0.01
    follows_after: int = 0
    """Looks at the alias after which it answers with the version."""
    fault: Exception | None = None
    time: float = 0.0
    asked: list[str] = field(default_factory=list)

    def post(self, url: str, *, json: Any = None) -> httpx.Response:
        self.asked.append(url)
        self.time += self.seconds
        if self.fault is not None:
            raise self.fault
        request = httpx.Request("POST", f"http://api{url}")
        if self.status != 200:
            return httpx.Response(self.status, json={"detail": "no"}, request=request)
        if url == "/model/reload":
            return httpx.Response(200, json={"outcome": "swapped"}, request=request)
        late = self.asked.count("/predict/batch") <= self.follows_after
        answers = [{"answer": {"key": self.key, "strength": 0.5}, "problem": None} for _ in json["texts"]]
        model = {"name": self.model, "version": 1 if late else self.version}
        return httpx.Response(200, json={"model": model, "items": answers}, request=request)

    def clock(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += seconds


def ask(api: Api, canary: Canary = CANARY) -> tuple[str, str]:
    """The state and the words of the verdict."""
    found = ask_api(api, canary, RULE, api.clock, api.pause)
    return found.state, found.said


def test_what_is_asked() -> None:
    """The odd texts and the newest ones, as many as the rule says."""
    assert CANARY.texts == (*FIXED, "newest", "older")
    assert set(CANARY.keys) == {"k1"}


def test_right_answers() -> None:
    """The API is told first, asked for all at once, then one by one for its speed."""
    api = Api()
    state, said = ask(api)
    assert (state, api.asked[0]) == ("right", "/model/reload")
    assert said == "the API answers 5 texts with version 2 as expected, the slowest twentieth in 10 ms"
    assert api.asked.count("/predict/batch") == 6


def test_an_api_that_follows_late() -> None:
    """Other processes of the API follow in their time: it is asked again, until its patience ends."""
    assert ask(Api(follows_after=2))[0] == "right"
    state, said = ask(Api(follows_after=1_000))
    assert (state, said) == ("wrong", "the API still answers with version 1, not 2")


def test_wrong_answers() -> None:
    """Another key or another strength is wrong, and counted."""
    assert ask(Api(key="k2")) == (
        "wrong",
        "the API with version 2 answers 5 of 5 texts otherwise than it did before the release",
    )
    stronger = replace(CANARY, strengths=(0.5, 0.5, 0.5, 0.5, 0.502))
    assert ask(Api(), stronger)[1].endswith("answers 1 of 5 texts otherwise than it did before the release")


def test_slow_answers() -> None:
    """Right and slow is wrong too."""
    state, said = ask(Api(seconds=0.2))
    assert (state, said) == ("wrong", "the API with version 2 is slow: 200 ms, 100 ms allowed")


@pytest.mark.parametrize(
    ("api", "said"),
    [
        (Api(fault=httpx.ConnectError("refused")), "did not answer (ConnectError: refused)"),
        (Api(status=500), "did not answer (HTTPStatusError"),
        (Api(status=401), "EVERTOPIC_API_KEY must be an admin's"),
        (Api(model="papers"), "serves papers, not news"),
    ],
    ids=["away", "broken", "wrong key", "another model"],
)
def test_nobody_to_ask(api: Api, said: str) -> None:
    """An API that is away, broken, locked or another one's gives nobody wrong answers of this model: it is unasked."""
    state, found = ask(api)
    assert state == "unasked"
    assert said in found


def test_from_the_registry() -> None:
    """A model that was loaded anew is held against the same answers."""
    assert ask_model(Model(), CANARY).state == "right"
    assert ask_model(Model("k2"), CANARY).state == "wrong"


def test_the_client() -> None:
    """The key goes into the header that the API wants."""
    with client_of("http://127.0.0.1:1", "evt_1", 1.0) as client:
        assert client.headers["Authorization"] == "Bearer evt_1"
    with client_of("http://127.0.0.1:1", None, 1.0) as client:
        assert "Authorization" not in client.headers
