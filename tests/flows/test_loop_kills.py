"""kill -9 of the process that retrains, in each stage; and Prefect's server gone while the monitor looks.

Whatever is killed: the slot is free at once, the need stays open, the champion is the old one or the new one and never
half of it, and the next attempt goes on to the end. FAULTS_RETRAIN=1 kills in every stage, not only in the worst ones.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL

from evertopic.records import Episode
from evertopic.storage.processes import this_host
from evertopic.storage.releasing import reconcile
from evertopic.storage.store import open_store
from tests.flows.passes import arrive, champion_of, fifth_theme, passage, registry_of
from tests.projects import Project

# One process imports everything and forks a child for every place to die at, see test_kill.py. A place is a file that
# is opened, or a statement: `before` its commit, or at the first statement `after` it.
CHILDREN = """
import os, re, signal, sys
from urllib.parse import urlsplit
from sqlalchemy import Engine, event
import httpx, hdbscan, umap, bertopic, mlflow
from flows.retrain import retrain
from flows.monitor import monitor
from tests.serving.faults import proxy
from prefect.settings import (
    PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings)

def die(): os.kill(os.getpid(), signal.SIGKILL)

def doomed(what, pattern):
    said, committed = [], []
    if what == "open":
        sys.addaudithook(lambda name, arguments:
            name == "open" and re.search(pattern, str(arguments[0])) and die())
    def executed(connection, cursor, statement, parameters, context, many):
        if committed: die()
        if re.search(pattern, statement + str(parameters), re.DOTALL): said.append(1)
    def commit(connection):
        if said and what == "before": die()
        if said: committed.append(1)
    if what in ("before", "after"):
        event.listen(Engine, "before_cursor_execute", executed)
        event.listen(Engine, "commit", commit)

def cut(url, pattern):
    server = urlsplit(url)
    with proxy((server.hostname, server.port)) as way:
        sys.addaudithook(lambda name, arguments:
            name == "open" and re.search(pattern, str(arguments[0])) and way.close())
        at = f"http://127.0.0.1:{way.port}/api"
        with temporary_settings({PREFECT_API_URL: at, PREFECT_CLIENT_MAX_RETRIES: 0}):
            monitor("configs/tiny.yaml")

for line in sys.stdin:
    root, episode, what, pattern = line.rstrip("\\n").split("|")
    child = os.fork()
    if not child:
        os.chdir(root)
        os.environ["EVERTOPIC_HOME"] = root + "/home"
        code = 0
        try:
            with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
                if what == "cut":
                    cut(os.environ["PREFECT_API_URL"], pattern)
                else:
                    doomed(what, pattern)
                    retrain("configs/tiny.yaml", why="A test.", episode=episode)
        except httpx.HTTPError as fault:
            code = 4
        except BaseException as fault:
            print(repr(fault), file=sys.stderr, flush=True)
            code = 3
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
PLACES = {
    "slot": ("after", "INSERT INTO slots"),
    "ingest": ("open", "snapshots/.*partial"),
    "search": ("open", "candidates/.*partial"),
    "build": ("open", "bundles/.*partial"),
    "register": ("before", "INSERT INTO model_versions"),
    "gate": ("open", "gates/.*partial"),
    "alias": ("before", "registered_model_aliases.*champion"),
    "ledger": ("before", "INSERT INTO releases"),
    "canary": ("after", "INSERT INTO releases"),
    "closing": ("before", "UPDATE episodes.*closed_at"),
    "telling": ("after", "UPDATE episodes.*closed_at"),
}
"""In the order of the walk."""
WORST = ("gate", "ledger", "closing")
RELEASED = ("ledger", "canary", "closing", "telling")
"""The alias has moved before these."""
CHOSEN = [name for name in PLACES if name in WORST or os.environ.get("FAULTS_RETRAIN")]


@dataclass(frozen=True, slots=True)
class Children:
    """The process that forks."""

    process: "subprocess.Popen[str]"

    def run(self, project: Project, episode: str, what: str, pattern: str) -> int:
        """How a child ended: 0; minus the signal; 4 where Prefect did not answer, 3 for any other error."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{project.root}|{episode}|{what}|{pattern}\n")
        self.process.stdin.flush()
        lines = iter(self.process.stdout.readline, "")
        return next(int(line) for line in lines if line.strip().lstrip("-").isdecimal())


@pytest.fixture(scope="module")
def children(prefect_server: None) -> Iterator[Children]:
    surroundings = {**os.environ, "PREFECT_API_URL": str(PREFECT_API_URL.value())}
    command = [sys.executable, "-W", "ignore", "-c", CHILDREN]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=surroundings,
        cwd=Path(__file__).parents[2],
    ) as process:
        yield Children(process)
        process.stdin.close()  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class Needing:
    """A loop of which an episode is open."""

    project: Project
    episode: str

    def now(self) -> Episode:
        """The episode as it is."""
        with closing(open_store(self.project.job().place.store_url)) as store:
            found = store.episodes.get(self.episode)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def needing(prefect_server: None, narrow: Project, tmp_path_factory: pytest.TempPathFactory) -> Needing:
    """To copy: a fifth theme has come, and a retraining is needed."""
    root = tmp_path_factory.mktemp("needing") / "project"
    shutil.copytree(narrow.root, root)
    project = Project(root, root / "home")
    arrive(project, "n", fifth_theme())
    found = passage(project.job(started=datetime.now(UTC)))
    assert found.decision.action == "request"
    return Needing(project, str(found.decision.episode))


@pytest.fixture
def loop(needing: Needing, tmp_path: Path) -> Needing:
    shutil.copytree(needing.project.root, tmp_path / "copy")
    return Needing(Project(tmp_path / "copy", tmp_path / "copy" / "home"), needing.episode)


@pytest.mark.parametrize("place", CHOSEN)
def test_kill_9(children: Children, loop: Needing, place: str) -> None:
    """Killed there: the slot is free at once, the champion is whole, and the next attempt ends what was begun."""
    assert children.run(loop.project, loop.episode, *PLACES[place]) == -signal.SIGKILL
    now = datetime.now(UTC)
    job = loop.project.job(started=now)
    with closing(job.store()) as store:
        assert store.slots.get("tiny", now) is not None or place == "telling"
        assert store.slots.live("tiny", this_host(), now) is None
    champion = champion_of(job)
    assert champion == (2 if place in RELEASED else 1)
    assert registry_of(job).resolve(f"tiny/{champion}").digest
    assert loop.now().state == ("done" if place == "telling" else "open")
    if champion == 1:
        assert children.run(loop.project, loop.episode, "", "") == 0
        assert loop.now().attempts == 1 + (place != "slot")
    decision = passage(loop.project.job(started=datetime.now(UTC))).decision
    assert decision.action in {"nothing", "cooling down"}
    assert loop.now().state == "done"
    assert champion_of(job) == 2
    with closing(job.store()) as store:
        reconcile(registry_of(job), store.releases, "tiny", "tiny", now)  # as every look at the ledger does
        assert [(line.version, line.previous) for line in store.releases.list("tiny")] == [(2, 1), (1, None)]
        assert store.slots.live("tiny", this_host(), now) is None


def test_prefect_dies_while_it_looks(children: Children, loop: Needing) -> None:
    """The server of Prefect goes while the window is taken: the pass fails and is seen to; the next one catches up."""
    arrive(loop.project, "m", fifth_theme(60, seed=11))
    assert children.run(loop.project, loop.episode, "cut", "windows/.*partial") == 4
    job = loop.project.job(started=datetime.now(UTC))
    found = passage(job)
    assert found.check.window.documents >= 60
    assert found.check.drift.drifted("new subject")
    assert found.decision.action == "open"
