"""The canary set: a few texts whose answers are known beforehand, asked of whatever answers after a release."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Annotated, Any, Literal, Protocol

import httpx
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

from evertopic.prediction.behaviour import SAME, Predicts

FIXED = ("", "😀", "One plain sentence about nothing in particular.")
"""Asked beside the newest texts."""
PAUSE_S = 0.2


class CanaryRule(BaseModel):
    """What is asked after a release, and how fast it must be answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: Annotated[int, Field(ge=0, le=1_000)] = 20
    """The newest texts of the loop, beside a few odd ones."""
    p95_ms: PositiveFloat = 2_000
    """Slowest twentieth of the answers of the API, one text each."""
    patience_seconds: PositiveFloat = 10
    """How long the API may take until it answers with the new version."""


@dataclass(frozen=True, slots=True)
class Canary:
    """What a version answers."""

    model: str
    version: int
    texts: tuple[str, ...]
    keys: tuple[str | None, ...]
    strengths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What asking has shown."""

    state: Literal["right", "wrong", "unasked"]
    """Wrong answers are nobody's wish; unasked means that nobody could be asked."""
    said: str
    seconds: float | None = None
    """From the first question to the first answer of the version."""


class Asks(Protocol):
    """A client of the API: what of httpx.Client is needed here."""

    def post(self, url: str, *, json: Any = None) -> httpx.Response:
        """The answer to a request."""


def expect(predictor: Predicts, model: str, version: int, recent: Sequence[str], rule: CanaryRule) -> Canary:
    """What the version answers to the newest texts and the odd ones."""
    texts = (*FIXED, *recent[: rule.texts])
    said = predictor.predict(texts)
    return Canary(
        model, version, texts, tuple(answer.key for answer in said), tuple(answer.strength for answer in said)
    )


def askable(texts: Sequence[str], characters: int, batch: int) -> tuple[str, ...]:
    """Those of the texts that an API answers: of so many characters at most, and as many as fit into one request.

    One that it refuses would look like a wrong answer.

    >>> askable(["long", "a", "b"], 1, 5)
    ('a', 'b')
    """
    short = tuple(text for text in texts if len(text) <= characters)
    return short[: max(0, batch - len(FIXED))]


def client_of(address: str, key: str | None, timeout_s: float) -> httpx.Client:
    """A client of the API at this address, with the key of an admin where it wants one."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=address, headers=headers, timeout=timeout_s)


def ask_model(predictor: Predicts, canary: Canary) -> Verdict:
    """Whether a model that was loaded anew answers as expected."""
    said = predictor.predict(canary.texts)
    wrong = _differences(canary, [(answer.key, answer.strength) for answer in said])
    if wrong:
        return Verdict("wrong", f"version {canary.version}, loaded from the registry, {wrong}")
    return Verdict("right", f"version {canary.version}, loaded from the registry, answers as expected")


def ask_api(
    client: Asks,
    canary: Canary,
    rule: CanaryRule,
    clock: Callable[[], float] = monotonic,
    pause: Callable[[float], None] = sleep,
) -> Verdict:
    """Whether the running API answers as expected, fast enough, once it was told to look at the alias.

    An API that is not there, wants another key or serves another model is `unasked`: nobody gets wrong answers.

    Args:
        client: of the API.
        canary: what the version that is the champion now answers.
        rule: how fast.
        clock: seconds.
        pause: waits between two looks at an API whose other processes have not followed yet.
    """
    started = clock()
    try:
        told = client.post("/model/reload")
        if told.status_code in {401, 403, 404, 405}:
            return Verdict("unasked", f"the API refused ({told.status_code}): EVERTOPIC_API_KEY must be an admin's")
        while True:
            found = _batch(client, canary.texts)
            if isinstance(found, Verdict):
                return found
            if found["model"]["name"] != canary.model:
                return Verdict("unasked", f"the API serves {found['model']['name']}, not {canary.model}")
            if found["model"]["version"] == canary.version:
                break
            if clock() - started > rule.patience_seconds:
                reason = "" if told.is_success else f" ({told.json().get('detail', told.status_code)})"
                version = found["model"]["version"]
                return Verdict("wrong", f"the API still answers with version {version}, not {canary.version}{reason}")
            pause(PAUSE_S)
        took = clock() - started
        return _judged(client, canary, rule, found, clock, took)
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as fault:
        return Verdict("unasked", f"the API did not answer ({type(fault).__name__}: {fault})")


def _judged(
    client: Asks, canary: Canary, rule: CanaryRule, found: Any, clock: Callable[[], float], seconds: float
) -> Verdict:
    wrong = _differences(canary, [_said(item) for item in found["items"]])
    if wrong:
        return Verdict("wrong", f"the API with version {canary.version} {wrong}", seconds)
    took = []
    for text in canary.texts:
        before = clock()
        one = _batch(client, [text])
        if isinstance(one, Verdict):
            return one
        took.append(1000 * (clock() - before))
    slow = float(np.quantile(took, 0.95))
    if slow > rule.p95_ms:
        said = f"the API with version {canary.version} is slow: {slow:.0f} ms, {rule.p95_ms:.0f} ms allowed"
        return Verdict("wrong", said, seconds)
    texts = f"{len(canary.texts)} texts"
    said = f"the API answers {texts} with version {canary.version} as expected, the slowest twentieth in {slow:.0f} ms"
    return Verdict("right", said, seconds)


def _batch(client: Asks, texts: Sequence[str]) -> Any:
    response = client.post("/predict/batch", json={"texts": list(texts)})
    if response.status_code in {401, 403}:
        return Verdict("unasked", f"the API refused ({response.status_code}): EVERTOPIC_API_KEY must be an admin's")
    response.raise_for_status()
    return response.json()


def _said(item: Any) -> tuple[str | None, float]:
    answer = item["answer"]
    return ("(a problem)", 0.0) if answer is None else (answer["key"], float(answer["strength"]))


def _differences(canary: Canary, found: Sequence[tuple[str | None, float]]) -> str:
    """What is not as expected, in words; empty where all is."""
    if len(found) != len(canary.texts):
        return f"gave {len(found)} answers to {len(canary.texts)} texts"
    pairs = zip(canary.keys, canary.strengths, found, strict=True)
    wrong = sum(key != other or abs(strength - sure) > SAME for key, strength, (other, sure) in pairs)
    return f"answers {wrong} of {len(found)} texts otherwise than it did before the release" if wrong else ""
