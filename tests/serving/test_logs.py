"""One JSON line a request, and never a word of a text."""

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from evertopic.config import ServeRule
from evertopic.errors import Unavailable
from serving.logs import JsonLine
from serving.metrics import Metrics
from tests.serving.doorstep import Wire, bearer, client, guard_with, make_app, part, scope_of

ROOT = Path(__file__).parents[2]
MARKER = "xylophone"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the loggers of the service write, as the process would."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    loggers = [logging.getLogger(name) for name in ("evertopic", "asyncio", "other", "uvicorn")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield stream
    for logger, level in zip(loggers, before, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    """Every line, parsed."""
    return [json.loads(line) for line in written.getvalue().splitlines()]


def send(app: Any, method: str, path: str, **options: Any) -> httpx.Response:
    """One request, answered."""

    async def story() -> httpx.Response:
        async with client(app) as asking:
            return await asking.request(method, path, **options)

    return asyncio.run(story())


def test_a_request_leaves_one_line_that_says_what_became_of_it(written: io.StringIO) -> None:
    """Id, method, route, status, milliseconds, who asked, how many texts; and the client reads the same id."""
    app = make_app(guard=guard_with(predictor="evt_a"))
    found = send(app, "POST", "/echo?text=xylophone", json={"text": MARKER}, headers=bearer("evt_a"))
    (line,) = [line for line in lines(written) if line["event"] == "request"]
    assert found.headers["x-request-id"] == line["id"]
    assert found.headers["x-content-type-options"] == "nosniff"
    assert line["ms"] > 0
    assert line["time"].endswith("+00:00")
    known = {name: line[name] for name in ("level", "event", "method", "route", "status", "caller", "texts", "problem")}
    assert known == {
        "level": "info",
        "event": "request",
        "method": "POST",
        "route": "/echo",
        "status": 200,
        "caller": "key-predictor",
        "texts": 1,
        "problem": None,
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "options"),
    [
        ("POST", "/echo", 200, {"json": {"text": MARKER}}),
        ("POST", "/echo", 422, {"json": {"text": {MARKER: MARKER}}}),
        ("POST", "/echo", 422, {"json": {MARKER: "x"}}),
        ("POST", "/echo", 400, {"content": f'{{"text": "{MARKER}', "headers": {"content-type": "application/json"}}),
        ("POST", f"/break/{MARKER}", 500, {"json": {"text": MARKER}}),
        ("GET", f"/{MARKER}?{MARKER}={MARKER}", 404, {}),
        (MARKER.upper(), "/echo", 405, {}),
        ("GET", "/viewer", 401, {"headers": bearer(MARKER)}),
        ("GET", "/viewer", 200, {"headers": {"X-Request-ID": "no " + MARKER, "User-Agent": MARKER}}),
    ],
)
def test_no_word_of_a_request_is_in_the_log(
    written: io.StringIO, method: str, path: str, status: int, options: dict[str, Any]
) -> None:
    """Whatever is sent, and whatever becomes of it: one line of the request, without its words."""
    assert send(make_app(), method, path, **options).status_code == status
    assert MARKER not in written.getvalue().lower()
    assert [line["status"] for line in lines(written) if line["event"] == "request"] == [status]


def test_a_fault_is_told_by_its_class_and_place(written: io.StringIO) -> None:
    """Of a 500 the log has the error's class, the frames and the id that the client got."""
    found = send(make_app(), "POST", "/break/x", json={"text": MARKER})
    (fault,) = [line for line in lines(written) if "error" in line]
    assert fault["error"][0]["kind"] == "builtins.RuntimeError"
    assert any(frame.endswith(" broken") for frame in fault["error"][0]["frames"])
    assert fault["id"] == found.json()["request_id"] == found.headers["x-request-id"]


@pytest.mark.parametrize("given", ["my-trace.01_A", "a" * 64])
def test_a_sane_id_of_the_client_is_kept(given: str) -> None:
    """So that one request can be followed through several services."""
    assert send(make_app(), "GET", "/health", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", '{"x": 1}', "a\tb", "é"])
def test_any_other_id_is_replaced(given: str) -> None:
    """Nothing that a client made up breaks a line or a header."""
    own = send(make_app(), "GET", "/health", headers={"X-Request-ID": given.encode()}).headers["x-request-id"]  # type: ignore[dict-item]
    assert own != given
    assert len(own) == 32


def test_a_client_that_left_is_told_apart_from_a_fault(written: io.StringIO) -> None:
    """499: nobody was there to be answered."""
    wire = Wire(part(b"{", more=True), {"type": "http.disconnect"})
    asyncio.run(make_app()(scope_of("/echo", content_length="9"), wire.receive, wire.send))
    assert [line["status"] for line in lines(written)] == [499]


def test_requests_and_problems_are_counted_under_names_of_the_code() -> None:
    """Route templates and kinds of problems; a path that nobody serves, and a made-up method, are one label each."""
    metrics = Metrics()
    app = make_app(ServeRule(), metrics=metrics)
    for method, path in (("GET", "/viewer"), ("GET", "/one"), ("GET", "/two"), ("BREW", "/three")):
        send(app, method, path)
    send(app, "POST", "/break/x", json={"text": MARKER})
    seen = {
        tuple(sample.labels.values())
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "evertopic_requests_total"
    }
    assert seen == {
        ("GET", "/viewer", "200"),
        ("GET", "unmatched", "404"),
        ("other", "unmatched", "404"),
        ("POST", "/break/{word}", "500"),
    }
    assert metrics.registry.get_sample_value("evertopic_faults_total", {"kind": "not-found"}) == 3
    assert metrics.registry.get_sample_value("evertopic_faults_total", {"kind": "internal-error"}) == 1


def test_of_other_loggers_only_the_place_is_told(written: io.StringIO) -> None:
    """A library may quote a text in a warning: its words stay out, its name and line do not."""
    logging.getLogger("other").warning("cannot read %s", MARKER)
    logging.getLogger("asyncio").error(f"Task exception was never retrieved: {MARKER}")
    assert MARKER not in written.getvalue()
    assert [line["event"].split(" spoke")[0] for line in lines(written)] == ["other", "asyncio"]


def test_our_own_faults_speak_and_others_do_not(written: io.StringIO) -> None:
    """Why a database is away is told; what a ValueError quotes is not."""
    log = logging.getLogger("evertopic.serving")
    log.warning("Keys: %s", Unavailable("the store is away"))
    log.warning("Keys: %s", ValueError(MARKER))
    assert [line["event"] for line in lines(written)] == ["Keys: the store is away", "Keys: ValueError"]


SCRIPT = """
import logging, threading, warnings
from serving.logs import start_logging
start_logging()
logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
def fail():
    raise ValueError("xylophone")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
warnings.warn("xylophone")
logging.getLogger("elsewhere").info("not worth a line")
"""


def test_a_process_writes_nothing_but_such_lines() -> None:
    """Uvicorn's own, a thread that died, a warning: JSON on stdout, nothing on stderr, no word of a text."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"].split(" in ")[0] for line in told] == [
        "Started server process [7]",
        "A thread ended: ValueError",
        "py.warnings spoke",
    ]
    assert "xylophone" not in done.stdout + done.stderr
    assert done.stderr == ""
