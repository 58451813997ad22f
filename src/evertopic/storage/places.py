"""Where the lake's files lie, and the folder of this machine as the usual place."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

from evertopic.errors import Unavailable

Fill = Callable[[BinaryIO], None]
Opener = Callable[[Path], BinaryIO]


class Place(Protocol):
    """What the lake asks of the ground it stands on. Keys are already checked."""

    def exists(self, key: str) -> bool:
        """True when the file or folder is there, complete."""

    def write(self, key: str, fill: Fill) -> None:
        """Put what `fill` writes under `key`, entirely or not at all."""

    def local_file(self, key: str) -> Path | None:
        """The file on this disk, None where there is none."""

    def read(self, key: str) -> bytes:
        """The whole file. Raises FileNotFoundError."""

    def write_folder(self, key: str, folder: Path) -> None:
        """Put a copy of `folder` under `key`, entirely or not at all."""

    def fetch_folder(self, key: str) -> Path:
        """The folder on this disk. Raises FileNotFoundError."""


def open_for_writing(path: Path) -> BinaryIO:
    """A new file; one that is there is an error."""
    return path.open("xb")


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A folder of this machine. Files appear by renaming, so a killed writer leaves no key behind."""

    root: Path
    opener: Opener = open_for_writing

    def exists(self, key: str) -> bool:
        """True when the file or folder is there; half-written ones bear other names."""
        return (self.root / key).exists()

    def write(self, key: str, fill: Fill) -> None:
        """Write beside the final name, reach the disk, rename."""
        target = self.root / key
        temporary = _beside(target)
        with disk_faults(key, str(self.root)):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with self.opener(temporary) as file:
                    fill(file)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(target)
                sync_folder(target.parent)
            finally:
                temporary.unlink(missing_ok=True)

    def local_file(self, key: str) -> Path | None:
        """The file itself."""
        return self.root / key

    def read(self, key: str) -> bytes:
        """The whole file."""
        return (self.root / key).read_bytes()

    def write_folder(self, key: str, folder: Path) -> None:
        """Copy beside the final name, rename; where another writer was first, its folder stays."""
        target = self.root / key
        temporary = _beside(target)
        with disk_faults(key, str(self.root)):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._copy_all(folder, temporary)
                _rename_unless_there(temporary, target)
                sync_folder(target.parent)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)

    def _copy_all(self, folder: Path, temporary: Path) -> None:
        # Not shutil.copytree: it collects the errors of all files and forgets that the disk was full.
        temporary.mkdir()
        for source in sorted(folder.rglob("*")):
            target = temporary / source.relative_to(folder)
            if source.is_dir():
                target.mkdir()
                continue
            with source.open("rb") as original, self.opener(target) as file:
                shutil.copyfileobj(original, file)
                file.flush()
                os.fsync(file.fileno())

    def fetch_folder(self, key: str) -> Path:
        """The folder itself; nobody may write into it."""
        if not (self.root / key).is_dir():
            raise FileNotFoundError(key)
        return self.root / key


def _beside(target: Path) -> Path:
    return target.with_name(f".{uuid4().hex}.partial")


def _rename_unless_there(temporary: Path, target: Path) -> None:
    try:
        temporary.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def sync_folder(folder: Path) -> None:
    """Nothing; what was renamed in the folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def disk_faults(key: str, root: str) -> Iterator[None]:
    """Turn what the disk or the network says into `Unavailable`; a file that is not there stays FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            advice = "The disk is full: free space there, or point EVERTOPIC_LAKE at a larger one, and run again."
        else:
            advice = "Check that it is reachable and that this user may write there, and run again."
        raise Unavailable(f"{key} could not be read or written in the lake at {root}: {error}. {advice}") from error
