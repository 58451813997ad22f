import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from evertopic.config import ServeRule
from evertopic.errors import BadConfig, BadInput, Corrupted, EvertopicError, NotEnoughDocuments, Unavailable
from evertopic.records import Role
from evertopic.storage.store import open_store
from serving.problems import translate
from tests.serving.api import CRICKET, JSON, PROBLEM, answer, service_of, serving
from tests.serving.conftest import House

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
OPEN = {"/health", "/ready"}
ROLES = {
    "get /topics": "viewer",
    "get /topics/{key}": "viewer",
    "get /lineage": "viewer",
    "get /topics/{key}/lineage": "viewer",
    "get /edits": "viewer",
    "get /edits/conflicts": "viewer",
    "post /edits": "labeller",
    "post /edits/{id}/undo": "labeller",
    "get /history": "viewer",
    "get /stats": "viewer",
    "get /trends": "viewer",
    "get /model": "viewer",
    "get /metrics": "viewer",
    "post /predict": "predictor",
    "post /predict/batch": "predictor",
    "post /explain": "predictor",
    "post /feedback": "labeller",
    "post /model/reload": "admin",
}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def requests(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every example there is, as (method, path, what to send)."""
    for method, path, operation in operations(document):
        given = {one["name"]: one["schema"].get("examples", [None])[0] for one in operation.get("parameters", ())}
        path_names = re.findall(r"{(\w+)}", path)
        query = {name: value for name, value in given.items() if value is not None and name not in path_names}
        here = path.format(**given) if path_names else path
        bodies = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
        for body in [one["value"] for one in bodies.values()] or [None]:
            yield method, here, {"params": query} | ({} if body is None else {"json": body})


def test_every_example_works(house: House) -> None:
    """Each example of the document, sent as it stands, is answered well, once there are a prediction and an edit."""
    with serving(house) as client:
        topic = answer(client, CRICKET)["key"]
        assert client.post("/edits", json={"kind": "rename", "key": topic, "name": "Sport"}).status_code == 201
        examples = list(requests(client.get("/openapi.json").json()))
        assert len(examples) == 28
        for method, path, sent in examples:
            response = client.request(method, path, **sent)
            assert response.is_success, f"{method} {path} {sent}: {response.text}"


def test_every_body_has_examples(house: House) -> None:
    """Each operation has a summary, a tag and words; each body has examples to try."""
    with serving(house) as client:
        document = client.get("/openapi.json").json()
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, operation in operations(document):
        created = (method, path) in {("post", "/feedback"), ("post", "/edits")}
        assert operation["summary"]
        assert operation["description"], path
        assert set(operation["tags"]) <= tags
        assert operation["responses"]["201" if created else "200"]["description"] != "Successful Response"
        for body in operation.get("requestBody", {}).get("content", {}).values():
            assert body["examples"]


def test_every_bad_end_is_declared(house: House) -> None:
    """Each operation declares how it can end badly, all of it as problems; /ready alone says more in a 503."""
    with serving(house) as client:
        document = client.get("/openapi.json").json()
    for _, path, operation in operations(document):
        codes = set(operation["responses"])
        assert {"500", "504"} <= codes
        if path not in OPEN:
            assert {"401", "403", "429", "503"} <= codes
        if "requestBody" in operation:
            assert {"400", "408", "413", "415", "422"} <= codes
        for code, told in operation["responses"].items():
            if int(code) >= 400 and (path, code) != ("/ready", "503"):
                assert list(told["content"]) == [PROBLEM], f"{path} {code}"


def test_limits_of_this_service(house: House) -> None:
    """The document names the limits of the config."""
    with serving(house, serve=ServeRule(max_batch=7, max_characters=123)) as client:
        shapes = client.get("/openapi.json").json()["components"]["schemas"]
    assert shapes["BatchRequest"]["properties"]["texts"]["maxItems"] == 7
    assert shapes["PredictRequest"]["properties"]["text"]["maxLength"] == 123
    assert shapes["ExplainRequest"]["properties"]["text"]["maxLength"] == 123


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_documentation_without_a_network(house: House, path: str) -> None:
    """Whatever the pages load comes from this service."""
    with serving(house) as client:
        page = client.get(path).text
        links = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""", page)
        assert len(links) >= 2
        for link in links:
            assert link.startswith("/")
            assert client.get(link).status_code == 200


BAD: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/nothing", {}, 404, "not-found"),
    ("PUT", "/predict", {}, 405, "method-not-allowed"),
    ("GET", "/predict", {}, 405, "method-not-allowed"),
    ("POST", "/predict", {"content": b"{", "headers": JSON}, 400, "bad-json"),
    ("POST", "/predict", {"content": b"", "headers": JSON}, 422, "not-valid"),
    ("POST", "/predict", {"content": b'{"text": "\xff"}', "headers": JSON}, 400, "bad-request"),
    ("POST", "/predict", {"content": b"[" * 100_000, "headers": JSON}, 400, "bad-request"),
    ("POST", "/predict", {"content": b'{"text": ' + b"9" * 5_000 + b"}", "headers": JSON}, 400, "bad-request"),
    ("POST", "/predict", {"content": b'{"text": NaN}', "headers": JSON}, 422, "not-valid"),
    ("POST", "/predict", {"content": b'{"text": "a", "\\ud800": 1}', "headers": JSON}, 422, "not-valid"),
    ("POST", "/predict", {"content": b'{"text": "a"}', "headers": {"Content-Type": "text/plain"}}, 415, "not-json"),
    ("POST", "/predict", {"content": b'{"text": "a"}'}, 415, "not-json"),
    ("POST", "/predict", {"data": {"text": "a"}}, 415, "not-json"),
    ("POST", "/predict", {"json": {"texts": "a"}}, 422, "not-valid"),
    ("POST", "/predict", {"json": {"text": "a", "lang": "en"}}, 422, "not-valid"),
    ("POST", "/predict", {"json": {"text": None}}, 422, "not-valid"),
    ("POST", "/predict", {"json": {"text": 7}}, 422, "not-valid"),
    ("POST", "/predict", {"json": ["a"]}, 422, "not-valid"),
    ("POST", "/predict", {"content": b"null", "headers": JSON}, 422, "not-valid"),
    ("POST", "/predict/batch", {"json": {"texts": "a"}}, 422, "not-valid"),
    ("POST", "/predict/batch", {"json": {"texts": []}}, 422, "not-valid"),
    ("POST", "/explain", {"json": {"text": "a", "neighbours": 0}}, 422, "not-valid"),
    ("POST", "/explain", {"json": {"text": "a", "neighbours": "3"}}, 422, "not-valid"),
    ("POST", "/feedback", {"json": {"verdict": "right"}}, 422, "not-valid"),
    ("POST", "/feedback", {"json": {"verdict": "maybe"}}, 422, "not-valid"),
    ("GET", "/topics/%ED%A0%80%00", {}, 404, "no-such-topic"),
    ("GET", "/history?limit=many", {}, 422, "not-valid"),
]


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with serving(house, quiet=True) as found:
        yield found


def test_bad_requests(client: TestClient) -> None:
    """Whatever is wrong with a request, the answer is a problem with a type, and the id by which the log knows it."""
    for method, path, sent, status, kind in BAD:
        response = client.request(method, path, **sent)
        what = f"{method} {path} {str(sent)[:80]}: {response.text[:200]}"
        assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM), what
        found = response.json()
        assert found["type"] == f"urn:evertopic:problem:{kind}", what
        assert (found["status"], found["request_id"]) == (status, response.headers["x-request-id"])
        assert found["title"]
        assert found["detail"]
        assert found["instance"].startswith("/")


def test_faults_of_a_request(client: TestClient) -> None:
    """A request that is not valid is told every fault of it, and none of what it held."""
    response = client.post("/predict", json={"txt": "my secret", "lang": "en"})
    assert response.json()["errors"] == [
        {"where": "body.text", "what": "Field required"},
        {"where": "body.txt", "what": "Extra inputs are not permitted"},
        {"where": "body.lang", "what": "Extra inputs are not permitted"},
    ]
    assert "secret" not in response.text


def test_a_fault_of_the_service(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """What nobody foresaw is 500 without a word of the inside; the log has it, under the id of the request."""

    class Broken:
        def explain(self, *_: Any) -> None:
            raise RuntimeError("the inside")

    service = service_of(client)
    broken: Any = Broken()
    service.explainer = broken
    response = client.post("/explain", json={"text": CRICKET})
    assert (response.status_code, response.headers["content-type"]) == (500, PROBLEM)
    assert "inside" not in response.text
    assert "Traceback" not in response.text
    own = response.headers["x-request-id"]
    assert response.json()["request_id"] == own
    told = [record for record in caplog.records if record.exc_info and getattr(record, "fields", {}).get("id") == own]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("fault", "status", "shown"),
    [
        (BadInput("the cursor is damaged"), 422, True),
        (NotEnoughDocuments("too few"), 409, True),
        (Unavailable("postgresql://host is away"), 503, False),
        (Corrupted("/lake/x is damaged"), 500, False),
        (BadConfig("/configs/x"), 500, False),
    ],
)
def test_errors_of_the_library(fault: EvertopicError, status: int, *, shown: bool) -> None:
    """What a client can mend is told in full; of places and files inside nothing is."""
    problem = translate(fault)
    assert problem.status == status
    assert (str(fault) in problem.detail) is shown
    assert ("Retry-After" in problem.headers) is (status == 503)


def test_roles(house: House) -> None:
    """With keys, each operation needs its role, and no less; without one it is 401. What is open stays open."""
    roles: tuple[Role, ...] = get_args(Role)
    keys = {role: f"evt_{role}_{'x' * 30}" for role in roles}
    store = open_store(house.place.store_url)
    for role, secret in keys.items():
        store.api_keys.make(role, role, at=AT, secret=SecretStr(secret).get_secret_value())
    store.close()
    with serving(house) as client:
        document = client.get("/openapi.json").json()
        for path in (*OPEN, "/docs", "/redoc"):
            assert client.get(path).status_code == 200
        found = {}
        for method, path, operation in operations(document):
            if path in OPEN:
                assert "security" not in operation
                continue
            sent: dict[str, Any] = {"content": b"{}", "headers": JSON} if "requestBody" in operation else {}
            here = path.replace("{key}", "none")
            assert client.request(method, here, **sent).status_code == 401
            codes = [_code(client, method, here, sent, keys[role]) for role in roles]
            found[f"{method} {path}"] = next(role for role, code in zip(roles, codes, strict=True) if code != 403)
            assert codes == sorted(codes, key=lambda code: code != 403)
    assert found == ROLES


def _code(client: TestClient, method: str, path: str, sent: dict[str, Any], secret: str) -> int:
    headers = sent.get("headers", {}) | {"Authorization": f"Bearer {secret}"}
    return client.request(method, path, **(sent | {"headers": headers})).status_code


def test_who_answered_is_logged(house: House) -> None:
    """An answer is signed with the id of the key, never with the key."""
    secret = "evt_" + "y" * 40
    store = open_store(house.place.store_url)
    key = store.api_keys.make("ann", "admin", at=AT, secret=secret)
    store.close()
    with serving(house) as client:
        client.headers["X-API-Key"] = secret
        found = answer(client, CRICKET)
        client.post("/feedback", json={"prediction_id": found["id"], "verdict": "right"})
        page = client.get("/history")
    item = page.json()["items"][0]
    assert item["by"] == key.id
    assert item["feedback"][0]["by"] == key.id
    assert secret not in json.dumps(page.json())
