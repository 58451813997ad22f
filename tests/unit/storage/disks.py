"""Disks that fail when a test wants them to."""

import errno
import os


class Disk:
    """As os.pwrite, until `room` bytes are written; then it takes what still fits and is full."""

    def __init__(self, room: int | None = None) -> None:
        self.room = room

    def __call__(self, file: int, data: memoryview, at: int) -> int:
        """Write what fits."""
        if self.room is None:
            return os.pwrite(file, data, at)
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = os.pwrite(file, data[: self.room], at)
        self.room -= written
        return written
