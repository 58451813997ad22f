"""The API as a process: where it may listen, how it starts, how it ends."""

import json
import signal
import socket
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from threading import Thread

import httpx
import pytest
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.environment import Environment, read_environment
from evertopic.errors import BadConfig, Unavailable
from evertopic.storage.store import open_store
from serving.listening import listen, require_keys, take_port
from tests.serving.conftest import House
from tests.serving.processes import ROOT, SERVE, started

GOOD = "q8Zk-17xLpw0Vn3_tB5jRa9M"
MARKER = "xylophone"


def place(tmp_path: Path, **variables: str) -> Environment:
    """The environment of a project with nothing in it."""
    return read_environment(variables, tmp_path)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1"])
def test_this_machine_needs_no_key(tmp_path: Path, host: str) -> None:
    """Loopback by address or by name, without keys or with an empty one; no store is made to find that out."""
    require_keys(place(tmp_path), host)
    require_keys(place(tmp_path, EVERTOPIC_API_KEY=""), host)
    assert not (tmp_path / ".evertopic").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1"])
def test_other_machines_need_keys(tmp_path: Path, host: str) -> None:
    """Without any key there is no listening beyond loopback; the message says how to make one."""
    with pytest.raises(BadConfig, match="evertopic keys make"):
        require_keys(place(tmp_path), host)


def test_one_key_that_is_not_revoked_is_enough(tmp_path: Path) -> None:
    """A key in the store opens other addresses, a revoked one does not."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    store = open_store(place(tmp_path).store_url)
    made = store.api_keys.make("ann", "viewer", at=at, secret="evt_x")
    require_keys(place(tmp_path), "0.0.0.0")
    store.api_keys.revoke(made.id, at)
    store.close()
    with pytest.raises(BadConfig):
        require_keys(place(tmp_path), "0.0.0.0")


def test_a_good_key_of_the_environment_is_enough(tmp_path: Path) -> None:
    """In a container there is no store yet to make a key in."""
    require_keys(place(tmp_path, EVERTOPIC_API_KEY=GOOD), "0.0.0.0")


def test_an_empty_key_of_the_environment_is_refused_whatever_the_store_has(tmp_path: Path) -> None:
    """Somebody meant to give one, and it did not arrive."""
    store = open_store(place(tmp_path).store_url)
    store.api_keys.make("ann", "viewer", at=datetime(2026, 3, 1, tzinfo=UTC), secret="evt_x")
    store.close()
    with pytest.raises(BadConfig, match="set and empty"):
        require_keys(place(tmp_path, EVERTOPIC_API_KEY=""), "0.0.0.0")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("secret", ["changeme", "secretpassword", "your-api-key-here-replace-this-now", "a" * 40])
def test_a_weak_key_of_the_environment_is_refused_everywhere(tmp_path: Path, host: str, secret: str) -> None:
    """Loopback too: tunnels and proxies end there. The message does not repeat it."""
    with pytest.raises(BadConfig, match="EVERTOPIC_API_KEY") as refused:
        require_keys(place(tmp_path, EVERTOPIC_API_KEY=secret), host)
    assert secret not in str(refused.value)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "1.2.3.4.5", ""])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    """A name that means nothing, an address of another machine."""
    with pytest.raises(BadConfig, match=f"--host '{host}' is no address"):
        take_port(host, 0)


def test_a_taken_port_is_told() -> None:
    """Something listens there: the message names port and option, and nothing stays open."""
    with ExitStack() as stack:
        taken = [stack.enter_context(each) for each in take_port("127.0.0.1", 0)]
        listen(taken)
        port = taken[0].getsockname()[1]
        with pytest.raises(Unavailable, match=rf"Port {port} of 127.0.0.1 is taken .*--port"):
            take_port("127.0.0.1", port)


def test_of_two_that_start_at_once_one_is_told() -> None:
    """Both took the port before either listened."""
    with ExitStack() as stack:
        first = [stack.enter_context(each) for each in take_port("127.0.0.1", 0)]
        second = [stack.enter_context(each) for each in take_port("127.0.0.1", first[0].getsockname()[1])]
        listen(first)
        with pytest.raises(Unavailable, match="is taken"):
            listen(second)


def test_localhost_is_one_port_on_all_its_addresses() -> None:
    """::1 where there is one, 127.0.0.1 always."""
    with ExitStack() as stack:
        taken = [stack.enter_context(each) for each in take_port("localhost", 0)]
        assert len({each.getsockname()[1] for each in taken}) == 1
        assert socket.AF_INET in {each.family for each in taken}


@pytest.fixture
def here(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The project as the working directory of this process."""
    monkeypatch.chdir(house.place.root)
    monkeypatch.setenv("EVERTOPIC_HOME", str(house.place.home))
    monkeypatch.setattr(sys, "path", list(sys.path))
    return house


def test_the_command_refuses_with_a_sentence_and_a_code(here: House) -> None:
    """No keys for other machines: 2. A weak key: 2. A version nobody registered: 3. A taken port: 5."""
    invoke = CliRunner().invoke
    refused = invoke(app, ["serve", "--host", "0.0.0.0"])
    assert (refused.exit_code, "evertopic keys make" in refused.stderr) == (2, True)
    weak = invoke(app, ["serve", "tiny"], env={"EVERTOPIC_API_KEY": "changeme"})
    assert (weak.exit_code, "EVERTOPIC_API_KEY has 8 characters" in weak.stderr) == (2, True)
    unknown = invoke(app, ["serve", "--model-version", "7"])
    assert (unknown.exit_code, "`evertopic train tiny`" in unknown.stderr) == (3, True)
    with ExitStack() as stack:
        taken = [stack.enter_context(each) for each in take_port("127.0.0.1", 0)]
        listen(taken)
        port = str(taken[0].getsockname()[1])
        stuck = invoke(app, ["serve", "--port", port])
    assert (stuck.exit_code, f"Port {port} of 127.0.0.1 is taken" in stuck.stderr) == (5, True)
    assert [done.stdout for done in (refused, weak, unknown, stuck)] == [""] * 4


def test_the_command_serves_and_ends_in_order(house: House) -> None:
    """One loop in configs/: it is found and served; SIGTERM ends with 0, and what was answered is in the store."""
    with started(SERVE, house.place.root, EVERTOPIC_HOME=str(house.place.home)) as running:
        address = running.says(r"tiny@champion, version 1, answers at (http://127.0.0.1:\d+)")[1]
        running.says("No API key is needed, so only this machine may call")
        with httpx.Client(base_url=address, timeout=60) as client:
            assert client.get("/health").status_code == 200
            given = client.post("/predict", json={"text": f"cricket {MARKER} wicket"}).json()
            assert client.post("/predict", json={"text": {MARKER: MARKER}}).status_code == 422
            assert client.post("/predict", content=MARKER, headers={"content-type": "text/plain"}).status_code == 415
        assert running.ends(signal.SIGTERM) == 0
    lines = [json.loads(line) for line in running.out]
    assert [line["status"] for line in lines if line["event"] == "request"] == [200, 200, 422, 415]
    assert MARKER not in "".join(running.out + running.err)
    store = open_store(house.place.store_url)
    try:
        assert store.predictions.get("tiny", given["id"]) is not None
    finally:
        store.close()


def test_ctrl_c_ends_with_130_and_without_a_traceback(house: House) -> None:
    """A person at a terminal stops it."""
    with started(SERVE, house.place.root, EVERTOPIC_HOME=str(house.place.home)) as running:
        running.says("answers at")
        assert running.ends(signal.SIGINT) == 130
    assert "Traceback" not in "".join(running.out + running.err)


SMALL = """
import asyncio, gc, sys
from contextlib import asynccontextmanager
from fastapi import FastAPI
from serving.listening import take_port
from serving.run import run, tell

@asynccontextmanager
async def lifespan(app):
    tell("opening")
    try:
        await asyncio.sleep(float(sys.argv[1]))
        yield
    finally:
        tell("closed")

app = FastAPI(lifespan=lifespan)
begun = asyncio.Event()

@app.get("/slow")
async def slow():
    tell("begun")
    await asyncio.sleep(0.5)
    return "done"

sockets = take_port("127.0.0.1", 0)
sys.exit(run(app, sockets, lambda: tell(f"ready {sockets[0].getsockname()[1]}, {gc.get_freeze_count()} at rest")))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_told_to_stop_while_it_starts_it_stops_at_once(number: signal.Signals, code: int) -> None:
    """A model that takes minutes to load is not waited for; what was opened is closed."""
    with started([sys.executable, "-c", SMALL, "3600"], ROOT) as running:
        running.says("opening")
        assert running.ends(number) == code
    assert running.err[-1] == "closed\n"


def test_a_request_under_way_is_answered_before_the_end() -> None:
    """SIGTERM in the middle: the answer comes whole, then the process ends with 0."""
    with started([sys.executable, "-c", SMALL, "0"], ROOT) as running:
        port, at_rest = running.says(r"ready (\d+), (\d+) at rest").groups()
        assert int(at_rest) > 10_000  # not looked through again for garbage
        answers: Queue[httpx.Response] = Queue()
        asking = Thread(target=lambda: answers.put(httpx.get(f"http://127.0.0.1:{port}/slow", timeout=60)))
        asking.start()
        running.says("begun")
        assert running.ends(signal.SIGTERM) == 0
        asking.join()
    assert answers.get().json() == "done"
    assert (running.err.count("opening\n"), running.err[-1]) == (1, "closed\n")
