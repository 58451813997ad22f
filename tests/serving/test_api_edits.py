"""People edit topics while the API answers."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.config import ServeRule
from evertopic.errors import Unavailable
from evertopic.identity.drafts import NEEDED, Draft
from evertopic.prediction.loading import Model
from evertopic.records import Edit, Role
from evertopic.storage.store import open_store
from serving.holder import ModelHolder
from serving.revising import EditWatch, under
from tests.serving.api import CRICKET, JSON, VOLCANO, answer, history, service_of, serving
from tests.serving.conftest import House
from tests.serving.doorstep import bearer

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
SELDOM = ServeRule(poll_seconds=3600.0)


def edit(client: TestClient, **content: Any) -> dict[str, Any]:
    response = client.post("/edits", json=content)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def topics(client: TestClient) -> dict[str, dict[str, Any]]:
    return {topic["key"]: topic for topic in client.get("/topics").json()["topics"]}


def test_an_edit_is_in_force_at_once(house: House) -> None:
    """The next answer is given under it, says so with what the model says, and so do history and topics."""
    with serving(house, serve=SELDOM) as client:
        before = answer(client, CRICKET)
        made = edit(client, kind="rename", key=before["key"], name="Sport", comment="one word")
        after = answer(client, CRICKET)
        assert (after["key"], after["name"], after["strength"]) == (before["key"], "Sport", before["strength"])
        told = {
            "rule": None,
            "edit": made["id"],
            "key": before["key"],
            "name": before["name"],
            "strength": before["strength"],
        }
        assert after["overruled"] == told
        client.app.state.service.log.settle(10)  # type: ignore[attr-defined]
        assert history(client)[0]["overruled"] == told
        assert topics(client)[before["key"]]["name"] == "Sport"
        (kept,) = service_of(client).store.edits.list("tiny")
        assert kept.generation == 1  # what later models do to the topic, nobody had seen
        assert client.get(f"/topics/{before['key']}").json()["name"] == "Sport"
        assert client.get("/edits").json()["edits"] == [made]
        assert (made["by"], made["comment"], made["undone_at"]) == ("local", "one word", None)


def test_hidden_merged_and_new_topics(house: House) -> None:
    """/topics shows what is answered with: no hidden and no merged ones, and those that people made."""
    with serving(house, serve=SELDOM) as client:
        before = topics(client)
        cricket, volcano = answer(client, CRICKET)["key"], answer(client, VOLCANO)["key"]
        other = next(key for key in before if key not in (cricket, volcano))
        pin = edit(client, kind="pin", name="Tax", texts=["taxes excise levy duty customs revenue"])
        edit(client, kind="merge", key=cricket, into=other)
        edit(client, kind="hide", key=volcano)
        shown = topics(client)
        assert set(shown) == set(before) - {cricket, volcano} | {pin["key"]}
        assert shown[other]["documents"] == before[other]["documents"] + before[cricket]["documents"]
        assert (shown[pin["key"]]["edit"], shown[other]["edit"]) == (pin["id"], None)
        assert client.get(f"/topics/{volcano}").status_code == 404
        assert answer(client, CRICKET)["key"] == other
        assert answer(client, VOLCANO)["key"] is None
        assert answer(client, "levy customs excise duty revenue taxes")["key"] == pin["key"]
        assert client.post("/explain", json={"text": VOLCANO}).json()["overruled"]["key"] == volcano
        assert client.get("/edits/conflicts").json()["conflicts"][0]["reason"] == "empty"


def test_a_new_name_is_shown_everywhere_at_once(house: House) -> None:
    """In counts and trends of what was answered under the old one, and in explanations, also when it is hidden."""
    with serving(house, serve=SELDOM) as client:
        key = answer(client, CRICKET)["key"]
        edit(client, kind="rename", key=key, name="Sport")
        for hidden_too in (False, True):
            if hidden_too:
                edit(client, kind="hide", key=key)
            shown = [*client.get("/stats").json()["topics"], *client.get("/trends").json()["topics"]]
            assert [one["name"] for one in shown if one["key"] == key] == ["Sport", "Sport"]
            standings = client.post("/explain", json={"text": CRICKET}).json()["topics"]
            assert [one["name"] for one in standings if one["key"] == key] == ["Sport"]


def test_undo(house: House) -> None:
    """The model's own answer is back, the edit stays in the list, and a second undo changes nothing."""
    with serving(house, serve=SELDOM) as client:
        before = answer(client, CRICKET)
        made = edit(client, kind="hide", key=before["key"])
        undone = client.post(f"/edits/{made['id']}/undo").json()
        again = client.post(f"/edits/{made['id']}/undo").json()
        assert (undone["undone_now"], again["undone_now"]) == (True, False)
        assert again["edit"] == undone["edit"] == client.get("/edits").json()["edits"][0]
        after = answer(client, CRICKET)
        assert {**after, "id": 0, "at": 0} == {**before, "id": 0, "at": 0}
        assert client.post("/edits/e0/undo").status_code == 404


def test_others_undo_as_admins_only(house: House) -> None:
    """A labeller takes back what is theirs."""
    roles: dict[str, Role] = {"ann": "labeller", "bob": "labeller", "eve": "admin"}
    store = open_store(house.place.store_url)
    for name, role in roles.items():
        store.api_keys.make(name, role, at=AT, secret=f"evt_{name}")
    store.close()
    with serving(house, serve=SELDOM) as client:
        key = client.get("/topics", headers=bearer("evt_ann")).json()["topics"][0]["key"]
        body = {"kind": "hide", "key": key}
        ids = [client.post("/edits", json=body, headers=bearer("evt_ann")).json()["id"] for _ in range(2)]

        def undo(at: int, who: str) -> int:
            return client.post(f"/edits/{ids[at]}/undo", headers=bearer(f"evt_{who}")).status_code

        assert [undo(0, "bob"), undo(0, "ann"), undo(1, "eve")] == [403, 200, 200]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"kind": "rename", "key": "t000000", "name": "x"}, "never had a topic"),
        ({"kind": "pin"}, "body.texts"),
        ({"kind": "merge", "key": "t1"}, "body.into"),
        ({"kind": "hide", "key": "t1", "name": "x"}, "body.name"),
        ({"kind": "rename", "key": "t1", "name": "\x1b[2J"}, "body.name"),
        ({"kind": "rename", "key": "t1", "name": "y" * 81}, "body.name"),
        ({"kind": "move", "key": "t1", "texts": []}, "body.texts"),
        ({"kind": "pin", "name": "x", "texts": ["\ud800"]}, "half"),
        ({"kind": "praise"}, "kind"),
        ({"kind": "hide", "key": "t1", "why": "x"}, "why"),
    ],
)
def test_what_is_no_edit(house: House, content: dict[str, Any], told: str) -> None:
    """422, with what is wrong; nothing is kept."""
    with serving(house, serve=SELDOM, quiet=True) as client:
        response = client.post("/edits", content=json.dumps(content), headers=JSON)
        assert response.status_code == 422
        assert told in response.text
        assert client.get("/edits").json()["edits"] == []


def test_the_schema_says_what_each_kind_takes(house: House) -> None:
    """Whoever reads the document knows what a kind needs and how much it may hold; what each refuses is refused."""
    with serving(house, serve=SELDOM) as client:
        document = client.get("/openapi.json").json()
    body = document["paths"]["/edits"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    shapes = {kind: document["components"]["schemas"][ref.split("/")[-1]] for kind, ref in _kinds(body).items()}
    needed = {kind: set(shape["required"]) - {"kind"} for kind, shape in shapes.items()}
    assert needed == {kind: set(fields) for kind, fields in NEEDED.items()}
    texts = shapes["move"]["properties"]["texts"]
    assert (texts["minItems"], texts["maxItems"], texts["items"]["maxLength"]) == (1, 1_000, 200_000)
    assert "pattern" in shapes["rename"]["properties"]["name"]


def _kinds(body: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = body["discriminator"]["mapping"]
    return found


def test_an_edit_made_elsewhere_is_picked_up(house: House) -> None:
    """As one from the command line: with the next look, and with every model that is loaded afterwards."""
    with serving(house, serve=SELDOM) as client:
        before = answer(client, CRICKET)
        store = open_store(house.place.store_url)
        draft = Draft(kind="rename", key=before["key"], name="Sport")
        store.edits.add("tiny", draft, by="ann", at=AT, randomness=Random(0))
        store.close()
        assert answer(client, CRICKET)["name"] == before["name"]
        client.portal.call(service_of(client).edits.look)  # type: ignore[union-attr]
        assert answer(client, CRICKET)["name"] == "Sport"
    with serving(house, serve=SELDOM, choice="1") as client:
        assert answer(client, CRICKET)["name"] == "Sport"


def test_the_command_line_edits_the_same_topics(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers under the edit at once, lists the conflicts that the API lists, and changes nothing by an import."""
    monkeypatch.chdir(house.project.root)
    monkeypatch.setenv("EVERTOPIC_HOME", str(house.project.home))

    def evertopic(*words: str) -> dict[str, Any]:
        result = CliRunner().invoke(app, [*words, "--json"])
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    before = evertopic("predict", "--text", CRICKET)
    rename = evertopic("edit", "rename", before["key"], "Sport")["edit"]
    evertopic("edit", "pin", "Nothing at all", "--text", "zzyzx qqqq xxyyx")
    after = evertopic("predict", "--text", CRICKET)
    assert (after["name"], after["edit"], after["rule"]) == ("Sport", rename["id"], None)
    assert after["overruled"]["name"] == before["name"]
    assert evertopic("topics", "tiny")["edits"][0]["id"] == rename["id"]
    assert f"{before['key']} is called Sport" in CliRunner().invoke(app, ["topics", "tiny"]).stdout
    listed = evertopic("edit", "conflicts")
    with serving(house, serve=SELDOM) as client:
        shown = client.get("/edits/conflicts").json()["conflicts"]
    assert [one["sentence"] for one in listed["conflicts"]] == [one["sentence"] for one in shown]
    assert [one["reason"] for one in shown] == ["empty"]
    plain = CliRunner().invoke(app, ["edit", "conflicts"])
    assert shown[0]["suggestion"] in " ".join(plain.stdout.split())


class Watched:
    """A watch over the model of a house, its edits as a test says."""

    def __init__(self, model: Model, poll_seconds: float = 3600.0) -> None:
        self.edits: tuple[Edit, ...] = ()
        self.fault: Exception | None = None
        self.listed = 0
        self.holder = ModelHolder(lambda _: model, lambda _: 1, "1", lambda _: None)
        self.watch = EditWatch(self.holder, self._stamp, self._list, poll_seconds)

    def _stamp(self) -> tuple[int, int]:
        if self.fault:
            raise self.fault
        return len(self.edits), 0

    def _list(self) -> tuple[Edit, ...]:
        self.listed += 1
        return self.edits


def hidden(model: Model) -> Edit:
    return Edit("e1", "tiny", AT, "ann", "hide", model.predictor.topics[0].key)


def test_a_look_without_news_reads_nothing(house: House) -> None:
    """Edits are listed once for each change of them, and once for each model that comes."""
    watched = Watched(house.model("1"))

    async def story() -> None:
        await watched.holder.start()
        model = watched.holder.current
        for edits, listed in (((), 1), ((), 1), ((hidden(model),), 2), ((hidden(model),), 2)):
            watched.edits = edits
            await watched.watch.look()
            assert watched.listed == listed
        assert watched.holder.revise(watched.holder.current, model)
        await watched.watch.look()
        assert watched.listed == 3
        assert watched.holder.current.predictor.edited is not None

    asyncio.run(story())


def test_a_model_that_came_meanwhile_is_not_given_up(house: House) -> None:
    """It came under the edits of its own time; the next look sees to it."""
    watched = Watched(house.model("1"))
    other = replace(house.model("2"))

    def come_between() -> tuple[Edit, ...]:
        watched.holder.revise(watched.holder.current, other)
        return (hidden(other),)

    async def story(make: Callable[..., EditWatch]) -> None:
        await watched.holder.start()
        watch = make(watched.holder, lambda: (1, 0), come_between, 3600.0)
        await watch.look()
        assert watched.holder.current is other
        await watch.look()
        assert watched.holder.current.version == other.version
        assert watched.holder.current.predictor.edited is not None

    asyncio.run(story(EditWatch))


@pytest.mark.parametrize("moment", ["while it loads", "while it is brought in"])
def test_an_edit_made_while_a_model_comes_is_in_force_with_it(house: House, moment: str) -> None:
    """Whoever made it was told that it is in force; the swap to the next version does not take that back."""
    first, second = house.model("1"), house.model("2")
    edits: list[Edit] = []
    alias = {"version": 1}

    async def decide() -> None:
        edits.append(hidden(first))
        await watch.look()
        assert holder.current.predictor.edited is not None

    def load(_: str) -> Model:
        if alias["version"] == 2 and moment == "while it loads":
            asyncio.run_coroutine_threadsafe(decide(), loop()).result(60)
        return first if alias["version"] == 1 else second

    def freshen(model: Model) -> Model:
        known = tuple(edits)
        if moment == "while it is brought in":
            deciding.append(asyncio.run_coroutine_threadsafe(decide(), loop()))
        return under(model, known)

    async def story() -> None:
        running.append(asyncio.get_running_loop())
        await holder.start()
        alias["version"] = 2
        await holder.reload()
        for one in deciding:
            await asyncio.wrap_future(one)
        assert holder.current.version == second.version
        assert holder.current.predictor.edited is not None
        await holder.close()

    def loop() -> asyncio.AbstractEventLoop:
        return running[0]

    running: list[asyncio.AbstractEventLoop] = []
    deciding: list[Future[None]] = []
    holder = ModelHolder(
        load, lambda _: alias["version"], "champion", lambda _: None, freshen=freshen, poll_seconds=3600.0
    )
    watch = EditWatch(holder, lambda: (len(edits), 0), lambda: tuple(edits), 3600.0)
    asyncio.run(asyncio.wait_for(story(), 60))


def test_a_store_that_is_away_leaves_the_edits_in_force(house: House) -> None:
    """It is said once, and over when the store is back."""
    watched = Watched(house.model("1"), poll_seconds=0.001)

    async def until(what: Callable[[], bool]) -> None:
        while not what():
            await asyncio.sleep(0.001)

    async def story() -> None:
        await watched.holder.start()
        watched.edits = (hidden(watched.holder.current),)
        async with watched.watch.following():
            await until(lambda: watched.holder.current.predictor.edited is not None)
            watched.fault = Unavailable("The store is away.")
            await watched.watch.look_if_possible()
            await until(lambda: watched.watch.trouble is not None)
            assert watched.holder.current.predictor.edited is not None
            watched.fault, watched.edits = None, ()
            await until(lambda: watched.holder.current.predictor.edited is None)
            await until(lambda: watched.watch.trouble is None)

    asyncio.run(asyncio.wait_for(story(), 60))


def test_a_request_is_answered_under_one_set_of_edits(house: House) -> None:
    """Texts of one batch never mix names of before and after, however often an edit comes between."""
    with serving(house, serve=SELDOM) as client:
        key = answer(client, CRICKET)["key"]
        seen = set()
        for name in ("A", "B", "C"):
            edit(client, kind="rename", key=key, name=name)
            items = client.post("/predict/batch", json={"texts": [CRICKET] * 40}).json()["items"]
            (own,) = {item["answer"]["name"] for item in items}
            seen.add(own)
        assert seen == {"A", "B", "C"}
