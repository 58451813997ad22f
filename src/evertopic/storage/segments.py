"""Segments: append-only files of lines with check sums, in folders that show whether their process is alive."""

import fcntl
import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import uuid4
from zlib import crc32

PART_LINES = 500
PART_BYTES = 1_000_000
LONGEST_LINE = 64_000_000
"""A longer piece without an end is damage."""
NAME = re.compile("[0-9a-f]{32}")
"""Of a share. While it is made it has a dot before it, and nobody looks at it."""
SUFFIX = ".lines"

Write = Callable[[int, memoryview, int], int]
"""As os.pwrite: file, bytes, position; how many bytes were written."""


@dataclass(slots=True, eq=False)
class Segment:
    """One file. Its bytes from `offset` to `end` wait to be read, `lines` lines of them."""

    path: Path
    offset: int = 0
    end: int = 0
    lines: int = 0

    @classmethod
    def found(cls, path: Path) -> Self:
        """A file that some process left, nothing of it read."""
        end = path.stat().st_size
        return cls(path, 0, end, sum(1 for _ in read_lines(path, 0, end)))


@dataclass(slots=True, eq=False)
class Share:
    """What one process has in the journal: a folder of segments, locked by it or by the one that took it over."""

    folder: Path
    lock: int
    segments: deque[Segment] = field(default_factory=deque)

    @classmethod
    def make(cls, folder: Path) -> Self:
        """A new share below `folder`, locked before anybody else can see it.

        Raises:
            OSError: it cannot be made.
        """
        name = uuid4().hex
        hidden = folder / f".{name}"
        folder.mkdir(parents=True, exist_ok=True)
        hidden.mkdir(mode=0o700)
        try:
            with _locked(hidden) as lock:
                return cls(hidden.rename(folder / name), lock)
        except BaseException:
            hidden.rmdir()
            raise

    @classmethod
    def take(cls, folder: Path) -> Self | None:
        """The share of a dead process, its segments in order; None while somebody holds it or it is gone.

        Raises:
            OSError: it cannot be read.
        """
        try:
            with _locked(folder) as lock:
                return cls(folder, lock, deque(Segment.found(path) for path in sorted(folder.glob(f"*{SUFFIX}"))))
        except (BlockingIOError, FileNotFoundError):
            return None

    def drop(self, segment: Segment) -> None:
        """Delete a segment that is done."""
        self.segments.remove(segment)
        segment.path.unlink(missing_ok=True)

    def leave(self) -> None:
        """Let go of the folder; without anything left to read it is deleted.

        Raises:
            OSError: the disk does not let go of it.
        """
        try:
            for segment in [segment for segment in self.segments if not segment.lines]:
                self.drop(segment)
            if not self.segments and self.folder.exists() and not any(self.folder.iterdir()):
                self.folder.rmdir()
        finally:
            os.close(self.lock)


class Pen:
    """The file that is written at the moment."""

    def __init__(self, path: Path, write: Write) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._write = write
        self._half = False

    def put(self, data: bytes, at: int) -> None:
        """Write all of `data` at this position, or leave what is half-written to be cut off.

        Raises:
            OSError: the disk did not take all of it.
        """
        self.cut(at)
        self._half = True
        view = memoryview(data)
        while view:
            written = self._write(self._file, view, at)
            view, at = view[written:], at + written
        self._half = False

    def cut(self, end: int) -> None:
        """Cut off what a failed `put` left behind this position."""
        if self._half:
            os.ftruncate(self._file, end)
            self._half = False

    def empty(self) -> None:
        """Cut off everything."""
        os.ftruncate(self._file, 0)
        self._half = False

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def framed(payload: bytes) -> bytes:
    """The payload as a line, with a check sum."""
    return b"%08x %b\n" % (crc32(payload), payload)


def unframed(line: bytes) -> bytes | None:
    r"""The payload of a line, None where it is damaged.

    >>> unframed(framed(b"payload"))
    b'payload'
    >>> unframed(framed(b"payload")[:-3]) is None
    True
    """
    payload = line[9:].removesuffix(b"\n")
    return payload if line[:9] == b"%08x " % crc32(payload) else None


def read_lines(path: Path, begin: int, end: int) -> Iterator[bytes]:
    """The lines between two positions; nothing where the file is gone or shorter."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        file.seek(begin)
        while line := file.readline(min(LONGEST_LINE, end - begin)):
            begin += len(line)
            yield line


def part_of(segment: Segment) -> tuple[list[bytes], bool]:
    """The next lines of a segment, and whether that is as much, in lines or bytes, as is read at once."""
    part: list[bytes] = []
    size = 0
    for line in read_lines(segment.path, segment.offset, segment.end):
        part.append(line)
        size += len(line)
        if len(part) == PART_LINES or size >= PART_BYTES:
            return part, True
    return part, False


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """The folder's lock, kept when all goes well. Raises BlockingIOError where another has it."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lock
    except BaseException:
        os.close(lock)
        raise
