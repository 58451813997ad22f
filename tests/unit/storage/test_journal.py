"""The journal gives back every line it took, once it is needed, whoever died meanwhile."""

import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from evertopic.storage.journal import Journal
from tests.unit.storage.journals import drain, lines, segments


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new" / "log"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder, segment_bytes=1_000)
    yield journal
    journal.close()


def test_nothing_is_made_before_it_is_needed(folder: Path, journal: Journal) -> None:
    """A journal without lines leaves no folder, and has nothing to read."""
    journal.adopt()
    assert journal.read() is None
    assert journal.waiting() == (0, 0)
    assert not folder.exists()


def test_in_order(journal: Journal) -> None:
    """Lines come back in the order they went in, over many segments, and only once they are done the next ones."""
    journal.append(lines(3))
    journal.append(lines(200, first=3))
    first, again = journal.read(), journal.read()
    assert first is not None
    assert again is not None
    assert first.payloads == again.payloads
    assert drain(journal) == lines(203)
    assert (journal.appended, journal.finished, journal.waiting()) == (203, 203, (0, 0))


def test_disk_is_given_back(folder: Path, journal: Journal) -> None:
    """What is done leaves the disk: one empty segment is left while the journal is open, nothing after."""
    for number in range(100):
        journal.append(lines(1, first=number))
    assert len(segments(folder)) == 2  # 100 lines of 18 or 19 bytes, 1,000 bytes a segment
    drain(journal)
    assert [path.stat().st_size for path in segments(folder)] == [0]
    journal.append(lines(2))
    assert drain(journal) == lines(2)
    journal.close()
    assert list(folder.iterdir()) == []


def test_private(folder: Path, journal: Journal) -> None:
    """Only the owner may read the texts."""
    journal.append(lines(1))
    assert stat.S_IMODE(segments(folder)[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(segments(folder)[0].parent.stat().st_mode) == 0o700


def test_counts(journal: Journal) -> None:
    """What waits is counted in lines and bytes."""
    journal.append([b"x" * 91] * 4)  # a line has 8 digits of check sum, a blank and its end besides
    assert journal.waiting() == (4, 4 * 101)


def test_left_over(folder: Path, journal: Journal) -> None:
    """What a closed journal had not done is there for the next one, which leaves nothing behind."""
    journal.append(lines(150))
    part = journal.read()
    assert part is not None
    journal.close()
    assert journal.done(part) == 0  # too late: it may be another's now
    later = Journal(folder)
    assert later.read() is None
    later.adopt()
    assert later.waiting()[0] == 150
    assert drain(later) == lines(150)
    assert list(folder.iterdir()) == []
    later.close()


def test_the_living_are_left_alone(folder: Path, journal: Journal) -> None:
    """Two journals in one folder keep to their own lines as long as both are open."""
    other = Journal(folder)
    journal.append(lines(2))
    other.append(lines(2, first=2))
    for one in (journal, other):
        one.adopt()
    assert drain(journal) == lines(2)
    assert drain(other) == lines(2, first=2)
    other.close()


def test_one_heir(folder: Path, journal: Journal) -> None:
    """What a dead process left goes to one of those who come for it, and to the next when that one dies too."""
    journal.append(lines(3))
    journal.close()
    heirs = [Journal(folder), Journal(folder)]
    for heir in heirs:
        heir.adopt()
        heir.adopt()
    assert [heir.waiting()[0] for heir in heirs] == [3, 0]
    heirs[0].close()
    heirs[1].adopt()
    assert drain(heirs[1]) == lines(3)
    heirs[1].close()


def test_closed(journal: Journal) -> None:
    """A closed journal takes nothing more, and may be closed again."""
    journal.close()
    with pytest.raises(OSError, match="closed"):
        journal.append(lines(1))
    journal.close()


def test_many_writers(journal: Journal) -> None:
    """Lines that eight threads append while one reads are all there, those of each thread in order."""
    found: list[bytes | None] = []
    threads = [
        Thread(target=lambda first=first: [journal.append(lines(2, first=first + at)) for at in range(0, 200, 2)])
        for first in range(0, 8_000, 1_000)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        found += drain(journal)
    found += drain(journal)
    assert len(found) == 1_600
    for first in range(0, 8_000, 1_000):
        assert [line for line in found if line in set(lines(200, first=first))] == lines(200, first=first)
