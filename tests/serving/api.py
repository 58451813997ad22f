"""The whole API behind a client, as tests of it need it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from evertopic.config import ServeRule
from evertopic.prediction.log import LogRule
from serving.app import create_app
from serving.service import Service
from tests.serving.conftest import House

HERE = "http://127.0.0.1:8000"
JSON = {"Content-Type": "application/json"}
CRICKET = "cricket batsman wicket bowling innings stadium captain"
VOLCANO = "volcano eruption earthquake magma tectonic crater lava"
PROBLEM = "application/problem+json"


@contextmanager
def serving(
    house: House,
    *,
    store_url: str | None = None,
    serve: ServeRule | None = None,
    log: LogRule | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    choice: str = "champion",
    quiet: bool = False,
) -> Iterator[TestClient]:
    """A client of the API of this house, which is open as long as it lasts.

    Args:
        house: the project.
        store_url: another database than the house's own.
        serve: instead of the config's.
        log: instead of the config's.
        now: the clock.
        choice: of the model.
        quiet: a fault of the service is answered, as by a server, and not raised here.
    """
    changes: dict[str, Any] = {name: value for name, value in (("serve", serve), ("log", log)) if value is not None}
    place = house.place if store_url is None else replace(house.place, store=SecretStr(store_url))
    app = create_app(house.config.model_copy(update=changes), place, choice=choice, now=now, randomness=Random(0))
    client = TestClient(app, base_url=HERE, client=("127.0.0.1", 50_000), raise_server_exceptions=not quiet)
    with client:
        yield client


def service_of(client: TestClient) -> Service:
    """What is behind the API."""
    app = client.app
    assert isinstance(app, FastAPI)
    found: Service = app.state.service
    return found


def answer(client: TestClient, text: str) -> dict[str, Any]:
    """The answer to one text."""
    response = client.post("/predict", json={"text": text})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def history(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    """The answers that the history shows."""
    response = client.get("/history", params=asked)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items
