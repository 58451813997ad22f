"""Asking whoever answers now, and going back: fast, and without the pipeline."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Protocol

import httpx

from evertopic.errors import EvertopicError
from evertopic.prediction.batch import keeping
from evertopic.prediction.canary import Canary, CanaryRule, Verdict, ask_api, ask_model, client_of, expect
from evertopic.prediction.loading import Model, load_model
from evertopic.records import Release
from evertopic.storage.lake import Lake
from evertopic.storage.registry import CHAMPION
from evertopic.storage.releasing import Wish, roll_back
from evertopic.storage.store import Store
from evertopic.storage.vectors import VectorStore

if TYPE_CHECKING:
    from pydantic import SecretStr

    from evertopic.storage.registry.registry import Registry

TIMEOUT_S = 30.0
NOBODY = "EVERTOPIC_API is not set, so the API was not asked"


class Place(Protocol):
    """What of the environment is needed here."""

    @property
    def lake_url(self) -> str:
        """Of the lake."""

    @property
    def vectors_url(self) -> str:
        """Of the vector store."""

    @property
    def api_key(self) -> "SecretStr | None":
        """Of an admin of the API."""

    def api_of(self, loop: str) -> str | None:
        """Where the API of a loop answers."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """What a rollback did."""

    line: Release
    verdict: Verdict
    seconds: float
    """From the command to the first answer of the old version."""


def go_back(
    place: Place,
    registry: "Registry",
    store: Store,
    wish: Wish,
    to: int | None,
    texts: Sequence[str],
    rule: CanaryRule,
    now: Callable[[], datetime],
    clock: Callable[[], float] = monotonic,
) -> Rollback:
    """The rollback, done and verified: the answers of the canary set are those of the old version.

    The alias moves and the API is told first; what the old version answers is found out after that.

    Raises:
        Refusal: there is nothing to roll back to.
        BadInput: there is no such version.
        Unavailable: the registry or the store did not answer.
    """
    started = clock()
    line = roll_back(registry, store.releases, wish, to, now)
    tell(place, wish.loop)
    told = clock() - started
    model = _load(place, registry, store, wish.loop, wish.model, str(line.version))
    loaded = clock() - started
    canary = expect(model.predictor, wish.model, line.version, texts, rule)
    verdict = verify(place, registry, store, wish.loop, canary, rule)
    store.releases.verified(line.id, verdict.said)
    asked = place.api_of(wish.loop) is not None and verdict.seconds is not None
    # The API had the old model from the moment it was told; without one, it is there when it is loaded.
    return Rollback(line, verdict, told if asked else loaded)


def verify(
    place: Place,
    registry: "Registry",
    store: Store,
    loop: str,
    canary: Canary,
    rule: CanaryRule,
) -> Verdict:
    """What the running API answers; where it cannot be asked, what the champion answers when it is loaded anew."""
    address = place.api_of(loop)
    found = Verdict("unasked", NOBODY)
    if address is not None:
        with closing(client_of(address, _key(place), TIMEOUT_S)) as client:
            found = ask_api(client, canary, rule)
    if found.state != "unasked":
        return found
    try:
        model = _load(place, registry, store, loop, canary.model, CHAMPION)
    except EvertopicError as fault:
        return Verdict("wrong", f"the champion cannot be loaded from the registry ({fault})")
    again = ask_model(model.predictor, canary)
    return Verdict(again.state, f"{again.said}; {found.said}")


def tell(place: Place, loop: str) -> str:
    """What the API said when it was told to look at the alias, in words."""
    address = place.api_of(loop)
    if address is None:
        return NOBODY
    try:
        with closing(client_of(address, _key(place), TIMEOUT_S)) as client:
            response = client.post("/model/reload")
    except httpx.HTTPError as fault:
        return f"the API at {address} did not answer ({type(fault).__name__}: {fault})"
    return f"the API was told, and answered {response.status_code}"


def _load(
    place: Place,
    registry: "Registry",
    store: Store,
    loop: str,
    model: str,
    choice: str,
) -> Model:
    at = datetime.now(UTC)
    wrap = keeping(VectorStore(place.vectors_url))
    return load_model(registry, Lake(place.lake_url), model, choice, at, wrap, edits=lambda: store.edits.list(loop))


def _key(place: Place) -> str | None:
    return place.api_key.get_secret_value() if place.api_key else None
