"""Callers who ask a server over HTTP, one text or some at a time, and keep what they got."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Condition, Thread
from time import monotonic, sleep
from typing import Any

from tests.projects import themed

TEXTS = themed(documents=200, seed=3)
SOME = 5
"""Texts of a batch."""
PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes
    asked: int
    """Texts."""

    @property
    def body(self) -> Any:
        """What it says."""
        return json.loads(self.content)

    def answers(self) -> list[dict[str, Any]]:
        """The answers in it, of one text or of a batch; none in a problem."""
        if self.status != 200:
            return []
        return [item["answer"] for item in self.body["items"]] if "items" in self.body else [self.body]


def call(port: int, method: str, path: str, body: Any = None, *, kind: str = "application/json") -> Reply:
    """One request on a connection of its own; a body that is no bytes goes as JSON."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        return ask(connection, method, path, body, kind)


def ask(connection: HTTPConnection, method: str, path: str, body: Any = None, kind: str = "application/json") -> Reply:
    """One request on this connection."""
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, path, content, {} if content is None else {"Content-Type": kind})
    response = connection.getresponse()
    texts = len(body.get("texts", [0])) if isinstance(body, dict) else 0
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, headers, response.read(), texts)


def until(true: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Returns as soon as it is true.

    Raises:
        AssertionError: it never was.
    """
    deadline = monotonic() + seconds
    while not true():
        assert monotonic() < deadline, f"not within {seconds} s"
        sleep(0.02)


@dataclass
class Load:
    """Callers at work. Every third request is a batch, unless `batches` says otherwise."""

    port: int
    batches: int = 3
    texts: Sequence[str] = tuple(TEXTS)
    some: int = SOME
    replies: list[Reply] = field(default_factory=list)
    unanswered: list[tuple[str, int]] = field(default_factory=list)
    """Of requests that got no answer: the fault, and the texts asked."""
    _enough: bool = False
    _told: Condition = field(default_factory=Condition)

    def more(self, requests: int) -> None:
        """Waits for so many more answers."""
        with self._told:
            wanted = len(self.replies) + requests
            assert self._told.wait_for(lambda: len(self.replies) >= wanted, PATIENCE_S), "the callers got no answers"

    def statuses(self) -> set[int]:
        """Of all answers."""
        return {reply.status for reply in self.replies}

    def ids(self) -> list[str]:
        """Of all predictions the callers have read."""
        return [answer["id"] for reply in self.replies for answer in reply.answers()]

    def work(self, caller: int) -> None:
        """One caller asks until it is enough, or the server is gone."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            asked = caller
            while not self._enough:
                asked += 1
                path, body = self._request(asked)
                try:
                    reply = ask(connection, "POST", path, body)
                except (HTTPException, OSError) as fault:
                    self.unanswered.append((repr(fault), len(body.get("texts", [0]))))
                    return
                with self._told:
                    self.replies.append(reply)
                    self._told.notify_all()

    def stop(self) -> None:
        """It is enough: what is under way is the last."""
        self._enough = True

    def _request(self, asked: int) -> tuple[str, dict[str, Any]]:
        first = asked * 7 % (len(self.texts) - self.some)
        if asked % self.batches == 0:
            return "/predict/batch", {"texts": self.texts[first : first + self.some]}
        return "/predict", {"text": self.texts[first]}


@contextmanager
def load(port: int, callers: int = 16, **options: Any) -> Iterator[Load]:
    """Callers at work as long as it lasts; afterwards each has its last answer."""
    made = Load(port, **options)
    threads = [Thread(target=made.work, args=(caller,)) for caller in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        made.stop()
        for thread in threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
