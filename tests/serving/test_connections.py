"""Real connections: large, slow and endless ones do not hold the service."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn

from evertopic.config import ServeRule
from serving.connections import HEAD_BYTES, PatientProtocol
from tests.serving.doorstep import make_app

HEAD = b"POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
BODY = b'{"text": "one"}'


class Impatient(PatientProtocol):
    """Waits a tenth of a second for a head, and takes five connections."""

    patience_s = 0.1
    most = 5


@asynccontextmanager
async def served(
    rule: ServeRule | None = None, protocol: type[PatientProtocol] = PatientProtocol
) -> AsyncIterator[int]:
    """The port of a server in front of the small application."""
    config = uvicorn.Config(
        make_app(rule), port=0, http=protocol, ws="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.002)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def exchange(port: int, *pieces: bytes) -> bytes:
    """Everything that comes back on one connection until it is closed, which must be soon."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    try:
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        writer.close()


def run(story: Callable[[int], Awaitable[None]], **options: Any) -> None:
    """The story with the port of a server."""

    async def whole() -> None:
        async with served(**options) as port:
            await story(port)

    asyncio.run(whole())


def test_a_connection_that_says_nothing_is_closed() -> None:
    """Nothing at all, or a head that never ends: closed after the seconds a head may take."""

    async def story(port: int) -> None:
        assert await exchange(port) == b""
        assert await exchange(port, HEAD) == b""

    run(story, protocol=Impatient)


def test_a_head_that_never_ends_is_refused() -> None:
    """More than 32,768 bytes of headers: 431, and nothing more is kept of it."""

    async def story(port: int) -> None:
        found = await exchange(port, HEAD, b"X-Much: " + b"x" * HEAD_BYTES)
        assert found.startswith(b"HTTP/1.1 431 ")

    run(story)


def test_a_head_in_time_may_be_followed_by_a_long_wait() -> None:
    """The seconds of a head do not count while a body or the next request is on its way."""

    async def story(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY))
            await asyncio.sleep(0.2)
            writer.write(BODY)
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
            await reader.readuntil(b'"one"')
            await asyncio.sleep(0.2)
        writer.close()

    run(story, protocol=Impatient)


def test_connections_beyond_the_most_are_closed_at_once() -> None:
    """Files that this process may open are left for its databases; when one goes, another may come."""

    async def story(port: int) -> None:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            assert await reader.read() == b""
        except ConnectionResetError:
            pass
        finally:
            writer.close()
        for _, other in held:
            other.close()
            await other.wait_closed()
        async with asyncio.timeout(20):
            while not (await exchange(port, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")):
                await asyncio.sleep(0.01)

    run(story, protocol=Impatient)


def test_a_large_body_is_answered_and_not_taken_in() -> None:
    """A client that sends 50 MB reads a 413, whether it says how much it will send or not."""
    rule = ServeRule(max_body_mb=0.01)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(500):
            yield b"x" * 100_000

    async def story(port: int) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            for content in (b"x" * 50_000_000, endless()):
                found = await client.post("/echo", content=content, headers={"content-type": "application/json"})
                assert found.status_code == 413
                assert found.headers["content-type"] == "application/problem+json"

    run(story, rule=rule)


def test_the_rest_of_a_refused_body_is_not_waited_for_for_ever() -> None:
    """The answer is out and the client stops in the middle of its body, or goes on and on: closed all the same."""

    async def story(port: int) -> None:
        found = await exchange(port, HEAD + b"Content-Length: 99999999\r\n\r\n", b"x")
        assert found.startswith(b"HTTP/1.1 413 ")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Content-Length: 99999999\r\n\r\n")
        answer = asyncio.create_task(reader.read())
        async with asyncio.timeout(20):
            while not answer.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)
        assert (await answer).startswith(b"HTTP/1.1 413 ")
        writer.close()

    run(story, protocol=Impatient)


def test_a_connection_goes_on_after_a_refused_body() -> None:
    """What was too large is read to its end, then the next request is answered on the same connection."""

    async def story(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Content-Length: 20000\r\n\r\n" + b"x" * 20_000)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 413 ")
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(20):
            assert b"HTTP/1.1 200 OK" in await reader.read()
        writer.close()

    run(story, rule=ServeRule(max_body_mb=0.01))


def test_after_a_refused_body_a_silent_client_is_not_waited_for() -> None:
    """What was too large came in whole, and nothing follows: closed, as any connection that says nothing."""

    async def story(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Content-Length: 20000\r\n\r\n")
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 413 ")
        writer.write(b"x" * 20_000)
        async with asyncio.timeout(20):
            await reader.read()
        writer.close()

    run(story, rule=ServeRule(max_body_mb=0.01), protocol=Impatient)


def test_a_body_that_trickles_is_not_waited_for() -> None:
    """One byte at a time, each well in time: 408 when the whole is not there, and the connection is closed."""

    async def story(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
        answer = asyncio.create_task(reader.read())
        async with asyncio.timeout(20):
            while not answer.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)
        assert (await answer).startswith(b"HTTP/1.1 408 ")
        writer.close()

    run(story, rule=ServeRule(timeout_seconds=0.3))
