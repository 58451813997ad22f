"""Requests that fit the OpenAPI document, and some that do not, made up by schemathesis; always the same ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from evertopic.config import ServeRule
from serving.app import create_app
from tests.serving.conftest import House

SECRET = "b7Qm2xT9vLr4ZkPw8sNf3JhYc6Gd1AeU"
EXAMPLES = 8
"""Of each operation, fitting ones and others each."""
UNFORESEEN = {"GET /history", "POST /feedback", "POST /edits"}
"""No schema can say whether a cursor was ever given out, nor whether a key is one of a topic: 422."""


class Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False))
        self.listens = Event()

    async def startup(self, sockets: list[object] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()

    @property
    def address(self) -> str:
        host, port = self.servers[0].sockets[0].getsockname()
        return f"http://{host}:{port}"


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The address of the application, on a port of its own."""
    server = Server(app)
    thread = Thread(target=server.run)
    thread.start()
    try:
        assert server.listens.wait(60)
        yield server.address
    finally:
        server.should_exit = True
        thread.join(60)


@pytest.fixture
def address(house: House) -> Iterator[str]:
    rule = ServeRule(
        requests_per_minute=1_000_000,
        feedback_per_hour=1_000_000,
        max_characters=500,
        max_batch=20,
        max_body_mb=100,  # a text that is too long for an edit is told so, not its body
    )
    place = replace(house.place, api_key=SecretStr(SECRET))
    with listening(create_app(house.config.model_copy(update={"serve": rule}), place)) as found:
        yield found


# The server is a thread of this process and may draw from `random` while a request is being made up.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
def test_every_answer_is_as_declared(address: str) -> None:
    """Whatever is asked, the answer has a declared status, type and shape; valid requests are answered, others not."""
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    headers = {"Authorization": f"Bearer {SECRET}"}
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        asked += _ask(operation, GenerationMode.POSITIVE, headers)
        if {"requestBody", "parameters"} & set(operation.definition.raw) and operation.label != "GET /topics/{key}":
            asked += _ask(operation, GenerationMode.NEGATIVE, headers)  # of the others nothing can be wrong
    assert asked > 13 * EXAMPLES


def _ask(operation: APIOperation, mode: GenerationMode, headers: dict[str, str]) -> int:
    """How many requests were sent; each answer passed every check."""
    asked = 0
    # Wrong keys are sent by another test: after thirty of them in a minute they are 429, not 401.
    excluded = [ignored_auth, positive_data_acceptance] if operation.label in UNFORESEEN else [ignored_auth]

    def ask(case: Case) -> None:
        nonlocal asked
        asked += 1
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    limits = settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    limits(given(case=operation.as_strategy(generation_mode=mode))(ask))()
    return asked
