"""Who is let in, and who is not."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.exc import InterfaceError

from evertopic.config import ServeRule
from evertopic.errors import Unavailable
from evertopic.records import ApiKey
from serving.security import ROLES, Guard
from serving.strength import weakness
from tests.serving.doorstep import HERE, bearer, client, guard_with, keys_of, make_app, scope_of

SECRETS = {role: f"evt_{role}" for role in ROLES}


def get(app: Any, path: str, headers: dict[str, str] | None = None, **options: str) -> httpx.Response:
    """What one request is answered."""

    async def ask() -> httpx.Response:
        async with client(app, **options) as asking:
            return await asking.get(path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("needed", ROLES)
def test_a_role_may_do_what_the_ones_before_it_may(role: str, needed: str) -> None:
    """A key of one role at a route of another: answered in its own name, or 403 with the role that is needed."""
    found = get(make_app(guard=guard_with(**SECRETS)), f"/{needed}", bearer(SECRETS[role]))
    if ROLES.index(role) >= ROLES.index(needed):
        assert (found.status_code, found.json()) == (200, f"the {role}")
    else:
        assert found.status_code == 403
        assert f"needs the role {needed}" in found.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, None),
        ({"Authorization": "Bearer evt_wrong"}, "invalid_token"),
        ({"Authorization": "Bearer "}, "invalid_token"),
        ({"Authorization": "Basic evt_viewer"}, "invalid_token"),
        ({"X-API-Key": "evt_viewer evt_viewer"}, "invalid_token"),
        ({"X-API-Key": "x" * 5_000}, "invalid_token"),
    ],
)
def test_without_a_known_key_nobody_comes_in(headers: dict[str, str], error: str | None) -> None:
    """No key, a wrong one, another scheme: 401 as problem+json, with the challenge that clients understand."""
    found = get(make_app(guard=guard_with(viewer="evt_viewer")), "/viewer", headers)
    assert found.status_code == 401
    assert found.headers["content-type"] == "application/problem+json"
    challenge = found.headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="evertopic"')
    assert (error is None) == ("error=" not in challenge)
    assert "evt_viewer" not in found.text


@pytest.mark.parametrize("headers", [{"X-API-Key": "evt_viewer"}, {"authorization": "bearer  evt_viewer"}])
def test_a_key_comes_by_either_header(headers: dict[str, str]) -> None:
    """X-API-Key or Authorization, whose scheme may be written small."""
    assert get(make_app(guard=guard_with(viewer="evt_viewer")), "/viewer", headers).status_code == 200


def test_without_keys_this_machine_is_the_admin() -> None:
    """Nobody made a key: everything is open to callers from here."""
    assert get(make_app(), "/admin").json() == "local"
    assert get(make_app(), "/admin", base="http://localhost:8000").json() == "local"
    assert get(make_app(), "/admin", base="http://[::1]:8000", address="::1").json() == "local"


@pytest.mark.parametrize(
    ("address", "base", "headers"),
    [
        ("10.0.0.7", HERE, {}),
        ("127.0.0.1", "http://evil.example:8000", {}),
        ("127.0.0.1", "http://127.0.0.1.evil.example:8000", {}),
        ("127.0.0.1", "http://localhost.evil.example:8000", {}),
        ("127.0.0.1", HERE, {"Host": ""}),
        ("127.0.0.1", HERE, {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", HERE, {"Forwarded": "for=10.0.0.7"}),
        ("127.0.0.1", HERE, {"Origin": "http://evil.example"}),
        ("127.0.0.1", HERE, {"Origin": "null"}),
        ("127.0.0.1", HERE, {"Origin": "http://127.0.0.1:9999"}),
        ("127.0.0.1", HERE, {"Origin": "http://127.0.0.1:8000.evil.example"}),
    ],
)
def test_without_keys_strangers_are_turned_away(address: str, base: str, headers: dict[str, str]) -> None:
    """Another machine, a name that was made to point here, a proxy, a page of another origin: 403."""
    found = get(make_app(), "/viewer", headers, address=address, base=base)
    assert found.status_code == 403, found.text


def test_pages_of_this_service_and_those_the_config_names_may_call() -> None:
    """/docs calls with its own origin; serve.cors names others."""
    guard = Guard(origins=("https://board.example",))
    app = make_app(ServeRule(cors=("https://board.example",)), guard)
    assert get(app, "/viewer", {"Origin": HERE}).status_code == 200
    found = get(app, "/viewer", {"Origin": "https://board.example"})
    assert found.status_code == 200
    assert found.headers["access-control-allow-origin"] == "https://board.example"
    assert "access-control-allow-origin" not in get(app, "/viewer", {"Origin": "https://other.example"}).headers


def test_with_a_key_the_host_and_the_origin_do_not_matter() -> None:
    """A key is not sent by a browser on its own: behind a proxy any name will do."""
    app = make_app(guard=guard_with(viewer="evt_viewer"))
    headers = bearer("evt_viewer") | {"Origin": "https://board.example"}
    assert get(app, "/viewer", headers, address="10.0.0.7", base="http://api.example").status_code == 200


def test_a_wrong_key_is_wrong_even_where_none_is_needed() -> None:
    """Who shows a key wants to be known by it."""
    assert get(make_app(), "/viewer", bearer("evt_old")).status_code == 401


def test_the_first_key_closes_the_door_and_revoking_the_last_opens_none(caplog: pytest.LogCaptureFixture) -> None:
    """Openness ends with the first key, which is told once, and does not come back while the process lives."""
    caplog.set_level(logging.INFO, "evertopic.serving")
    guard = Guard()
    app = make_app(guard=guard)
    assert get(app, "/viewer").status_code == 200
    guard.learn(keys_of(viewer="evt_viewer"))
    assert get(app, "/viewer").status_code == 401
    assert get(app, "/viewer", bearer("evt_viewer")).status_code == 200
    guard.learn(keys_of(viewer="evt_viewer"))
    assert sum("need an API key" in record.message for record in caplog.records) == 1
    guard.learn({})
    assert get(app, "/viewer", bearer("evt_viewer")).status_code == 401
    assert get(app, "/viewer").status_code == 401


def test_the_key_of_the_environment_is_an_admin_beside_the_others() -> None:
    """It is known without any store, and stays known when keys are read."""
    guard = Guard(SecretStr("f" * 30))
    app = make_app(guard=guard)
    assert get(app, "/viewer").status_code == 401
    guard.learn(keys_of(viewer="evt_viewer"))
    assert get(app, "/admin", bearer("f" * 30)).json() == "EVERTOPIC_API_KEY"
    assert get(app, "/viewer", bearer("evt_viewer")).status_code == 200


def test_an_empty_key_of_the_environment_is_no_key() -> None:
    """An empty secret never lets an empty key in."""
    guard = Guard(SecretStr(""))
    assert not guard.needs_key
    assert get(make_app(guard=guard), "/viewer", bearer("")).status_code == 401


def test_openapi_says_how_to_show_a_key() -> None:
    """/docs has one button for all roles, and every route with a role asks for it."""
    found = make_app().openapi()
    assert [scheme["scheme"] for scheme in found["components"]["securitySchemes"].values()] == ["bearer"]
    assert found["paths"]["/admin"]["get"]["security"] == [{"API key": []}]
    assert "security" not in found["paths"]["/health"]["get"]


class Keys:
    """A store of keys that a test changes or takes away; `asked` counts."""

    def __init__(self) -> None:
        self.keys: dict[str, ApiKey] = keys_of(viewer="evt_viewer")
        self.fault: Exception | None = None
        self.asked = 0

    def __call__(self) -> dict[str, ApiKey]:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return self.keys


async def reached(what: Callable[[], bool]) -> None:
    """Waits until it is so."""
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0.002)


def admits(guard: Guard, secret: str) -> bool:
    """True when this key is known."""
    return getattr(guard.admit(scope_of("/viewer", authorization=f"Bearer {secret}")), "id", "") == "key-viewer"


def test_made_and_revoked_keys_are_known_without_a_restart() -> None:
    """What the store says is what counts, a moment later; nothing is asked any more when it is over."""

    async def story() -> None:
        guard, keys = Guard(), Keys()
        async with guard.watching(keys, seconds=0.005):
            assert admits(guard, "evt_viewer")
            keys.keys = keys_of(viewer="evt_new")
            await reached(lambda: admits(guard, "evt_new"))
            assert not admits(guard, "evt_viewer")
        asked = keys.asked
        await asyncio.sleep(0.03)
        assert keys.asked == asked

    asyncio.run(story())


@pytest.mark.parametrize("fault", [Unavailable("the store is away"), InterfaceError("select", {}, Exception("gone"))])
def test_a_database_that_is_away_locks_nobody_out(fault: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """Known keys stay known, the trouble is told, once in the log; when the database is back, it is over."""

    async def story() -> None:
        guard, keys = Guard(), Keys()
        async with guard.watching(keys, seconds=0.002):
            keys.fault = fault
            asked = keys.asked
            await reached(lambda: keys.asked > asked + 3)
            assert admits(guard, "evt_viewer")
            assert guard.trouble is not None
            keys.fault, keys.keys = None, {}
            await reached(lambda: guard.trouble is None)
            assert not admits(guard, "evt_viewer")

    with caplog.at_level(logging.WARNING, "evertopic.serving"):
        asyncio.run(story())
    assert len(caplog.records) == 1


def test_keys_that_cannot_be_read_at_the_start_stop_it() -> None:
    """Nobody knows whether there are keys: starting would open the door."""

    async def story() -> None:
        keys = Keys()
        keys.fault = Unavailable("the store is away")
        async with Guard().watching(keys):
            raise AssertionError("started")

    with pytest.raises(Unavailable):
        asyncio.run(story())


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "changeme",
        "secretpassword",
        "ChangeMe!ChangeMe!ChangeMe!",
        "passwordpasswordpassword",
        "your-api-key-here-replace-this-now",
        "this-is-a-secret-key-for-dev",
        "a" * 64,
        "0123456789" * 4,
        "s3cr3tp4ssw0rds3cr3tp4ssw0rd",
        "q8Zk-17xLpw0Vn3_tB5jRa9",
    ],
)
def test_guessable_secrets_are_found_out(secret: str) -> None:
    """Short, known from templates, or repeating; the reason does not quote them."""
    found = weakness(secret)
    assert found is not None
    assert not secret or secret not in found


@pytest.mark.parametrize(
    "secret", ["q8Zk-17xLpw0Vn3_tB5jRa9M", "3f9ac27e51d04b86a7c2e91f0d835b6e", "umbrella pelican quartz drawbridge"]
)
def test_good_secrets_pass(secret: str) -> None:
    """24 random characters, 128 bits in hexadecimal, four words."""
    assert weakness(secret) is None
