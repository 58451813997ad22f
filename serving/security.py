"""Who may come in: API keys and roles, or everybody of this machine where there are none.

Routes say what they need by one dependency, `caller: Annotated[Caller, Depends(predictor)]`; who is asking is found
out before, by `serving.doors`, which puts the answer into `scope["state"]["entrant"]`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import get_args

from fastapi import Request
from fastapi.security import HTTPBearer
from fastapi.security.base import SecurityBase
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from evertopic.errors import Unavailable
from evertopic.records import ApiKey, Role
from evertopic.storage.store.api_keys import digest_secret
from serving.addresses import client_of, is_loopback, names_loopback, same_origin
from serving.problems import Problem

ROLES: tuple[Role, ...] = get_args(Role)
REFRESH_S = 2.0
LONGEST_KEY = 512
PROXIED = {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"}
"""Headers of requests that began on another machine, whatever address they come from now."""
log = logging.getLogger("evertopic.serving")

SCHEME = HTTPBearer(
    description="An API key, as `evertopic keys make NAME --role ROLE` prints it once; `X-API-Key: evt_...` does too. "
    "Without any key a service answers its own machine."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `id` is what predictions and feedback are signed with."""

    id: str
    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """True when this one may do what `role` may."""
        return ROLES.index(self.role) >= ROLES.index(role)


LOCAL = Caller("local", "local", "admin")
"""Everybody on this machine, where there are no keys."""
BOOTSTRAP = Caller("environment", "EVERTOPIC_API_KEY", "admin")


class Guard:
    """Tells callers by their keys, which are kept in memory: a database that is away locks nobody out."""

    def __init__(self, secret: SecretStr | None = None, origins: tuple[str, ...] = ()) -> None:
        """Knows `secret` (EVERTOPIC_API_KEY; None or empty: none) at once, and other keys inside `watching`.

        Args:
            secret: of an admin that is in no database.
            origins: whose pages may call where no key is needed; a page of this service itself always may.
        """
        self._fixed = (
            {digest_secret(secret.get_secret_value()): BOOTSTRAP} if secret and secret.get_secret_value() else {}
        )
        self._callers: Mapping[str, Caller] = self._fixed
        self._origins = origins
        self.needs_key = bool(self._fixed)
        """True as soon as there was a key, until the process ends: revoking the last one opens no door."""
        self.trouble: str | None = None
        """Why the keys could not be read lately; keys revoked since are still let in."""

    @asynccontextmanager
    async def watching(self, keys: Callable[[], dict[str, ApiKey]], seconds: float = REFRESH_S) -> AsyncIterator[None]:
        """Knows the keys of `keys` (`store.api_keys.digests`), made and revoked ones within `seconds`.

        Raises:
            Unavailable: they cannot be read at the start, when nobody knows whether there are any.
        """
        self.learn(await asyncio.to_thread(keys))
        task = asyncio.create_task(self._watch(keys, seconds))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def learn(self, keys: Mapping[str, ApiKey]) -> None:
        """From here on these keys, by the digest of their secrets, are the ones let in."""
        stored = {found: Caller(key.id, key.name, key.role) for found, key in keys.items()}
        self._callers = stored | self._fixed
        if self._callers and not self.needs_key:
            self.needs_key = True
            log.info("From here on callers need an API key.")

    def admit(self, scope: Scope) -> Caller | Problem:
        """Who sends the request of `scope`, or why nobody is let in: 401; 403 where no key is needed."""
        key = key_of(scope)
        if not self.needs_key and key is None:
            return self._admit_local(scope)
        if key is None:
            return _unauthorised("This needs an API key, by `Authorization: Bearer evt_...` or `X-API-Key: evt_...`.")
        caller = self._callers.get(digest_secret(key)) if len(key) <= LONGEST_KEY else None
        if caller is None:
            return _unauthorised("This API key is not known here, or was revoked.", error="invalid_token")
        return caller

    def _admit_local(self, scope: Scope) -> Caller | Problem:
        """Everybody on this machine; but not a page in their browser that came from elsewhere."""
        headers = dict(scope["headers"])
        host, origin = headers.get(b"host", b"").decode("latin-1"), headers.get(b"origin")
        if not is_loopback(client_of(scope)) or not names_loopback(host) or not PROXIED.isdisjoint(headers):
            return _forbidden(
                "Without API keys this service answers its own machine only, asked for as 127.0.0.1 and by no proxy: "
                "make a key by `evertopic keys make NAME --role ROLE`."
            )
        if origin is not None and not same_origin(origin.decode("latin-1"), host, self._origins):
            return _forbidden("Pages of other origins may not call this service; its config names those that may.")
        return LOCAL

    async def _watch(self, keys: Callable[[], dict[str, ApiKey]], seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                self.learn(await asyncio.to_thread(keys))
            except (Unavailable, SQLAlchemyError) as fault:
                if self.trouble is None:
                    log.warning("API keys cannot be read, those known are still let in: %s", fault)
                self.trouble = "The API keys cannot be read: keys revoked since are still let in."
            else:
                self.trouble = None


class Needs(SecurityBase):
    """A FastAPI dependency: the caller, who has at least this role.

    Raises:
        Problem: 401 without a known key, 403 when the role is too small.
    """

    def __init__(self, role: Role) -> None:
        self.role: Role = role
        self.model, self.scheme_name = SCHEME.model, "API key"  # so that it stands in the OpenAPI document

    async def __call__(self, request: Request) -> Caller:
        """The caller of this request."""
        found: Caller | Problem = request.scope["state"]["entrant"]
        if isinstance(found, Problem):
            raise found
        if not found.may(self.role):
            raise _forbidden(f"This needs the role {self.role}, the key {found.name!r} has the role {found.role}.")
        return found


viewer, predictor, labeller, admin = (Needs(role) for role in ROLES)


def key_of(scope: Scope) -> str | None:
    """The key that a request brings, None without one."""
    other = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, given = value.decode("latin-1").partition(" ")
            return given.strip() if scheme.lower() == "bearer" else ""
        if name == b"x-api-key":
            other = value.decode("latin-1").strip()
    return other


def _unauthorised(detail: str, error: str | None = None) -> Problem:
    challenge = 'Bearer realm="evertopic"' + (f', error="{error}"' if error else "")
    return Problem(HTTPStatus.UNAUTHORIZED, "Unauthorized", detail, headers={"WWW-Authenticate": challenge})


def _forbidden(detail: str) -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, "Forbidden", detail)
