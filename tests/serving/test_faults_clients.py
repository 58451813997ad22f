"""Clients that behave badly towards a server at work: each gets a defined answer, and nobody else is harmed."""

import json
import random
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import Any

from tests.serving.conftest import House
from tests.serving.faults import Server, served, stored_ids
from tests.serving.load import TEXTS, Reply, call, load, until

PROBLEM = "application/problem+json"
TIMEOUT_S = 2
HUGE = 100_000_000
SMALL_RSS = 20_000_000
TEN_THOUSAND_TOKENS = " ".join(f"{word}{at}" for at in range(2_500) for word in ("rain", "storm", "coast", "wind"))
TEXTS_OF_ALL_KINDS = {
    "10,000 tokens": json.dumps(TEN_THOUSAND_TOKENS),
    "100,000 characters": json.dumps("cricket " * 12_500),
    "one word of 100,000": json.dumps("x" * 100_000),
    "NUL": '"cricket\\u0000wicket \\u0000"',
    "half a character": '"cricket \\ud800 wicket \\udfff"',
    "halves the wrong way round": '"\\ude00\\ud83d"',
    "right to left": json.dumps("لعبة الكريكيت ١٢٣ שלום עולם \u202etxet desrever\u202c", ensure_ascii=False),
    "CJK": json.dumps("板球比賽昨天結束了。クリケットの試合。크리켓 경기", ensure_ascii=False),
    "combining": json.dumps("e" + "\u0301" * 5_000),
    "controls": '"\\u0001\\u001b[31m\\u007f\\u0085\\u2028\\ufeff\\uffff"',
    "emoji": json.dumps("👩‍👩‍👧‍👦🏏" * 100),
    "code": json.dumps("'; DROP TABLE predictions; -- <script>{{7*7}}${jndi:ldap://x} %s %n"),
    "empty": '""',
}
BAD_BODIES: dict[str, tuple[bytes, str, int]] = {
    "nothing": (b"", "application/json", 422),
    "half an object": (b'{"text": "a', "application/json", 400),
    "no JSON": (b"text=cricket", "application/json", 400),
    "not UTF-8": (b'{"text": "\xff\xfe"}', "application/json", 400),
    "binary": (random.Random(0).randbytes(100_000), "application/json", 400),
    "deep": (b'{"text": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "application/json", 400),
    "a long number": (b'{"text": ' + b"9" * 200_000 + b"}", "application/json", 400),
    "another shape": (b'["cricket"]', "application/json", 422),
    "another type": (b'{"text": 7}', "application/json", 422),
    "a field too many": (b'{"text": "a", "model": 1}', "application/json", 422),
    "too long a text": (json.dumps({"text": "x" * 100_001}).encode(), "application/json", 422),
    "a form": (b"text=cricket", "application/x-www-form-urlencoded", 415),
    "plain text": (b"cricket", "text/plain", 415),
    "a lie": (b"PK\x03\x04", "application/zip", 415),
}


def with_text(spelled: str) -> bytes:
    """A request for one text that is JSON already."""
    return f'{{"text": {spelled}}}'.encode()


def test_texts_of_all_kinds(house: House, store_url: str) -> None:
    """Any text is answered, alone and in a batch, and is in the log once, in either database."""
    with served(house, store_url) as server:
        found = {name: call(server.port, "POST", "/predict", with_text(it)) for name, it in TEXTS_OF_ALL_KINDS.items()}
        texts = f'{{"texts": [{", ".join(TEXTS_OF_ALL_KINDS.values())}]}}'.encode()
        together = call(server.port, "POST", "/predict/batch", texts)
        until(lambda: server.metric("log_waiting_predictions") == 0)
        shown = call(server.port, "GET", "/history?limit=100")
        assert server.metric("log_lost_predictions_total") == 0
    assert {name: reply.status for name, reply in found.items()} == dict.fromkeys(TEXTS_OF_ALL_KINDS, 200)
    alone = [reply.body for reply in found.values()]
    assert [item["answer"]["key"] for item in together.body["items"]] == [each["key"] for each in alone]
    ids = [each["id"] for each in alone] + [item["answer"]["id"] for item in together.body["items"]]
    assert stored_ids(store_url) == dict.fromkeys(ids, 1)
    assert {item["id"] for item in shown.body["items"]} == set(ids)


def test_bodies_that_are_no_request(house: House) -> None:
    """Each has its status and a problem, on both routes, and nothing of it is kept; the server goes on."""
    with served(house) as server:
        found = {
            name: call(server.port, "POST", path, body, kind=kind)
            for path in ("/predict/batch", "/predict")
            for name, (body, kind, _) in BAD_BODIES.items()
        }
        assert call(server.port, "POST", "/predict", {"text": "cricket"}).status == 200
        until(lambda: server.metric("log_waiting_predictions") == 0)
        assert server.metric("log_stored_predictions_total") == 1
    expected = {name: (status, PROBLEM) for name, (_, _, status) in BAD_BODIES.items()}
    assert {name: (reply.status, reply.headers["content-type"]) for name, reply in found.items()} == expected


def test_a_slow_client(house: House) -> None:
    """Half a body and then nothing: 408 within the time-out, and others are served in between."""
    with served(house, timeout_seconds=TIMEOUT_S) as server, load(server.port, 4) as asked:
        started = monotonic()
        slow = [half_a_request(server) for _ in range(30)]
        asked.more(50)
        early = monotonic() - started < TIMEOUT_S
        for client in slow:
            with client, client.makefile("rb") as answer:
                assert answer.readline().startswith(b"HTTP/1.1 408")
                assert b"Body too slow" in answer.read()  # to the end: the connection is closed
        assert monotonic() - started < TIMEOUT_S + 10
        asked.more(50)
    assert early, "the others waited for the slow ones"
    assert (asked.statuses(), asked.unanswered) == ({200}, [])


def half_a_request(server: Server) -> socket.socket:
    """A client that has sent a head and the beginning of a body."""
    client = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    head = "POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    client.sendall(head.encode() + b'{"text": "cricket')
    return client


def test_a_huge_body(house: House) -> None:
    """100 MB, announced or in pieces: 413, while the memory of the server stays as it was and others are served."""
    with served(house, max_body_mb=1) as server, load(server.port, 4) as asked:
        asked.more(200)
        before = peak(server)
        refused = [huge(server, announced=announced) for announced in (True, False, True, False)]
        asked.more(50)
        assert peak(server) - before < SMALL_RSS
    assert [(reply.status, reply.headers["content-type"]) for reply in refused] == [(413, PROBLEM)] * 4
    assert (asked.statuses(), asked.unanswered) == ({200}, [])


def huge(server: Server, *, announced: bool) -> Reply:
    """The answer to 100 MB."""

    def pieces() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(HUGE // 100_000):
            yield b"x" * 100_000

    headers = {"Content-Type": "application/json", **({"Content-Length": str(HUGE + 10)} if announced else {})}
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request("POST", "/predict", pieces(), headers, encode_chunked=not announced)
        response = connection.getresponse()
        told: dict[str, Any] = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, told, response.read(), 1)


def peak(server: Server) -> int:
    """The most memory the server ever had, in bytes."""
    lines = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1_024 for line in lines if line.startswith("VmHWM"))


def test_clients_that_leave(house: House) -> None:
    """Forty clients ask and are gone before the answer: others get theirs, and nothing waits for ever."""
    body = json.dumps({"text": TEXTS[0]}).encode()
    head = "POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with served(house, cache_texts=0) as server:
        with load(server.port, 4) as asked:
            asked.more(20)
            for _ in range(40):
                with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
                    client.sendall(request)
            asked.more(50)
        until(lambda: server.metric("waiting_texts") == 0)
        assert call(server.port, "POST", "/predict", {"text": "cricket"}).status == 200
    assert (asked.statuses(), asked.unanswered) == ({200}, [])


def test_large_requests_of_clients_that_leave_are_given_up(house: House) -> None:
    """Ten clients ask for 1,000 texts each and are gone: few are answered, others need not wait."""
    body = json.dumps({"texts": [f"{at} {TEXTS[at % len(TEXTS)]}" for at in range(1_000)]}).encode()
    head = "POST /predict/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with served(house, cache_texts=0, waiting_texts=100_000) as server:
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
                client.sendall(request)
        until(lambda: server.metric("waiting_texts") == 0)
        assert call(server.port, "POST", "/predict", {"text": "cricket"}).status == 200
        answered = call(server.port, "GET", "/stats").body["answers"]
    assert answered < 5_000
