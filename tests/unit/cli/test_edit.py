import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.errors import Unavailable
from evertopic.storage.store import open_store


def edit(*words: str) -> Result:
    """What `evertopic edit ...` answers, in a wide terminal."""
    return CliRunner().invoke(app, ["edit", *words], env={"COLUMNS": "200"})


def made(*words: str) -> dict[str, Any]:
    """The edit that the command made."""
    result = edit(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)["edit"]
    return found


def listed() -> list[dict[str, Any]]:
    """Every edit there is."""
    found: list[dict[str, Any]] = json.loads(edit("list", "--json").stdout)["edits"]
    return found


@pytest.fixture
def keys(project: Path) -> tuple[str, ...]:
    """Three topics the loop has."""
    store = open_store(f"sqlite:///{project / '.evertopic' / 'store.db'}")
    try:
        return store.keys.mint("demo", 3, at=datetime(2026, 3, 1, tzinfo=UTC), randomness=Random(1))
    finally:
        store.close()


def test_every_kind_of_edit_is_kept(keys: tuple[str, ...], tmp_path: Path) -> None:
    """With who decided it; new topics get keys, texts come from options and from a file."""
    file = tmp_path / "texts.txt"
    file.write_text("two\n\nthree\n", encoding="utf-8")
    a, b, c = keys
    edits = [
        made("rename", a, "Refunds", "--by", "ann", "--comment", "as support says"),
        made("split", a, "--name", "Vouchers", "--document", "one", "--documents", str(file)),
        made("pin", "Fraud", "--text", "my card"),
        made("move", b, "--text", "this very text"),
        made("hide", b),
        made("merge", c, a),
    ]
    assert [each["kind"] for each in edits] == ["rename", "split", "pin", "move", "hide", "merge"]
    assert (edits[0]["by"], edits[0]["comment"]) == ("ann", "as support says")
    assert edits[1]["texts"] == ["one", "two", "three"]
    assert edits[1]["into"] not in keys
    assert all(each["by"] for each in edits)
    assert listed() == edits
    shown = edit("list").stdout
    assert f"{a} is called Refunds" in shown
    assert "Vouchers is split off" in shown


def test_an_edit_tells_how_to_take_it_back(keys: tuple[str, ...]) -> None:
    """And what the key of a new topic is."""
    result = edit("pin", "Fraud", "--text", "my card")
    (pin,) = listed()
    assert f"evertopic edit undo {pin['id']}" in result.stdout
    assert pin["key"] in result.stdout


def test_undo_keeps_the_edit(keys: tuple[str, ...]) -> None:
    """A second undo says that there was a first one."""
    own = made("hide", keys[0])
    first = edit("undo", own["id"], "--by", "bob")
    again = edit("undo", own["id"], "--by", "eve")
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "was undone before, by bob" in again.stdout
    assert listed()[0]["undone_by"] == "bob"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rename", "t000000", "x"), "demo never had a topic 't000000'"),
        (("split", "KEY", "--name", "x"), "split takes key, name, texts: texts missing"),
        (("rename", "KEY", " "), "name: should be 1 to 80 characters"),
        (("hide", "KEY", "--by", " "), "--by is blank"),
        (("hide", "KEY", "--by", "ann\x1b[2J"), "should be a name on one line"),
        (("pin", "x", "--documents", "nowhere.txt"), "nowhere.txt cannot be read"),
        (("undo", "e0"), "demo has no edit 'e0'"),
    ],
)
def test_a_fault_is_told(keys: tuple[str, ...], words: tuple[str, ...], told: str) -> None:
    """Nothing is edited then."""
    result = edit(*(keys[0] if word == "KEY" else word for word in words))
    assert result.exit_code == 3
    assert told in " ".join(result.output.split())
    assert listed() == []


def test_a_file_brought_back_changes_nothing(keys: tuple[str, ...], tmp_path: Path) -> None:
    """All kinds, an undone one among them; the file is made to be read."""
    made("rename", keys[0], "Erstattungen ü")
    made("pin", "Fraud", "--text", "my card")
    edit("undo", made("hide", keys[1])["id"])
    before, file = listed(), tmp_path / "edits.yaml"
    assert edit("export", str(file)).exit_code == 0
    assert "name: Erstattungen ü" in file.read_text(encoding="utf-8")
    steps = json.loads(edit("import", str(file), "--json").stdout)["steps"]
    assert [step["does"] for step in steps] == ["nothing"] * 3
    assert listed() == before


def test_a_new_entry_is_made_once(keys: tuple[str, ...], tmp_path: Path) -> None:
    """A dry run says what would be and does nothing; the second import finds everything there."""
    file = tmp_path / "edits.yaml"
    entries = [
        {"kind": "rename", "key": keys[0], "name": "Refunds"},
        {"kind": "pin", "name": "Fraud", "texts": ["my card"]},
    ]
    file.write_text(yaml.safe_dump({"edits": entries}), encoding="utf-8")
    dry = edit("import", str(file), "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert dry.stdout.count("would be added") == 2
    assert listed() == []
    assert edit("import", str(file), "--by", "ann").stdout.count("added") == 2
    assert [each["by"] for each in listed()] == ["ann", "ann"]
    assert edit("import", str(file)).stdout.count("as it was") == 2
    assert len(listed()) == 2


def test_an_undo_travels_in_the_file(keys: tuple[str, ...], tmp_path: Path) -> None:
    """With who undid it and when."""
    own, file = made("hide", keys[0]), tmp_path / "edits.yaml"
    entry = {name: own[name] for name in ("id", "kind", "key")} | {
        "undone_at": "2026-03-05T00:00:00Z",
        "undone_by": "bob",
    }
    file.write_text(yaml.safe_dump({"loop": "demo", "edits": [entry]}), encoding="utf-8")
    assert edit("import", str(file)).exit_code == 0
    assert (listed()[0]["undone_by"], listed()[0]["undone_at"]) == ("bob", "2026-03-05T00:00:00+00:00")


def test_edits_are_brought_to_another_store(keys: tuple[str, ...], tmp_path: Path, project: Path) -> None:
    """All of them, also a topic that was made, renamed and unmade; doing it twice changes nothing."""
    pin = made("pin", "Fraud", "--text", "my card")
    made("rename", pin["key"], "Frauds")
    edit("undo", pin["id"], "--by", "bob")
    before, file = listed(), tmp_path / "edits.yaml"
    assert edit("export", str(file)).exit_code == 0
    (project / ".evertopic" / "store.db").rename(tmp_path / "elsewhere.db")
    done = [json.loads(edit("import", str(file), "--json").stdout)["steps"] for _ in range(2)]
    assert [[step["does"] for step in steps] for steps in done] == [["add", "add"], ["nothing", "nothing"]]
    assert listed() == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("edits: [{kind: hide, key: KEY, id: e1}, {kind: hide, key: KEY, id: e1}]", "entry 2 has the id e1, which"),
        ("edits: [", "cannot be read as YAML"),
        ("edits: [{kind: hide}]", "edits.0: hide takes key: key missing"),
        ("{loop: mail, edits: []}", "holds edits of mail, not of demo"),
        ("edits: [{kind: hide, key: t000000}]", "never had a topic"),
        ("edits: [{kind: pin, name: x, texts: [y], key: fraud}]", "is no topic key"),
    ],
)
def test_a_file_with_a_fault_does_nothing(keys: tuple[str, ...], tmp_path: Path, text: str, told: str) -> None:
    """The fault is told."""
    file = tmp_path / "edits.yaml"
    file.write_text(text.replace("KEY", keys[0]), encoding="utf-8")
    result = edit("import", str(file))
    assert result.exit_code == 3
    assert told in " ".join(result.output.split())
    assert listed() == []


def test_an_id_that_decides_something_else_is_refused(keys: tuple[str, ...], tmp_path: Path) -> None:
    """Edits never change."""
    own, file = made("hide", keys[0]), tmp_path / "edits.yaml"
    entry = {"id": own["id"], "kind": "hide", "key": keys[1]}
    file.write_text(yaml.safe_dump({"edits": [entry]}), encoding="utf-8")
    result = edit("import", str(file), "--dry-run")
    assert result.exit_code == 3
    assert "edits never change" in " ".join(result.output.split())


def test_an_edit_needs_no_registry(keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """People go on deciding while it is away."""

    def away(*_: str) -> None:
        raise Unavailable("The registry does not answer.")

    monkeypatch.setattr("evertopic.cli.deciding.registry_at", away)
    assert made("rename", keys[0], "Refunds")["generation"] is None


def test_conflicts_need_a_model(keys: tuple[str, ...]) -> None:
    """Without one there is nothing to hold the edits against, and that is said."""
    result = edit("conflicts")
    assert result.exit_code == 3
    assert "no model is registered yet" in " ".join(result.output.split()).lower()
