"""http: against a real server on this machine."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from evertopic.corpus.sources import FAULT, Http
from evertopic.errors import BadInput, Unavailable

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """Answers with what a test sets, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tokens: list[str | None] = []
        self.answers: list[Answer] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/feed"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.asked.append(self.path)
        server.tokens.append(self.headers.get("Authorization"))
        answers = server.answers
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name the base class has
        """Keep quiet."""


def body(content: bytes | object, status: int = 200) -> Answer:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_a_list_of_objects_becomes_rows(server: Server) -> None:
    """Rows count from 1 across chunks, and an element that is no object is a fault of its own row."""
    server.answers = [body([{"text": "a", "n": 1}, {"text": "b"}, "c"])]
    first, second = Http(url=server.address, chunk_rows=2).read()
    assert first["text"].tolist() == ["a", "b"]
    assert first["n"].tolist() == [1, None]
    assert second.index.tolist() == [3]
    assert second[FAULT].iloc[0].startswith("bad_json: str instead of an object")


def test_records_path_leads_into_an_object(server: Server) -> None:
    """Where a step is missing, the message names the keys there are."""
    server.answers = [body({"result": {"items": [{"text": "a"}]}})]
    assert next(Http(url=server.address, records_path="result.items").read())["text"].tolist() == ["a"]
    with pytest.raises(BadInput, match=r"no 'rows'.*keys there are items"):
        next(Http(url=server.address, records_path="result.rows").read())
    with pytest.raises(BadInput, match="Set records_path"):
        next(Http(url=server.address).read())


def test_csv_and_an_empty_list_are_answers(server: Server) -> None:
    """CSV is read as from a file; nothing new is no error."""
    server.answers = [body(b"id;text\n1;caf\xe9\n")]
    source = Http(url=server.address, format="csv", delimiter=";", encoding="latin-1")
    assert next(source.read())["text"].tolist() == ["café"]
    server.answers = [body([])]
    assert list(Http(url=server.address).read()) == []


def test_an_answer_that_is_no_json_says_so(server: Server) -> None:
    """The likeliest cause is in the message."""
    server.answers = [body(b"id,text\n1,a\n")]
    with pytest.raises(BadInput, match=r"did not answer with JSON.*csv"):
        next(Http(url=server.address).read())


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(server: Server, status: int) -> None:
    """Two refusals, then the answer: three requests; a server that stays busy is asked `attempts` times."""
    server.answers = [body(b"", status), body(b"", status), body([{"text": "a"}])]
    assert len(next(Http(url=server.address, backoff_s=0).read())) == 1
    assert len(server.asked) == 3
    server.answers = [body(b"", status)]
    with pytest.raises(Unavailable, match=f"{status}, tried 4 times"):
        next(Http(url=server.address, backoff_s=0).read())
    assert len(server.asked) == 3 + 4


def test_a_refusal_for_good_is_not_repeated(server: Server) -> None:
    """404 is asked once."""
    server.answers = [body(b"", 404)]
    with pytest.raises(BadInput, match="status 404"):
        next(Http(url=server.address, backoff_s=0).read())
    assert len(server.asked) == 1


def test_nobody_listening_is_unavailable() -> None:
    """The address is in the message, its token is not."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    source = Http(url=f"http://ann:s3cret@127.0.0.1:{port}/feed?token=s3cret", attempts=2, backoff_s=0)
    with pytest.raises(Unavailable, match=rf"127\.0\.0\.1:{port}/feed.*tried 2 times") as caught:
        next(source.read())
    assert "s3cret" not in str(caught.value)
    assert source.fingerprint() is None


def test_a_silent_server_is_given_up(server: Server) -> None:
    """It is asked and does not answer in time."""
    release = threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        release.wait(10)
        handler.close_connection = True

    server.answers = [silent]
    with pytest.raises(Unavailable, match="timed out"):
        next(Http(url=server.address, timeout_s=0.1, attempts=1).read())
    release.set()


def test_max_bytes_holds_while_the_answer_still_comes(server: Server) -> None:
    """An answer without end is cut, not collected."""
    sent: list[int] = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(100_000):
                handler.wfile.write(b"x" * 10_000)
                sent.append(10_000)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True

    server.answers = [endless]
    with pytest.raises(BadInput, match="more than 50,000 bytes: raise max_bytes"):
        next(Http(url=server.address, max_bytes=50_000).read())
    server.shutdown()
    assert sum(sent) < 100_000_000  # of the 1,000,000,000 it would have sent


def test_headers_may_come_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token need not stand in the configuration."""
    monkeypatch.setenv("FEED_TOKEN", "abc")
    server.answers = [body([])]
    list(Http(url=server.address, headers={"Authorization": "Bearer ${FEED_TOKEN}"}).read())
    assert server.tokens == ["Bearer abc"]


@pytest.mark.parametrize("url", ["feed.json", "ftp://127.0.0.1/feed", "http://host:port/feed"])
def test_what_is_no_http_address_is_bad_input(url: str) -> None:
    """It is refused once, not tried again."""
    with pytest.raises(BadInput, match="address"):
        next(Http(url=url).read())
