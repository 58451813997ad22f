"""Every answer the log takes is in the database once, whoever dies on the way."""

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evertopic.errors import Unavailable
from evertopic.records import LoggedPrediction
from evertopic.storage.prediction_log import PredictionLog
from evertopic.storage.store import Store
from tests.unit.storage.answers import answer, answers
from tests.unit.storage.databases import PATIENCE_S, Database, eventually, ids


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_it_arrives(store: Store, folder: Path) -> None:
    """What is appended is in the database soon after, as it was, and nothing of it stays on the disk."""
    rows = [
        answer(1, text="Ä 😀 مرحبا\n\\x00", key=None, alternatives=(), strength=0.1 + 0.2),
        *answers(1_300, first=2),
    ]
    with PredictionLog(folder, store.predictions, memory=10) as log:
        log.append(rows[:1])
        log.append([])
        assert log.settle(PATIENCE_S)
        assert store.predictions.get("news", rows[0].id) == rows[0]
        log.append(rows[1:])
        assert log.settle(PATIENCE_S)
        state = log.state()
        assert store.predictions.stats("news").total == 1_301
    assert (state.stored, state.waiting, state.lost, state.torn, state.journal_bytes) == (1_301, 0, 0, 0, 0)
    assert (state.database_away, state.disk_away, state.in_memory) == (None, None, 0)
    assert list(folder.iterdir()) == []


def test_settle_tells_the_truth(folder: Path) -> None:
    """While the database is busy nothing is settled; when it is done, all is that was appended before the question."""
    database = Database()
    with PredictionLog(folder, database, memory=10) as log:
        assert log.settle(0)
        database.gate.clear()
        log.append(answers(3))
        assert not log.settle(0.05)
        assert log.state().waiting == 3
        database.gate.set()
        assert log.settle(PATIENCE_S)
        assert len(database.rows) == 3


NUMBERS = range(0, 8_000, 1_000)


def test_many_threads(folder: Path) -> None:
    """Answers that eight threads append at once all arrive, once each."""
    database = Database()
    with PredictionLog(folder, database, memory=10) as log, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda first: [log.append(answers(4, first=first + at)) for at in range(0, 400, 4)], NUMBERS))
        assert log.settle(PATIENCE_S)
        state = log.state()
    assert ids(list(database.rows.values())) == {f"{first + at:06d}" for first in NUMBERS for at in range(400)}
    assert (state.stored, state.lost) == (3_200, 0)


def test_appended_too_late(folder: Path) -> None:
    """What comes after the end is counted as lost."""
    log = PredictionLog(folder, Database(), memory=10)
    log.close()
    log.append(answers(2))
    assert (log.state().lost, log.state().waiting) == (2, 0)


def test_closed_while_away(folder: Path) -> None:
    """What the database did not take until the end is on the disk, and stored by the next process."""
    database = Database()
    database.fault = Unavailable("no answer")
    log = PredictionLog(folder, database, memory=10)
    log.append(answers(700))
    log.close(PATIENCE_S)
    assert log.state().waiting == 0
    database.fault = None
    with PredictionLog(folder, database, memory=10) as later:
        eventually(lambda: later.state().stored == 700)
        eventually(lambda: list(folder.iterdir()) == [])
    assert len(database.rows) == 700


def test_closing_does_not_wait_for_ever(folder: Path) -> None:
    """A database that hangs does not keep the process; when it comes back to life, nothing is stored twice."""
    database = Database()
    database.gate.clear()
    log = PredictionLog(folder, database, memory=10)
    log.append(answers(3))
    eventually(lambda: database.calls == 1)
    log.close(0.1)
    with PredictionLog(folder, Database(), memory=10) as later:
        eventually(lambda: later.state().stored == 3)
        database.gate.set()
        eventually(lambda: len(database.rows) == 3)
        assert later.state().lost == 0


def test_two_processes(folder: Path) -> None:
    """Two logs in one folder: each stores its own, none what the other has and lives to store itself."""
    first, second = Database(), Database()
    first.gate.clear()
    with PredictionLog(folder, first, memory=10) as one, PredictionLog(folder, second, memory=10) as other:
        one.append(answers(5))
        other.append(answers(5, first=5))
        assert other.settle(PATIENCE_S)
        assert set(second.rows) == ids(answers(5, first=5))
        first.gate.set()
        assert one.settle(PATIENCE_S)
    assert set(first.rows) == ids(answers(5))


class Mistaken(Database):
    """A store with a fault that nobody foresaw."""

    def add(self, rows: Sequence[LoggedPrediction], /) -> int:
        """Fail."""
        raise ZeroDivisionError


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_writer_dies(folder: Path) -> None:
    """A fault nobody foresaw ends the writer: the state says so, and what waits stays on the disk."""
    log = PredictionLog(folder, Mistaken(), memory=10)
    log.append(answers(2))
    eventually(lambda: log.state().database_away is not None)
    assert "restart" in str(log.state().database_away)
    log.append(answers(2, first=2))
    assert log.state().waiting == 4
    log.close()
    database = Database()
    with PredictionLog(folder, database, memory=10):
        eventually(lambda: len(database.rows) == 4)


CHILD = """
import sys
from pathlib import Path
from evertopic.storage.prediction_log import PredictionLog
from evertopic.storage.store import open_store
from tests.unit.storage.answers import answers

log = PredictionLog(Path(sys.argv[1]), open_store(sys.argv[2]).predictions, memory=10)
for first in range(0, 1_000_000, 5):
    log.append(answers(5, first=first))
    print(first + 5, flush=True)
"""


def test_killed(store: Store, store_url: str, folder: Path) -> None:
    """After kill -9 in the middle of the work every answer that was acknowledged is in the database, once."""
    command = [sys.executable, "-c", CHILD, str(folder), store_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as child:
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(1_000)][-1]
        child.kill()
        acknowledged = max([acknowledged, *(int(line) for line in child.stdout if line.endswith("\n"))])
    present = store.predictions.stats("news").total
    with PredictionLog(folder, store.predictions, memory=10) as log:
        eventually(lambda: (log.state().stored > 0 and log.state().waiting == 0) or acknowledged <= present)
        assert log.state().lost == 0
    total = store.predictions.stats("news").total
    # The child may have died between its last append and the word of it.
    assert acknowledged <= total <= acknowledged + 5
    assert len(store.predictions.page("news", limit=1_000)[0]) == 1_000
    assert list(folder.iterdir()) == []
