"""What went wrong, as RFC 9457 has it: application/problem+json, without a trace of the inside."""

import json
import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from evertopic.errors import BadInput, EvertopicError, Refusal, Unavailable

RETRY_AFTER_S = 5
"""When to come again after something outside did not answer."""
INSIDE = "The request could not be answered; the log of the service says why, under the id of the request."
MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("evertopic.serving")


class Problem(Exception):
    """A request that gets no other answer than this."""

    def __init__(
        self, status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        """The same for all problems of this kind; the `type` of the answer is made of it."""
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra

    @property
    def kind(self) -> str:
        """The title as one word: `too-busy`."""
        return self.title.lower().replace(" ", "-")

    def body(self) -> dict[str, Any]:
        """What the client reads: type, title, status, detail and what is added to them."""
        return {
            "type": f"urn:evertopic:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }


class TooBusy(Problem):
    """More work is waiting, or was asked for by this caller, than is taken: 429, with the seconds to wait."""

    def __init__(self, detail: str, *, retry_after_s: float = 1, headers: Mapping[str, str] | None = None) -> None:
        wait = {"Retry-After": str(max(1, math.ceil(retry_after_s)))}
        super().__init__(HTTPStatus.TOO_MANY_REQUESTS, "Too busy", detail, headers={**(headers or {}), **wait})


def answer(problem: Problem, scope: Scope) -> Response:
    """What answers the request of `scope`. Middleware sends it by `await response(scope, receive, send)`."""
    state = scope.setdefault("state", {})
    state["problem"] = problem.kind  # for the log and the metrics
    body = problem.body() | {"instance": scope["path"], "request_id": state.get("request_id")}
    # ASCII: half a surrogate pair, which JSON may bring, has no UTF-8.
    return Response(json.dumps(body).encode("ascii"), problem.status, problem.headers, MEDIA_TYPE)


def declared(status: int, title: str, about: str) -> dict[int | str, dict[str, Any]]:
    """How a route says in the OpenAPI document that it can end with this problem: its `responses`."""
    shape = {"$ref": "#/components/schemas/ProblemBody"}
    example = Problem(status, title, about).body()
    return {status: {"description": about, "content": {MEDIA_TYPE: {"schema": shape, "example": example}}}}


def translate(fault: EvertopicError) -> Problem:
    """The problem that an error of the library is for a client."""
    if isinstance(fault, BadInput):
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Not usable", str(fault))
    if isinstance(fault, Refusal):
        return Problem(HTTPStatus.CONFLICT, "Refused", str(fault))
    if isinstance(fault, Unavailable):
        return unavailable("Something this service needs does not answer")
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error", INSIDE)


def not_valid(detail: str) -> Problem:
    """422: the request cannot be what was meant."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Not valid", detail)


def unavailable(what: str) -> Problem:
    """503: `what` is away, and when to come again."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Not available",
        f"{what}: try again in {RETRY_AFTER_S} seconds.",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def add_handlers(app: FastAPI) -> None:
    """Whatever `app` raises is answered as a problem."""
    for kind in (Problem, EvertopicError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _on_fault)


async def _on_fault(request: Request, fault: Exception) -> Response:
    problem = _described(fault, request)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(fault, Problem):
        trace = None if isinstance(fault, Unavailable) else fault
        fields = {"id": request.scope.setdefault("state", {}).get("request_id")}
        log.error("%s: %s", type(fault).__name__, fault, exc_info=trace, extra={"fields": fields})
    return answer(problem, request.scope)


def _described(fault: Exception, request: Request) -> Problem:
    if isinstance(fault, Problem):
        return fault
    if isinstance(fault, EvertopicError):
        return translate(fault)
    if isinstance(fault, HTTPException):
        return _by_router(fault, request)
    if isinstance(fault, RequestValidationError):
        return _invalid(fault)
    # This answer goes out past the log of requests, which adds the id to all others.
    told = {"X-Request-ID": str(request.scope.setdefault("state", {}).get("request_id"))}
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error", INSIDE, headers=told)


def _by_router(fault: HTTPException, request: Request) -> Problem:
    status, path = HTTPStatus(fault.status_code), request.url.path
    details = {
        HTTPStatus.NOT_FOUND: f"There is nothing at {path}: /docs lists what there is.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{path} takes no {request.method}: /docs says what it takes.",
    }
    return Problem(status, status.phrase.capitalize(), details.get(status, fault.detail), headers=fault.headers)


def _invalid(fault: RequestValidationError) -> Problem:
    errors = fault.errors()
    broken = next((error for error in errors if error["type"] == "json_invalid"), None)
    if broken is not None:
        reason = broken.get("ctx", {}).get("error", broken["msg"])
        return Problem(HTTPStatus.BAD_REQUEST, "Bad JSON", f"At character {broken['loc'][-1]}: {reason}.")
    faults = [{"where": _where(error["loc"], fault.body), "what": str(error["msg"])} for error in errors]
    detail = "; ".join(f"{fault['where']}: {fault['what']}" for fault in faults[:3])
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Not valid", detail, errors=faults)


def _where(path: tuple[int | str, ...], body: object) -> str:
    # In a choice of shapes the second part is the shape's tag, which no client has written.
    if len(path) > 2 and isinstance(body, dict) and path[1] not in body:
        path = (path[0], *path[2:])
    return ".".join(map(str, path))
