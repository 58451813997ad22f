"""What a disk or a person does to the journal costs the lines it hits, and no others."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from evertopic.storage.journal import Journal
from evertopic.storage.segments import framed, unframed
from tests.unit.storage.disks import Disk
from tests.unit.storage.journals import drain, lines, segments


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new" / "log"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    journal = Journal(folder, segment_bytes=1_000)
    yield journal
    journal.close()


@pytest.mark.parametrize("cut", range(1, 19))
def test_torn_line(folder: Path, journal: Journal, cut: int) -> None:
    """A last line that was cut off anywhere comes back as damaged, or whole where only its end of line is missing."""
    journal.append(lines(2))
    journal.close()
    path = segments(folder)[0]
    os.truncate(path, path.stat().st_size - cut)
    later = Journal(folder)
    later.adopt()
    whole, torn = lines(2)
    assert drain(later) == ([whole, torn] if cut == 1 else [whole, None] if cut < 18 else [whole])
    later.close()


def test_damage(folder: Path, journal: Journal) -> None:
    """A changed, a lengthened and an empty line are damaged; those around them are not."""
    journal.append(lines(5))
    journal.close()
    path = segments(folder)[0]
    first, second, third, fourth, fifth = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second.replace(b"1", b"7") + third + b"\n" + b"x" + fourth + b"\x00" * 50 + b"\n" + fifth)
    later = Journal(folder)
    later.adopt()
    whole = lines(5)
    assert drain(later) == [whole[0], None, whole[2], None, None, None, whole[4]]
    later.close()


def test_every_byte_counts() -> None:
    """A line with any one byte changed is damaged."""
    line = framed(b'{"n": 1}')
    assert unframed(line) == b'{"n": 1}'
    changed = [line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :] for at in range(len(line) - 1)]
    assert [unframed(one) for one in changed] == [None] * len(changed)


def test_full_disk(folder: Path) -> None:
    """A line that the disk takes half is cut off: those before it and those after it, with room again, are whole."""
    disk = Disk()
    journal = Journal(folder, write=disk)
    journal.append(lines(2))
    for room in (5, 0, 25):  # less than a line, nothing, one line and a half
        disk.room = room
        with pytest.raises(OSError, match="No space left"):
            journal.append(lines(2, first=10))
    assert journal.waiting()[0] == 2
    disk.room = None
    journal.append(lines(1, first=2))
    assert drain(journal) == lines(3)
    assert journal.appended == 3
    journal.close()


def test_half_a_line_is_left_to_nobody(folder: Path) -> None:
    """A journal that is closed on a full disk cuts off what is half-written."""
    disk = Disk()
    journal = Journal(folder, write=disk)
    journal.append(lines(2))
    disk.room = 5
    with pytest.raises(OSError, match="No space left"):
        journal.append(lines(1, first=2))
    journal.close()
    later = Journal(folder)
    later.adopt()
    assert drain(later) == lines(2)
    later.close()


def test_small_writes(folder: Path) -> None:
    """A disk that takes a few bytes at a time gets all of them."""
    journal = Journal(folder, write=lambda file, data, at: os.pwrite(file, data[:3], at))
    journal.append(lines(7))
    assert drain(journal) == lines(7)
    journal.close()


def test_no_folder(tmp_path: Path) -> None:
    """Where no folder can be made, appending says so, and later it may work; no rubbish is left."""
    (tmp_path / "log").write_text("in the way")
    journal = Journal(tmp_path / "log")
    journal.adopt()
    with pytest.raises(OSError, match="log"):
        journal.append(lines(1))
    (tmp_path / "log").unlink()
    journal.append(lines(1))
    assert drain(journal) == lines(1)
    journal.close()


def test_too_many_open_files(folder: Path, journal: Journal) -> None:
    """Where no file can be opened, appending says so and leaves no rubbish; later it works."""
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            journal.append(lines(1))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert list(folder.iterdir()) == []
    journal.append(lines(1))
    assert drain(journal) == lines(1)


def test_deleted_under_it(folder: Path, journal: Journal) -> None:
    """Lines whose file somebody deletes have vanished, and are counted; those that come later are safe again."""
    journal.append(lines(3))
    for path in [*segments(folder), *folder.iterdir()]:
        path.unlink() if path.is_file() else path.rmdir()
    part = journal.read()
    assert part is not None
    assert part.payloads == ()
    assert journal.done(part) == 3
    assert (journal.appended, journal.finished) == (3, 3)
    journal.append(lines(2))
    assert drain(journal) == lines(2)


def test_cut_under_it(folder: Path, journal: Journal) -> None:
    """Lines that somebody cuts off have vanished, and are counted."""
    journal.append(lines(5))
    os.truncate(segments(folder)[0], 2 * len(framed(lines(1)[0])))
    part = journal.read()
    assert part is not None
    assert list(part.payloads) == lines(2)
    assert journal.done(part) == 0
    gone = journal.read()
    assert gone is not None
    assert journal.done(gone) == 3
    journal.append(lines(2))
    assert drain(journal) == lines(2)


def test_strangers(folder: Path, journal: Journal) -> None:
    """Other people's files in the folder stay where they are."""
    journal.append(lines(2))
    journal.close()
    (share,) = folder.iterdir()
    (folder / "photos").mkdir()
    theirs = [folder / "photos" / "cat.lines", folder / "note.txt", share / "note.txt"]
    for path in theirs:
        path.write_text("precious")
    later = Journal(folder)
    later.adopt()
    assert drain(later) == lines(2)
    later.close()
    assert [path.read_text() for path in theirs] == ["precious"] * 3
    assert segments(folder) == theirs[:1]
