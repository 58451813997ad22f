"""Whatever fails, the log keeps an answer or counts it as lost."""

import errno
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from evertopic.errors import Corrupted, Unavailable
from evertopic.storage.journal import Journal
from evertopic.storage.log_queue import ROW_BYTES, LogQueue
from evertopic.storage.prediction_log import PredictionLog
from evertopic.storage.store import Store, open_store
from tests.unit.storage.answers import answer, answers
from tests.unit.storage.databases import PATIENCE_S, Database, eventually, ids
from tests.unit.storage.disks import Disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.mark.parametrize("fault", [Unavailable("no answer"), Corrupted("broken"), ProgrammingError("s", {"t": 1}, "x")])
def test_database_away(folder: Path, fault: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """While the database is away nothing is lost, memory holds nothing, and it is asked seldom; then all arrives."""
    database = Database()
    database.fault = fault
    with PredictionLog(folder, database, memory=1) as log:
        for first in range(0, 20_000, 20):
            log.append(answers(20, first=first))
        eventually(lambda: log.state().database_away is not None)
        state = log.state()
        assert (state.waiting, state.stored, state.lost, state.in_memory) == (20_000, 0, 0, 0)
        assert database.calls < 10
        database.fault = None
        assert log.settle(PATIENCE_S)
        assert (log.state().database_away, log.state().stored, log.state().lost) == (None, 20_000, 0)
    assert len(database.rows) == 20_000
    assert [record.message.split(",")[0] for record in caplog.records] == [
        "The database takes no predictions",
        "The database takes predictions again",
    ]


def test_memory_stays_flat(folder: Path) -> None:
    """Fifty megabytes of answers that wait for the database take less than ten of memory: some copies of a part."""
    database = Database()
    database.fault = Unavailable("no answer")
    row = answer(1, text="x" * 20_000)
    with PredictionLog(folder, database, memory=10) as log:
        log.append([row])
        eventually(lambda: log.state().database_away is not None)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(2_500):
            log.append([row])
        grown = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        assert log.state().journal_bytes > 50_000_000
        log.close(PATIENCE_S)
    assert grown < 10_000_000


def test_no_text_in_what_is_said(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of a statement is told without the texts in it."""
    database = Database()
    database.fault = ProgrammingError("INSERT", {"text": "secret"}, Exception("no such table"))
    with PredictionLog(folder, database, memory=1) as log:
        log.append(answers(1))
        eventually(lambda: log.state().database_away is not None)
        assert "no such table" in str(log.state().database_away)
        assert "secret" not in str(log.state().database_away) + caplog.text
        log.close(PATIENCE_S)


def test_refused_rows(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An answer that the database refuses is counted as lost, with the reason; those around it arrive."""
    database = Database()
    database.refused = {"000003", "000400", "000499"}
    with PredictionLog(folder, database, memory=10) as log:
        log.append(answers(1_000))
        assert log.settle(PATIENCE_S)
        state = log.state()
    assert set(database.rows) == ids(answers(1_000)) - database.refused
    assert (state.stored, state.lost, state.waiting, state.database_away) == (997, 3, 0, None)
    assert "Prediction 000400 is lost: it holds what the database cannot" in caplog.messages


def test_refused_by_a_database(store: Store, folder: Path) -> None:
    """Both databases refuse a number too large for them, and take the answers around it."""
    with PredictionLog(folder, store.predictions, memory=10) as log:
        log.append([*answers(50), answer(50, version=2**70), *answers(50, first=51)])
        assert log.settle(PATIENCE_S)
        assert (log.state().stored, log.state().lost) == (100, 1)
    assert store.predictions.stats("news").total == 100


def test_cannot_be_written_down(folder: Path) -> None:
    """An answer with half a character, which `logged` never makes, is counted as lost; the one beside it is not."""
    database = Database()
    with PredictionLog(folder, database, memory=10) as log:
        log.append([answer(1, name="\ud800"), answer(2)])
        assert log.settle(PATIENCE_S)
        assert (log.state().stored, log.state().lost) == (1, 1)


def test_locked_by_another_program(tmp_path: Path, folder: Path) -> None:
    """While another program, such as a training, holds the lock of the database, answers wait; then they arrive."""
    store = open_store(f"sqlite:///{tmp_path / 's.db'}", patience_s=0.05)
    with PredictionLog(folder, store.predictions, memory=1) as log:
        with closing(sqlite3.connect(tmp_path / "s.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            log.append(answers(50))
            eventually(lambda: "locked" in str(log.state().database_away))
            assert (log.state().waiting, log.state().in_memory) == (50, 0)
        assert log.settle(PATIENCE_S)
    assert store.predictions.stats("news").total == 50
    store.close()


def test_full_disk(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A full disk: the answers wait in memory, and reach the database from there."""
    database, disk = Database(), Disk(room=0)
    database.gate.clear()
    with PredictionLog(folder, database, memory=10, write=disk) as log:
        log.append(answers(4))
        state = log.state()
        assert (state.waiting, state.in_memory, state.lost) == (4, 4, 0)
        assert "No space left" in str(state.disk_away)
        database.gate.set()
        assert log.settle(PATIENCE_S)
        disk.room = None
        log.append(answers(4, first=4))
        assert log.settle(PATIENCE_S)
        assert (log.state().disk_away, log.state().stored) == (None, 8)
    assert len(caplog.records) == 2


def test_a_disk_filled_by_the_journal_is_emptied(folder: Path) -> None:
    """New answers find their way into memory all the time: what is on the full disk has its turn all the same."""
    disk = Disk()
    queue = LogQueue(Journal(folder, write=disk), 10)
    queue.put([b"on the disk"])
    disk.room = 0
    taken = []
    for _ in range(3):
        queue.put([b"in memory"])
        batch = queue.take()
        assert batch is not None
        queue.done(batch)
        taken += batch.payloads
    assert taken[:2] == [b"in memory", b"on the disk"]
    assert queue.journal.waiting() == (0, 0)
    disk.room = None
    queue.put([b"on the disk again"])
    assert queue.disk_away is None
    queue.close()


def test_memory_waits_for_no_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that cannot be read has its turn, and then it is memory's."""
    queue = LogQueue(Journal(folder, write=Disk(room=0)), 1_000)
    queue.put([b"in memory"] * 600)

    def unreadable() -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(queue.journal, "read", unreadable)
    for wanted in (500, None, 100):
        if wanted is None:
            with pytest.raises(OSError, match="Input/output"):
                queue.take()
            continue
        batch = queue.take()
        assert batch is not None
        assert len(batch.payloads) == wanted
        queue.done(batch)
    queue.close()


def test_full_memory(folder: Path) -> None:
    """With disk and database away, what memory has no room for is counted as lost; the rest arrives."""
    database, disk = Database(), Disk(room=0)
    database.fault = Unavailable("no answer")
    with PredictionLog(folder, database, memory=10, write=disk) as log:
        log.append(answers(7))
        log.append(answers(7, first=7))
        state = log.state()
        assert (state.waiting, state.in_memory, state.lost) == (10, 10, 4)
        database.fault = None
        assert log.settle(PATIENCE_S)
        assert (log.state().stored, log.state().lost) == (10, 4)
    assert set(database.rows) == ids(answers(10))


def test_long_texts_take_more_memory(folder: Path) -> None:
    """Memory is bounded in bytes too: long answers take the room of several."""
    database = Database()
    database.fault = Unavailable("no answer")
    with PredictionLog(folder, database, memory=10, write=Disk(room=0)) as log:
        log.append([answer(number, text="x" * 3 * ROW_BYTES) for number in range(10)])
        assert (log.state().in_memory, log.state().lost) == (3, 7)
        log.close(PATIENCE_S)


def test_memory_goes_to_the_disk(folder: Path) -> None:
    """What waits in memory reaches the disk as soon as there is room, the database still away: it outlives us then."""
    database, disk = Database(), Disk(room=0)
    database.fault = Unavailable("no answer")
    log = PredictionLog(folder, database, memory=1_000, write=disk)
    log.append(answers(700))
    disk.room = None
    eventually(lambda: log.state().in_memory == 0)
    assert (log.state().waiting, log.state().lost) == (700, 0)
    database.fault = None
    assert log.settle(PATIENCE_S)
    assert len(database.rows) == 700
    log.close()


@pytest.mark.parametrize(("room", "lost"), [(0, 5), (None, 0)])
def test_close_saves_memory(folder: Path, room: int | None, lost: int) -> None:
    """Closing while the database hangs brings memory to the disk; where there is no room, it is lost, and counted."""
    database, disk = Database(), Disk(room=0)
    database.gate.clear()
    log = PredictionLog(folder, database, memory=10, write=disk)
    log.append(answers(5))
    eventually(lambda: database.calls == 1)
    disk.room = room
    log.close(0.1)
    database.gate.set()
    assert (log.state().lost, log.state().waiting) == (lost, 0)
    assert len(list(folder.glob("*/*.lines"))) == (1 if room is None else 0)
    log.close()


def test_damaged_lines(folder: Path) -> None:
    """A line that somebody damaged, and one that is no prediction, are counted as torn; those around them arrive."""
    database = Database()
    database.fault = Unavailable("no answer")
    log = PredictionLog(folder, database, memory=10)
    log.append(answers(3))
    log.close(PATIENCE_S)
    (path,) = folder.glob("*/*.lines")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"text 1", b"text 9") + b'd7fd7e5b {"no": "prediction"}\n' + content[:30])
    database.fault = None
    with PredictionLog(folder, database, memory=10) as later:
        eventually(lambda: later.state().waiting == 0 and later.state().stored == 2)
        assert (later.state().torn, later.state().lost) == (3, 0)
    assert set(database.rows) == {"000000", "000002"}


def test_vanished(folder: Path) -> None:
    """Answers whose file somebody deletes are counted as lost, and the log goes on."""
    database = Database()
    database.fault = Unavailable("no answer")
    with PredictionLog(folder, database, memory=10) as log:
        log.append(answers(3))
        eventually(lambda: log.state().database_away is not None)
        for path in [*folder.glob("*/*.lines"), *folder.iterdir()]:
            path.unlink() if path.is_file() else path.rmdir()
        database.fault = None
        assert log.settle(PATIENCE_S)
        log.append(answers(3, first=3))
        assert log.settle(PATIENCE_S)
        assert (log.state().stored + log.state().lost, log.state().waiting) == (6, 0)
