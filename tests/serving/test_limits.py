"""How often, how large and how long one caller may ask."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from fastapi.responses import StreamingResponse

from evertopic.config import ServeRule
from evertopic.errors import Unavailable
from serving.limits import Buckets, FeedbackAllowance
from serving.problems import TooBusy
from serving.security import Caller, viewer
from tests.serving.doorstep import HERE, Wire, bearer, client, guard_with, make_app, part, scope_of

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SMALL = ServeRule(max_body_mb=0.001)


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def ask(app: FastAPI, wire: Wire, path: str = "/echo", **headers: str) -> Wire:
    """One POST whose body comes over `wire`, answered within 20 s."""

    async def story() -> None:
        async with asyncio.timeout(20):
            await app(scope_of(path, **headers), wire.receive, wire.send)

    asyncio.run(story())
    return wire


def body_of(characters: int) -> bytes:
    """JSON with a text, so many bytes in all."""
    return json.dumps({"text": "x" * (characters - len('{"text": ""}'))}).encode()


def test_a_bucket_holds_a_minutes_worth_and_fills_evenly() -> None:
    """Of 6 a minute: six at once, the seventh waits 10 s, another one is there 10 s later, six after a minute."""
    clock = Clock()
    buckets = Buckets(6, clock=clock)
    levels = [buckets.take("ann") for _ in range(7)]
    assert [level.left for level in levels] == [5, 4, 3, 2, 1, 0, 0]
    assert [level.wait_s for level in levels] == pytest.approx([0, 0, 0, 0, 0, 0, 10])
    assert levels[-1].headers() == {"RateLimit-Limit": "6", "RateLimit-Remaining": "0", "RateLimit-Reset": "60"}
    clock.now += 10
    assert [buckets.take("ann").wait_s > 0 for _ in range(2)] == [False, True]
    clock.now += 3_600
    assert [buckets.take("ann").wait_s > 0 for _ in range(7)] == [False] * 6 + [True]


def test_one_callers_bucket_is_not_anothers() -> None:
    """Ann's flood takes nothing from Bob."""
    buckets = Buckets(2, clock=Clock())
    assert [buckets.take("ann").left for _ in range(3)] == [1, 0, 0]
    assert buckets.take("bob").left == 1


def test_buckets_are_bounded() -> None:
    """A million addresses do not fill the memory; those that ask are remembered longer than those that stopped."""
    buckets = Buckets(5, most=3, clock=Clock())
    for at in range(100):
        buckets.take(f"10.0.0.{at}")
        buckets.take("busy")
    assert len(buckets._levels) == 3
    assert buckets.take("busy").left == 0


def test_too_many_requests_of_one_key_are_told_when_to_come_again() -> None:
    """429 with Retry-After and what is left; another key and the probes are not touched."""
    guard = guard_with(viewer="evt_a", admin="evt_b")
    app = make_app(ServeRule(requests_per_minute=3), guard)

    async def story() -> None:
        async with client(app) as asking:
            answers = [await asking.get("/viewer", headers=bearer("evt_a")) for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
            assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
            refused = answers[-1]
            assert 1 <= int(refused.headers["retry-after"]) <= 20
            assert refused.json()["title"] == "Too busy"
            assert refused.headers["x-request-id"] == refused.json()["request_id"]
            assert (await asking.get("/viewer", headers=bearer("evt_b"))).status_code == 200
            assert all([(await asking.get("/health")).status_code == 200 for _ in range(9)])

    asyncio.run(story())


def test_without_keys_each_address_has_its_own_limit() -> None:
    """Two addresses of this machine, two buckets."""
    app = make_app(ServeRule(requests_per_minute=1))

    async def story() -> None:
        for address in ("127.0.0.1", "127.0.0.2"):
            async with client(app, address=address) as asking:
                assert [(await asking.get("/viewer")).status_code for _ in range(2)] == [200, 429]

    asyncio.run(story())


def test_wrong_keys_are_counted_and_right_ones_pass_beside_them() -> None:
    """Many wrong keys of an address end in 429 instead of 401; a right one from there is let in all the same."""
    app = make_app(guard=guard_with(viewer="evt_a"))

    async def story() -> None:
        async with client(app, address="10.0.0.9") as asking:
            wrong = [await asking.get("/viewer", headers=bearer(f"evt_{at}")) for at in range(40)]
            assert [answer.status_code for answer in wrong] == [401] * 30 + [429] * 10
            assert "Retry-After" in wrong[-1].headers
            assert (await asking.get("/viewer", headers=bearer("evt_a"))).status_code == 200
        async with client(app, address="10.0.0.8") as asking:
            assert (await asking.get("/viewer", headers=bearer("evt_x"))).status_code == 401

    asyncio.run(story())


def test_a_body_of_the_limit_passes_and_one_byte_more_does_not() -> None:
    """By its declared length: 413, nothing of it is read."""
    app = make_app(SMALL)
    assert ask(app, Wire(part(body_of(1_000))), content_length="1000").status == 200
    refused = ask(app, Wire(part(body_of(1_001))), content_length="1001")
    assert refused.status == 413
    assert refused.asked == 0
    assert json.loads(refused.body)["title"] == "Body too large"


def test_a_body_in_pieces_is_counted_as_it_comes() -> None:
    """Chunked, so that nobody says how much there is: refused at the first byte too many, the rest is not read."""
    app = make_app(SMALL)
    whole = body_of(1_000)
    pieces = [part(whole[at : at + 100], more=at < 900) for at in range(0, 1_000, 100)]
    passed = ask(app, Wire(*pieces), transfer_encoding="chunked")
    assert (passed.status, json.loads(passed.body)) == (200, json.loads(whole)["text"])
    refused = ask(app, Wire(*(part(b"x" * 100, more=True) for _ in range(500))), transfer_encoding="chunked")
    assert (refused.status, refused.asked) == (413, 11)


def test_a_declared_length_that_lies_is_counted_too() -> None:
    """A server in front may not check it."""
    assert ask(make_app(SMALL), Wire(part(b"x" * 1_001)), content_length="5").status == 413


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    """Half of it comes, then nothing: 408, and the connection ends."""
    refused = ask(make_app(ServeRule(timeout_seconds=0.05)), Wire(part(b'{"te', more=True)), content_length="100")
    assert refused.status == 408
    assert refused.headers["connection"] == "close"


def test_a_client_that_leaves_in_the_middle_gets_nothing() -> None:
    """It disconnects while it sends: no answer, no fault."""
    left = ask(make_app(), Wire(part(b'{"te', more=True), {"type": "http.disconnect"}), content_length="100")
    assert left.sent == []


def test_nobody_works_for_a_client_that_has_left() -> None:
    """It leaves after its body, before the answer: what was working on it is cancelled, and nothing is sent."""
    app = make_app()
    cancelled = threading.Event()

    @app.post("/stuck")
    async def stuck(caller: Annotated[Caller, Depends(viewer)]) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    left = ask(app, Wire(part(body_of(50)), {"type": "http.disconnect"}), path="/stuck", content_length="50")
    assert cancelled.is_set()
    assert left.sent == []


def test_the_body_of_a_stranger_is_not_read() -> None:
    """Without a known key not one byte is kept, however slowly or largely it comes: 401."""
    app = make_app(guard=guard_with(predictor="evt_a"))
    refused = ask(app, Wire(), content_length="100000")
    assert (refused.status, refused.asked) == (401, 0)
    known = ask(app, Wire(part(body_of(50))), content_length="50", authorization="Bearer evt_a")
    assert known.status == 200


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    """504, and what was working on it is cancelled."""
    app = make_app(ServeRule(timeout_seconds=0.05))
    cancelled = threading.Event()

    @app.get("/stuck")
    async def stuck(caller: Annotated[Caller, Depends(viewer)]) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def story() -> None:
        async with client(app) as asking:
            found = await asking.get("/stuck")
            assert found.status_code == 504
            assert found.json()["detail"] == "There was no answer within 0.05 seconds."

    asyncio.run(story())
    assert cancelled.is_set()


def test_an_answer_that_stops_in_the_middle_is_not_answered_again() -> None:
    """Its head is out: nothing more is sent, and the server closes the connection."""
    app = make_app(ServeRule(timeout_seconds=0.05))

    async def halves() -> AsyncIterator[bytes]:
        yield b"one half"
        await asyncio.Event().wait()

    @app.get("/halves")
    async def halting(caller: Annotated[Caller, Depends(viewer)]) -> StreamingResponse:
        return StreamingResponse(halves())

    wire = Wire()
    asyncio.run(app(scope_of("/halves", "GET"), wire.receive, wire.send))
    assert [message["type"] for message in wire.sent] == ["http.response.start", "http.response.body"]
    assert wire.body == b"one half"


def test_a_route_in_a_thread_does_not_hold_its_caller() -> None:
    """The thread cannot be stopped, but the 504 does not wait for it."""
    app = make_app(ServeRule(timeout_seconds=0.05))
    gate = threading.Event()

    @app.get("/blocking")
    def blocking(caller: Annotated[Caller, Depends(viewer)]) -> None:
        gate.wait(20)

    async def story() -> None:
        async with client(app) as asking:
            found = await asking.get("/blocking")
            assert found.status_code == 504
            assert not gate.is_set()
            gate.set()

    asyncio.run(story())


def test_a_time_out_of_the_application_itself_is_its_own_fault() -> None:
    """A TimeoutError from within is a 500, not a 504."""
    app = make_app()

    @app.get("/inner")
    async def inner(caller: Annotated[Caller, Depends(viewer)]) -> None:
        raise TimeoutError("a database")

    async def story() -> None:
        async with client(app) as asking:
            assert (await asking.get("/inner")).status_code == 500

    asyncio.run(story())


class Given:
    """Feedback at rest: when each caller gave some."""

    def __init__(self, **times: list[datetime]) -> None:
        self.times = times
        self.fault: Exception | None = None

    def count(self, by: str, since: datetime) -> int:
        if self.fault is not None:
            raise self.fault
        return sum(at >= since for at in self.times.get(by, []))


def give(allowance: FeedbackAllowance, given: Given, by: str, at: datetime) -> None:
    """Gives one, as a route does."""
    with allowance.one(by, at):
        given.times.setdefault(by, []).append(at)


def test_an_hours_feedback_is_bounded_for_each_caller() -> None:
    """Three an hour: the fourth is refused, an hour after the first there is room again; others are not touched."""
    given = Given()
    allowance = FeedbackAllowance(given.count, 3)
    for minute in range(3):
        give(allowance, given, "ann", AT + timedelta(minutes=minute))
    with pytest.raises(TooBusy) as refused:
        give(allowance, given, "ann", AT + timedelta(minutes=10))
    assert refused.value.status == 429
    assert 0 < int(refused.value.headers["Retry-After"]) <= 3_600
    give(allowance, given, "bob", AT + timedelta(minutes=10))
    give(allowance, given, "ann", AT + timedelta(minutes=60, seconds=1))


def test_a_restart_does_not_forget_what_was_given() -> None:
    """What counts is in the store, not in this process."""
    given = Given(ann=[AT] * 3)
    with pytest.raises(TooBusy):
        give(FeedbackAllowance(given.count, 3), given, "ann", AT)


def test_of_two_at_once_only_one_is_the_last() -> None:
    """Twenty threads, one place: one gets it."""
    given = Given(ann=[AT] * 2)
    allowance = FeedbackAllowance(given.count, 3)
    start, outcomes = threading.Barrier(20), []

    def one() -> None:
        start.wait()
        try:
            with allowance.one("ann", AT):
                sleep(0.02)  # long enough for all others to have asked
                given.times["ann"].append(AT)
                outcomes.append("given")
        except TooBusy:
            outcomes.append("refused")

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["given"] + ["refused"] * 19


@pytest.mark.parametrize("fault", [Unavailable("away"), None])
def test_a_feedback_that_fails_takes_no_place(fault: Exception | None) -> None:
    """The database is away, or the giving itself fails: the place is free again."""
    given = Given()
    allowance = FeedbackAllowance(given.count, 1)
    given.fault = fault

    def failing() -> None:
        with allowance.one("ann", AT):
            raise Unavailable("away")

    for _ in range(3):
        with pytest.raises(Unavailable):
            failing()
    given.fault = None
    give(allowance, given, "ann", AT)


def test_preflights_of_the_pages_allowed_are_answered() -> None:
    """A browser may ask before it sends a key."""
    app = make_app(ServeRule(cors=("https://board.example",)), guard_with(viewer="evt_a"))
    headers = {
        "Origin": "https://board.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }

    async def story(asked: Callable[[str], dict[str, str]]) -> None:
        async with client(app, base=HERE) as asking:
            assert (await asking.options("/echo", headers=asked("https://board.example"))).status_code == 200
            assert (await asking.options("/echo", headers=asked("https://other.example"))).status_code == 400

    asyncio.run(story(lambda origin: headers | {"Origin": origin}))
