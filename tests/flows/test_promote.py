"""The flow `promote`: the gate, a person's word, the move, the canary set, the way back."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from evertopic.cli.main import app
from evertopic.prediction.canary import Canary
from evertopic.records import ModelVersion, Outcome
from evertopic.storage.registry import open_registry
from evertopic.storage.registry.registry import Registry
from evertopic.storage.store import Store, open_store
from tasks.canary import ask_canary, prepare_canary
from tasks.gate import GateRef, gated, read_gate, run_gate
from tasks.job import Job
from tasks.promotion import Pair, find_pair, release_version
from tasks.release import ReleaseRef
from tests.projects import Project, Walk, later, themed, walk


def three_themes() -> list[str]:
    """Texts without the fourth theme."""
    return [text for at, text in enumerate(themed(240)) if at % 4 != 3]


@pytest.fixture(scope="module")
def grown(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Walk, Walk]:
    """A champion that knows three themes, and a challenger that was trained when a fourth had come."""
    project = Project.make(tmp_path_factory.mktemp("grown") / "project", fresh_mlflow)
    project.write_texts(three_themes())
    first = walk(project.job())
    project.write_rows(["id", "text"], [[f"e{at:03d}", text] for at, text in enumerate(themed(200, seed=2))])
    return first, walk(later(project.job(), 30))


@pytest.fixture
def job(grown: tuple[Walk, Walk], tmp_path: Path) -> Job:
    """A copy of that project for this test alone."""
    shutil.copytree(grown[0].job.place.root, tmp_path / "copy")
    return Project(tmp_path / "copy", tmp_path / "copy" / "home").job(started=datetime.now(UTC))


def registry_of(job: Job) -> Registry:
    return open_registry(job.place.tracking_uri, job.place.artifacts_url)


@contextmanager
def store_of(job: Job) -> Iterator[Store]:
    store = open_store(job.place.store_url)
    try:
        yield store
    finally:
        store.close()


def aliases(job: Job) -> dict[str, int | None]:
    registry = registry_of(job)
    return {name: registry.alias_version("tiny", name) for name in ("champion", "challenger", "previous")}


BEFORE: dict[str, int | None] = {"champion": 1, "challenger": 2, "previous": None}


@pytest.fixture
def inside(job: Job, monkeypatch: pytest.MonkeyPatch) -> Job:
    """The working directory and the variables of a person in that project."""
    monkeypatch.chdir(job.place.root)
    monkeypatch.setenv("EVERTOPIC_HOME", str(job.place.home))
    return job


def configured(job: Job, **section: Any) -> None:
    """The config with these sections."""
    path = job.place.root / "configs" / "tiny.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **section}), encoding="utf-8")


def promoted(job: Job, **section: Any) -> Outcome:
    """The flow, with these sections of the config instead of the default."""
    from flows.promote import promote

    configured(job, **section)
    outcome: Outcome = promote("configs/tiny.yaml", why="A test.", by="anna")
    return outcome


def test_a_first_release_is_in_the_ledger(grown: tuple[Walk, Walk], job: Job) -> None:
    """The first model of a loop became the champion by itself, and the ledger says so."""
    with store_of(job) as store:
        (line,) = store.releases.list("tiny")
    assert (line.version, line.action, line.previous, line.digest) == (1, "first", None, grown[0].version.digest)


def test_a_promotion(prefect_server: None, inside: Job) -> None:
    """A challenger that covers what has come is released: alias, previous, ledger with its evidence, canary asked."""
    outcome = promoted(inside)
    assert outcome.gate.passed
    assert outcome.released is not None
    assert aliases(inside) == {"champion": 2, "challenger": None, "previous": 1}
    with store_of(inside) as store:
        newest = store.releases.list("tiny")[0]
    assert newest == outcome.released
    assert (newest.by, newest.action, newest.previous) == ("anna", "promoted", 1)
    assert newest.gate is not None
    assert newest.diff is not None
    assert newest.verified == (
        "version 2, loaded from the registry, answers as expected; EVERTOPIC_API is not set, so the API was not asked"
    )
    names = {
        file.path for file in registry_of(inside).client.list_artifacts(registry_of(inside).resolve("tiny").run_id)
    }
    assert "gate.html" in names


def test_held(prefect_server: None, inside: Job) -> None:
    """A failing check moves nothing: no alias, no line, and the outcome says why."""
    outcome = promoted(inside, gate={"size_mb": 0.001})
    assert outcome.released is None
    assert outcome.said.startswith("Held: size.")
    assert aliases(inside) == BEFORE
    with store_of(inside) as store:
        assert len(store.releases.list("tiny")) == 1


def test_nobody_approves_in_time(prefect_server: None, inside: Job) -> None:
    """A release that waits for a person is held when nobody answers."""
    from flows.promote import promote

    configured(inside, gate={"approval": {"required": True, "timeout": "PT2S"}})
    state = promote("configs/tiny.yaml", return_state=True)
    assert state.is_completed()
    outcome = state.result()
    assert outcome.released is None
    assert outcome.said == "Held: nobody has approved version 2 in time."
    assert aliases(inside) == BEFORE


def test_somebody_approves(prefect_server: None, inside: Job) -> None:
    """`evertopic approve` writes the answer and wakes the run, which goes on; the ledger names the person."""
    from tests.unit.storage.databases import eventually

    def answer() -> None:
        with store_of(inside) as store:
            eventually(lambda: bool(store.approvals.open("tiny", datetime.now(UTC))))
        found = CliRunner().invoke(app, ["approve", "tiny", "--why", "looks right", "--by", "bert"])
        assert found.exit_code == 0, found.output

    person = Thread(target=answer)
    person.start()
    outcome = promoted(inside, gate={"approval": {"required": True, "timeout": "PT2M"}})
    person.join()
    assert outcome.released is not None
    assert outcome.released.by == "bert"
    assert "Approved by bert: looks right." in outcome.released.why


def test_same_data_is_held(grown: tuple[Walk, Walk], job: Job) -> None:
    """A model of the same documents under another seed is different, not better."""
    other = walk(replace(grown[1].job, config=job.config.model_copy(update={"seed": 7}), place=job.place))
    registry = registry_of(job)
    ref = gated(job, registry, registry.resolve("tiny/2"), other.version, None, None)
    assert not ref.passed
    assert "different, not better" in ref.said


def test_the_report_at_rest(job: Job) -> None:
    """The gate is measured once for a pair on the same documents; a second look finds it."""
    registry = registry_of(job)
    pair = registry.resolve("tiny/1"), registry.resolve("tiny/2")
    ref = run_gate.fn(job, *pair, None, None)
    assert gated(job, registry, *pair, None, None) == ref
    report = read_gate(job.lake(), ref)
    assert (report.champion, report.challenger) == (1, 2)
    assert {check.name for check in report.checks} >= {"quality", "better", "budget", "churn", "behaviour", "parity"}
    assert report.measures[0].name == "quality"
    assert b"version 2 beside version 1" in job.lake().read_bytes(f"{ref.key}/gate.html")


def test_a_challenger_that_crashes(job: Job, tmp_path: Path) -> None:
    """A model that cannot be measured fails the gate, which says why; no alias moves."""
    registry = registry_of(job)
    source = registry.client.get_model_version("tiny", "2").source
    file = Path(source.removeprefix("file://")) / "artifacts" / "bundle" / "head.safetensors"
    sound = file.read_bytes()
    file.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    try:
        pair = registry.resolve("tiny/1"), registry.resolve("tiny/2")
        ref = run_gate.fn(replace(job, config=job.config.model_copy(update={"seed": 5})), *pair, None, None)
    finally:
        file.write_bytes(sound)
    assert not ref.passed
    assert ref.said.startswith("Held: It could not be measured: The model in")
    assert aliases(job) == BEFORE


def test_without_a_champion(job: Job) -> None:
    """Where the alias is gone, the challenger has nothing to be better than, and takes the place if it is sound."""
    registry = registry_of(job)
    registry.drop_alias("tiny", "champion")
    pair = find_pair.fn(job, None)
    assert pair.champion is None
    ref = run_gate.fn(job, None, pair.challenger, None, None)
    assert ref.passed
    word = _yes()
    line = release_version.fn(job, pair, ref, ReleaseRef(None, None, ""), word, "A test.", "anna", None)
    assert line is not None
    assert registry.alias_version("tiny", "champion") == 2


def test_wrong_answers_roll_back(job: Job) -> None:
    """When the champion answers otherwise than the challenger did, the release is taken back, and the ledger tells."""
    registry = registry_of(job)
    pair = Pair(registry.resolve("tiny/1"), registry.resolve("tiny/2"))
    gate = GateRef("gates/x", 1, 2, passed=True, said="Released: a test.")
    canary = prepare_canary.fn(job, pair, gate, _yes())
    assert isinstance(canary, Canary)
    line = release_version.fn(job, pair, gate, ReleaseRef(None, None, ""), _yes(), "A test.", "anna", None)
    verified = ask_canary.fn(job, line, replace(canary, keys=("other",) * len(canary.keys)))
    assert verified.line is None
    assert verified.said.startswith("Rolled back to version 1:")
    assert aliases(job)["champion"] == 1
    with store_of(job) as store:
        assert [one.action for one in store.releases.list("tiny")] == ["rolled back", "promoted", "first"]


def _yes() -> Any:
    from tasks.approval import Word

    return Word(approved=True, said="")


def test_the_commands(grown: tuple[Walk, Walk], inside: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """compare, get-model, releases and rollback from the command line, with and without JSON."""
    run = CliRunner()
    told = run.invoke(app, ["compare", "tiny@champion", "tiny@challenger"], env={"COLUMNS": "200"})
    assert told.exit_code == 0, told.output
    assert "version 1 → 2" in told.stdout
    found = json.loads(run.invoke(app, ["compare", "tiny@champion", "tiny@challenger", "--json"]).stdout)
    assert found["gate"]["passed"] is True
    assert aliases(inside) == BEFORE
    got = run.invoke(app, ["get-model", "tiny@challenger", "here/model"])
    assert got.exit_code == 0, got.output
    assert (inside.place.root / "here" / "model" / "manifest.json").is_file()
    registry_of(inside).set_alias("tiny", "champion", 2)
    listed = json.loads(run.invoke(app, ["releases", "tiny", "--json"]).stdout)
    assert [line["action"] for line in listed["releases"]] == ["moved outside", "first"]
    back = json.loads(run.invoke(app, ["rollback", "tiny", "--why", "a test", "--by", "anna", "--json"]).stdout)
    assert (back["line"]["version"], back["verdict"]["state"]) == (1, "right")
    assert back["seconds"] < 10
    assert aliases(inside)["champion"] == 1
    assert run.invoke(app, ["rollback", "tiny"]).exit_code == 4
    soon = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S")
    then = run.invoke(app, ["releases", "tiny", "--at", soon], env={"COLUMNS": "200"})
    assert "version 1 of tiny answered" in then.stdout
    before = run.invoke(app, ["releases", "tiny", "--at", "2020-01-01T13:00"], env={"COLUMNS": "200"})
    assert "nothing was released" in before.stdout
    assert grown[0].version.version == 1


def test_a_rolled_back_version_is_held(job: Job) -> None:
    """What was rolled back is not promoted again by itself, however well it measures."""
    registry = registry_of(job)
    from evertopic.storage.releasing import Wish, roll_back

    with store_of(job) as store:
        registry.set_alias("tiny", "champion", 2)
        wish = Wish("tiny", "tiny", "anna", "it was wrong about glaciers")
        roll_back(registry, store.releases, wish, None, lambda: datetime.now(UTC))
    ref = gated(job, registry, registry.resolve("tiny/1"), _version(registry, 2), None, None)
    assert not ref.passed
    assert "history" in ref.said
    assert "it was wrong about glaciers" in ref.said


def _version(registry: Registry, number: int) -> ModelVersion:
    return registry.resolve(f"tiny/{number}")
