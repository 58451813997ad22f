"""Every route of the application against every role."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from evertopic.config import parse_config
from evertopic.environment import read_environment
from evertopic.storage.store import open_store
from serving.app import create_app
from serving.security import ROLES, Needs
from tests.projects import content
from tests.serving.conftest import House
from tests.serving.doorstep import bearer, client

AT = datetime(2026, 3, 1, tzinfo=UTC)
OPEN = {
    "GET /health",
    "GET /ready",
    "GET /docs",
    "GET /docs/oauth2-redirect",
    "GET /redoc",
    "GET /openapi.json",
    "GET /static-offline-docs",
}
NEEDED = {
    "POST /predict": "predictor",
    "POST /predict/batch": "predictor",
    "POST /explain": "predictor",
    "GET /topics": "viewer",
    "GET /topics/{key}": "viewer",
    "GET /lineage": "viewer",
    "GET /topics/{key}/lineage": "viewer",
    "GET /edits": "viewer",
    "POST /edits": "labeller",
    "POST /edits/{id}/undo": "labeller",
    "GET /edits/conflicts": "viewer",
    "POST /feedback": "labeller",
    "GET /history": "viewer",
    "GET /stats": "viewer",
    "GET /trends": "viewer",
    "GET /model": "viewer",
    "POST /model/reload": "admin",
    "GET /metrics": "viewer",
}


def declared(app: FastAPI) -> dict[str, str | None]:
    """The role that each route asks for, None where it asks for none."""
    return {
        f"{method} {path}": next(_roles(dependant), None) if dependant else None
        for path, methods, dependant in _routes(app)
        for method in methods
        if method != "HEAD"
    }


def _routes(app: FastAPI) -> Iterator[tuple[str, set[str], Dependant | None]]:
    for route in app.routes:
        if hasattr(route, "effective_route_contexts"):  # of a router that was included
            for context in route.effective_route_contexts():
                yield context.path_format, set(context.methods), context.original_route.dependant
        else:
            yield route.path, set(getattr(route, "methods", None) or {"GET"}), getattr(route, "dependant", None)  # type: ignore[attr-defined]


def _roles(dependant: Dependant) -> Iterator[str]:
    if isinstance(dependant.call, Needs):
        yield dependant.call.role
    for each in dependant.dependencies:
        yield from _roles(each)


def test_every_route_declares_its_role_or_is_open_on_purpose(tmp_path) -> None:
    """A new route fails here until it says who may call it."""
    app = create_app(parse_config(content(), "the config", tmp_path), read_environment({}, tmp_path))
    assert declared(app) == NEEDED | dict.fromkeys(OPEN)


async def _call(asking: httpx.AsyncClient, route: str, secret: str | None) -> int:
    method, path = route.split()
    headers = {} if secret is None else bearer(secret)
    body = {"json": {}} if method == "POST" else {}
    return (await asking.request(method, path.replace("{key}", "t0000000"), headers=headers, **body)).status_code


def test_every_route_lets_in_whom_it_should(house: House) -> None:
    """Every route with every role, without a key, with a wrong one and with a revoked one."""
    secrets: dict[str, str] = {role: f"evt_{role}" for role in ROLES}
    store = open_store(house.place.store_url)
    for role in ROLES:
        store.api_keys.make(role, role, at=AT, secret=secrets[role])
    store.api_keys.revoke(store.api_keys.make("gone", "admin", at=AT, secret="evt_gone").id, AT)
    store.close()
    app = create_app(house.config, house.place)

    async def ask_all(asking: httpx.AsyncClient, route: str, needed: str) -> None:
        for role, secret in secrets.items():
            status = await _call(asking, route, secret)
            assert status < 500, (route, role, status)
            allowed = ROLES.index(role) >= ROLES.index(needed)  # type: ignore[arg-type]
            assert status not in (401, 403) if allowed else status == 403, (route, role, status)
        for stranger in (None, "evt_wrong", "evt_gone", ""):
            assert await _call(asking, route, stranger) == 401, (route, stranger)

    async def story() -> None:
        async with app.router.lifespan_context(app):
            for at, (route, needed) in enumerate(NEEDED.items()):
                async with client(app, address=f"10.0.0.{at}") as asking:  # wrong keys are counted for each address
                    await ask_all(asking, route, needed)
            async with client(app, address="10.0.1.0") as asking:
                for route in OPEN - {"GET /static-offline-docs"}:
                    assert await _call(asking, route, None) == 200, route

    asyncio.run(story())
