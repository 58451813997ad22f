"""kill -9 in every task: the next run goes on, and ends as if nothing had happened."""

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from evertopic.records import ModelVersion
from evertopic.storage.registry import CHALLENGER, open_registry
from evertopic.storage.store import open_store
from tests.projects import Project, Walk, head_of, listing, walk

# One process imports everything and forks a child for every place to die at. A child dies by its own SIGKILL, with
# files half written, locks held and transactions open, as it would under the kernel's.
CHILDREN = """
import os, re, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from tests.projects import Project, walk
import hdbscan, umap, bertopic, mlflow

def die(): os.kill(os.getpid(), signal.SIGKILL)

def doomed(place):
    what, _, pattern = place.partition(" ")
    if what == "commit":
        event.listen(Engine, "commit", lambda connection: pattern in str(connection.engine.url) and die())
        return
    def hook(name, arguments):
        if name == what and re.search(pattern, str(arguments[0])):
            os.environ["TIMES"] = str(int(os.environ.get("TIMES", "0")) + 1)
            if os.environ["TIMES"] == os.environ["NTH"]:
                die()
    sys.addaudithook(hook)

project = Project(Path(sys.argv[1]), Path(sys.argv[1]) / "home")
for line in sys.stdin:
    nth, place = line.strip().split(" ", 1)
    child = os.fork()
    if not child:
        os.environ["NTH"] = nth
        doomed(place)
        walk(project.job())
        os._exit(0)
    print(-os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

PLACES = {
    "tables": "1 commit store.db",
    "ingest": "1 commit store.db",
    "snapshot": r"1 open snapshots/.*partial",
    "preprocess": r"2 open documents/.*partial",
    "features": "1 commit store.db",
    "embed": r"1 open lake/vectors/.*partial",
    "space": r"4 open spaces/.*partial",
    "layout": r"2 open layouts/.*partial",
    "trials": r"5 open candidates/.*partial",
    "score": r"1 open trials/.*partial",
    "choose": r"2 open choices/.*partial",
    "keys": "1 commit store.db",
    "build": r"4 open bundles/.*partial",
    "report": r"1 open reports/.*partial",
    "log": r"2 open artifacts/.*",
    "register": r"2 sqlite3.connect mlflow.db.lock",
    "release": r"3 sqlite3.connect mlflow.db.lock",
}
"""In the order of the walk; each run is killed one task further than the one before, which it takes over from."""


@dataclass(frozen=True, slots=True)
class Killed:
    """What one killed run left behind."""

    signal: int
    versions: tuple[ModelVersion, ...]
    batches: tuple[int, ...]
    documents: int
    partial: list[str]
    """Names of half-written files that bear the name of a whole one: there must be none."""


def state(project: Project, died: int) -> Killed:
    place = project.job().place
    registry = open_registry(place.tracking_uri, place.artifacts_url)
    store = open_store(place.store_url)
    documents = store.documents
    try:
        found = (documents.batch_sizes("tiny"), len(documents.read_documents("tiny")))
    finally:
        store.close()
    empty = [name for name, (_, size, _) in listing(place.home / "lake").items() if not size and "partial" not in name]
    return Killed(died, registry.versions("tiny"), *found, empty)


@pytest.fixture(scope="module")
def killed(fresh_mlflow: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Killed], Walk]:
    """A walk killed in one task after another, and the walk that then ran to its end."""
    project = Project.make(tmp_path_factory.mktemp("killed") / "project", fresh_mlflow)
    left = {}
    command = [sys.executable, "-W", "ignore", "-c", CHILDREN, str(project.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as children:
        assert children.stdin is not None
        assert children.stdout is not None
        for name, place in PLACES.items():
            children.stdin.write(f"{place}\n")
            children.stdin.flush()
            died = children.stdout.readline()
            left[name] = state(project, int(died or 0))
        children.stdin.close()
    return project, left, walk(project.job())


@pytest.mark.parametrize("name", PLACES)
def test_it_was_killed(killed: tuple[Project, dict[str, Killed], Walk], name: str) -> None:
    """The run died of SIGKILL where this test wanted it to, and not of something else or not at all."""
    assert killed[1][name].signal == signal.SIGKILL


@pytest.mark.parametrize("name", [name for name in PLACES if name != "release"])
def test_nothing_is_released(killed: tuple[Project, dict[str, Killed], Walk], name: str) -> None:
    """A killed run leaves no version and no alias."""
    assert killed[1][name].versions == ()


@pytest.mark.parametrize("name", PLACES)
def test_nothing_is_half_there(killed: tuple[Project, dict[str, Killed], Walk], name: str) -> None:
    """A killed run leaves no empty file under a real name, and documents only with the batch they came in."""
    left = killed[1][name]
    assert left.partial == []
    assert (left.batches, left.documents) == (((), 0) if name in ("tables", "ingest") else ((120,), 120))


def test_the_next_run_ends_the_same(killed: tuple[Project, dict[str, Killed], Walk], walked: Walk) -> None:
    """After all these deaths the walk ends in the very numbers of a walk nobody disturbed; each store has its keys."""
    _, _, end = killed
    assert head_of(end) == head_of(walked)
    assert end.version.version == walked.version.version
    assert end.parity.equal == 1.0


def test_there_is_one_version(killed: tuple[Project, dict[str, Killed], Walk], walked: Walk) -> None:
    """It is registered once, with the aliases of an undisturbed walk, although one run died just before the last."""
    project, _, end = killed
    place = project.job().place
    versions = open_registry(place.tracking_uri, place.artifacts_url).versions("tiny")
    assert [(one.version, one.aliases) for one in versions] == [(1, walked.version.aliases)]
    assert end.version.aliases == walked.version.aliases


def test_the_files_are_the_same(killed: tuple[Project, dict[str, Killed], Walk], walked: Walk) -> None:
    """Every file but those that tell the time or carry the keys is the same byte for byte, and none is left over."""
    project, _, _ = killed
    own = {"bundles", "reports", "cards"}

    def plain(lake: Path) -> dict[str, str]:
        files = listing(lake).items()
        return {
            name: digest
            for name, (_, _, digest) in files
            if name.split("/")[0] not in own and not name.endswith(("seconds.json", ".partial"))
        }

    assert plain(project.home / "lake") == plain(walked.job.place.home / "lake")


def test_a_version_without_its_alias_gets_it_from_the_next_run(copied: Project) -> None:
    """A later model whose run died between version and alias is the challenger after the next; an older one is not."""
    place = copied.job().place
    registry = open_registry(place.tracking_uri, place.artifacts_url)
    other = copied.job(labelling={"kind": "keywords", "words": 2})
    assert walk(other).version.version == 2
    registry.client.delete_registered_model_alias("tiny", CHALLENGER)
    assert walk(copied.job()).version.aliases == ("champion",)
    assert walk(other).version.aliases == (CHALLENGER,)
