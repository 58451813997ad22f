"""What a Prefect that never runs a schedule looks like; the good ones are in tests/flows/test_up.py."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from evertopic.cli.prefect_api import PrefectApi
from evertopic.errors import Unavailable


@contextmanager
def answering(answers: dict[str, tuple[int, Any]]) -> Iterator[tuple[str, list[str]]]:
    """A server that answers POST by path, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(f"POST {self.path} {self.headers.get('Authorization', '')}".strip())
            status, content = answers[self.path]
            self._answer(status, json.dumps(content).encode())

        def do_DELETE(self) -> None:
            asked.append(f"DELETE {self.path}")
            self._answer(204, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: pytest's output is for faults."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


MADE: dict[str, tuple[int, Any]] = {"/flows/": (201, {"id": "f"}), "/deployments/": (201, {"id": "d"})}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"/deployments/d/schedule": (200, None), "/flow_runs/count": (200, 0)}, "scheduler creates no runs"),
        ({"/deployments/d/schedule": (500, {})}, "POST /deployments/d/schedule was answered 500"),
        ({"/deployments/": (422, {})}, "POST /deployments/ was answered 422"),
    ],
)
def test_a_scheduler_that_creates_nothing(answers: dict[str, tuple[int, Any]], said: str) -> None:
    """It is said before anything waits for it, with the versions there are and those asked for; the try is deleted."""
    with answering(MADE | answers) as (url, asked), pytest.raises(Unavailable) as fault:
        PrefectApi(url, pause_s=0).require_schedules()
    assert said in str(fault.value)
    assert "Here are prefect 3." in str(fault.value)
    assert "evertopic asks for fastapi<" in str(fault.value)
    assert "prefect==" in str(fault.value)
    assert "sqlalchemy[asyncio]<2.1" in str(fault.value)
    assert asked[-1] == "DELETE /flows/f"


def test_a_server_that_is_away() -> None:
    """Its address is in the message."""
    with answering({}) as (url, _):
        pass
    with pytest.raises(Unavailable, match=f"server at {url} does not answer"):
        PrefectApi(url).crash_silent_runs()


def test_a_password_is_sent_where_one_is_set() -> None:
    """As PREFECT_API_AUTH_STRING has it, user and password; it stands in no message."""
    with answering({"/automations/filter": (401, {})}) as (url, asked), pytest.raises(Unavailable) as fault:
        PrefectApi(url, "ann:sesame").crash_silent_runs()
    assert asked == ["POST /automations/filter Basic YW5uOnNlc2FtZQ=="]  # base64 of ann:sesame
    assert "sesame" not in str(fault.value)


def test_runs_are_left_alone_where_others_work_too() -> None:
    """The number of a process says nothing of another machine's: with a second worker nothing is set Crashed."""
    workers = [{"name": "evertopic-up"}, {"name": "gpu"}]
    with answering({"/work_pools/p/workers/filter": (200, workers)}) as (url, asked):
        assert PrefectApi(url).crash_dead_runs("p", "evertopic-up", "why") == ()
    assert asked == ["POST /work_pools/p/workers/filter"]
