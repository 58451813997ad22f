"""The journal: lines that are on this disk at once, read back in order by this process or by a later one."""

import errno
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Lock

from evertopic.storage.segments import NAME, SUFFIX, Pen, Segment, Share, Write, framed, part_of, unframed

logger = logging.getLogger(__name__)

SEGMENT_BYTES = 1_000_000
"""Emptying one keeps appenders waiting 0.2 ms; four million bytes, 0.8 ms (ext4)."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be read next: the payload of each line, None where it is damaged."""

    payloads: tuple[bytes | None, ...]
    """Empty where somebody has deleted the segment, or cut it off here."""
    share: Share
    segment: Segment
    until: int
    """Position in the segment up to which it reads."""
    full: bool
    """It is as much as is read at once; more may be there."""


class Journal:
    """Lines at rest below `folder` until they are `done`, in the order they came. Any thread appends, one reads.

    They are not synced: they outlive the process, but not a power cut. Each process has its own segments; those of
    dead ones are taken over by `adopt`. Nobody but the owner may read the files.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES, write: Write = os.pwrite) -> None:
        self.appended = 0
        """Lines of this process."""
        self.finished = 0
        """Those of them that are done."""
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._write = write
        self._lock = Lock()
        self._numbers = count(1)
        self._own: Share | None = None
        self._pen: Pen | None = None
        self._adopted: list[Share] = []
        self._closed = False

    def append(self, payloads: Sequence[bytes]) -> None:
        """Write these lines; none of them holds an end of line.

        Raises:
            OSError: the disk does not take them, or the journal is closed; none of them counts as written.
        """
        data = b"".join(map(framed, payloads))
        with self._lock:
            pen, segment = self._writable()
            pen.put(data, segment.end)
            segment.end += len(data)
            segment.lines += len(payloads)
            self.appended += len(payloads)

    def read(self) -> Part | None:
        """The next lines, at most 500 or a million bytes, those of this process first; None when all are `done`.

        Raises:
            OSError: the disk cannot be read.
        """
        with self._lock:
            share, segment = next(self._unread(), (None, None))
        if share is None or segment is None:
            return None
        lines, full = part_of(segment)
        return Part(tuple(map(unframed, lines)), share, segment, segment.offset + sum(map(len, lines)), full)

    def done(self, part: Part) -> int:
        """Forget these lines, and with its last line the segment. How many others of it have vanished from the disk.

        Raises:
            OSError: the disk does not let go of the segment; the lines are forgotten all the same.
        """
        with self._lock:
            if self._closed:
                return 0  # by now it may be another process's, which adds nothing twice
            segment, read = part.segment, len(part.payloads)
            segment.offset = part.until if read else segment.end
            over = segment.offset == segment.end
            vanished = max(0, segment.lines - read) if over else 0
            segment.lines -= read + vanished
            if part.share is self._own:
                self.finished += read + vanished
            if over:
                self._drop(part.share, segment, reusable=not vanished)
            return vanished

    def adopt(self) -> None:
        """Take over what dead processes left; what living ones have is left alone.

        Raises:
            OSError: the folder cannot be read.
        """
        if not self._folder.is_dir():
            return
        ours = {share.folder for share in self._shares()}
        for folder in sorted(self._folder.iterdir()):
            if self._closed:
                return
            if folder in ours or not NAME.fullmatch(folder.name) or not folder.is_dir():
                continue
            try:
                share = Share.take(folder)
            except OSError as error:
                logger.warning("What a dead process left in %s cannot be read: %s", folder, error)
                continue
            if share is not None:
                self._take_over(share)

    def waiting(self) -> tuple[int, int]:
        """Lines that are not done, and the bytes of all segments."""
        with self._lock:
            segments = [segment for share in self._shares() for segment in share.segments]
            return sum(segment.lines for segment in segments), sum(segment.end for segment in segments)

    def close(self) -> None:
        """Let go of everything; what is not done stays for the next process.

        Raises:
            OSError: the disk does not let go of what is half-written or empty.
        """
        with self._lock, ExitStack() as leaving:  # each one, even where another fails
            for share in self._shares():
                leaving.callback(share.leave)
            if self._pen is not None and self._own is not None:
                leaving.callback(self._pen.close)
                leaving.callback(self._pen.cut, self._own.segments[-1].end)
            self._own, self._pen, self._adopted, self._closed = None, None, [], True

    def _shares(self) -> list[Share]:
        return [*([] if self._own is None else [self._own]), *self._adopted]

    def _unread(self) -> Iterator[tuple[Share, Segment]]:
        for share in self._shares():
            yield from ((share, segment) for segment in share.segments if segment.offset < segment.end)

    def _writable(self) -> tuple[Pen, Segment]:
        if self._closed:
            raise OSError(errno.EBADF, "the journal is closed")
        own, pen = self._own, self._pen
        if own is None or pen is None or own.segments[-1].end >= self._segment_bytes:
            own, pen = self._turn_over()
        return pen, own.segments[-1]

    def _turn_over(self) -> tuple[Share, Pen]:
        """Begin a new segment, in a new share at first, and when somebody has deleted the old one."""
        own, pen = self._own, self._pen
        if own is None:
            self._own = own = Share.make(self._folder)
        elif not own.folder.is_dir():
            fresh = Share.make(self._folder)
            os.close(own.lock)
            own.folder, own.lock = fresh.folder, fresh.lock
        if pen is not None:
            pen.cut(own.segments[-1].end)
        segment = Segment(own.folder / f"{next(self._numbers):08d}{SUFFIX}")
        self._pen = fresh_pen = Pen(segment.path, self._write)
        if pen is not None:
            pen.close()
        own.segments.append(segment)
        return own, fresh_pen

    def _drop(self, share: Share, segment: Segment, *, reusable: bool) -> None:
        if share is self._own and self._pen is not None and segment is share.segments[-1]:
            if reusable:
                self._pen.empty()
                segment.offset = segment.end = 0
                return
            self._pen.close()
            self._pen = None
        share.drop(segment)
        if share is not self._own and not share.segments:
            self._adopted.remove(share)
            share.leave()

    def _take_over(self, share: Share) -> None:
        with self._lock:
            if self._closed or not any(segment.lines for segment in share.segments):
                share.leave()
            else:
                self._adopted.append(share)
