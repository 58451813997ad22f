"""The OpenAPI document: what FastAPI finds out, with the problems, the limits and examples that work."""

import json
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from evertopic.config import ServeRule
from serving.problems import declared
from serving.schemas.base import EXAMPLE_EDIT, EXAMPLE_ID, EXAMPLE_KEY, ProblemBody
from serving.service import Service

TAGS = {
    "predict": "Texts in, topics out.",
    "topics": "What the model knows.",
    "edits": "What people decide about topics: in force at once, and after every training.",
    "feedback": "What people say of the answers.",
    "history": "What was answered.",
    "model": "The model in service.",
    "operation": "For the machines that watch over the service.",
}
ABOUT = """One text model in production.

Start with **POST /predict**, say by **POST /feedback** whether the answer was right, and find both in **GET /history**.

Every answer but a good one is `application/problem+json` (RFC 9457): `type` for programs, `detail` for people.
"""
ALWAYS = {
    429: ("Too busy", "This caller asks too often, or too many texts wait. `Retry-After` says when to come again."),
    500: ("Internal error", "A fault of the service. Its log says more under `request_id`."),
    503: ("Not available", "Something the service needs does not answer. `Retry-After` says when to come again."),
    504: ("Too slow", "There was no answer in time."),
}
KNOWN = {
    401: ("Unauthorized", "An API key is needed, or this one is not known."),
    403: ("Forbidden", "The key's role does not allow this; without keys: this machine alone may ask."),
}
WITH_BODY = {
    400: ("Bad JSON", "The body is no JSON."),
    408: ("Body too slow", "The body did not arrive in time."),
    413: ("Body too large", "The body is too large."),
    415: ("Not JSON", "The body is not said to be JSON."),
}
WITH_INPUT = {422: ("Not valid", "The request is not valid; the problem names every fault of it.")}
PROBES = {"/health", "/ready"}


def document(app: FastAPI, rule: ServeRule) -> dict[str, Any]:
    """The document of `app`, complete but for the examples that depend on the model."""
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": about} for name, about in TAGS.items()],
    )
    shapes = found["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        shapes.pop(unused, None)
    definition = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes |= definition.pop("$defs", {}) | {"ProblemBody": definition}
    _state_limits(shapes, rule)
    for path, operation in _operations(found):
        _declare(operation, path)
    return found


def living(found: dict[str, Any], service: Service | None) -> dict[str, Any]:
    """The document with examples that work at this moment: a topic of the model, the prediction made last."""
    if service is None:
        return found
    predictor = service.holder.current.predictor
    shown = predictor.topics or predictor.bundle.meta.topics  # people may have hidden all of them
    text = json.dumps(found).replace(EXAMPLE_KEY, max(shown, key=lambda each: each.documents).key)
    if predictor.edited:
        text = text.replace(EXAMPLE_EDIT, predictor.edited.edits[-1].id)
    read: dict[str, Any] = json.loads(text.replace(EXAMPLE_ID, service.latest or EXAMPLE_ID))
    return read


def _operations(found: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in found["paths"].items():
        for operation in methods.values():
            yield path, operation


def _declare(operation: dict[str, Any], path: str) -> None:
    """Every way in which the operation can end badly."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    answers = operation["responses"]
    answers.pop("422", None)  # FastAPI's own shape of faults
    expected = ALWAYS if path not in PROBES else {code: ALWAYS[code] for code in (500, 504)}
    if "security" in operation:
        expected = expected | KNOWN
    if "requestBody" in operation:
        expected = expected | WITH_BODY
    if "requestBody" in operation or "parameters" in operation:
        expected = expected | WITH_INPUT
    for code, (title, about) in expected.items():
        answers.setdefault(str(code), declared(code, title, about)[code])
    operation["responses"] = dict(sorted(answers.items()))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that may be left out: nobody can write null into an address."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    return {key: value for key, value in schema.items() if key != "anyOf"} | (kinds[0] if kinds else {})


def _state_limits(shapes: dict[str, Any], rule: ServeRule) -> None:
    for name in ("PredictRequest", "ExplainRequest"):
        shapes[name]["properties"]["text"]["maxLength"] = rule.max_characters
    shapes["BatchRequest"]["properties"]["texts"]["maxItems"] = rule.max_batch
