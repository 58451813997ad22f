"""Where the lake's files lie: on this machine's disk, or in any other file system that fsspec speaks."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol
from uuid import uuid4

from evertopic.digests import digest_of
from evertopic.errors import Unavailable

COMPLETE = "_complete.json"
"""The last file of a remote folder to be written: the names of all others. Without it there is no folder."""

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
        with _disk_faults(key, str(self.root)):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with self.opener(temporary) as file:
                    fill(file)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(target)
                _sync_folder(target.parent)
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
        with _disk_faults(key, str(self.root)):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._copy_all(folder, temporary)
                _rename_unless_there(temporary, target)
                _sync_folder(target.parent)
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


@dataclass(frozen=True, slots=True)
class RemotePlace:
    """Any other fsspec file system. One object is written in one step; a folder is complete with its last file."""

    filesystem: Any
    root: str
    cache: Path
    """Where fetched folders lie on this machine."""

    def exists(self, key: str) -> bool:
        """True for a file, and for a folder whose last file is there."""
        with _disk_faults(key, self.root):
            return bool(self.filesystem.isfile(self._at(key)) or self.filesystem.isfile(self._at(f"{key}/{COMPLETE}")))

    def write(self, key: str, fill: Fill) -> None:
        """Write to this machine first, then hand over the finished file."""
        with _disk_faults(key, self.root), tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "file"
            with local.open("xb") as file:
                fill(file)
            self._put(local, key)

    def local_file(self, key: str) -> Path | None:  # noqa: ARG002, the promise has it
        """None: there is no file on this disk."""
        return None

    def read(self, key: str) -> bytes:
        """The whole file."""
        with _disk_faults(key, self.root):
            return bytes(self.filesystem.cat_file(self._at(key)))

    def write_folder(self, key: str, folder: Path) -> None:
        """Hand over every file, and last the list of them."""
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        with _disk_faults(key, self.root):
            for name in names:
                self._put(folder / name, f"{key}/{name}")
        self.write(f"{key}/{COMPLETE}", lambda file: _write_names(file, names))

    def fetch_folder(self, key: str) -> Path:
        """A copy below `cache`, made once: what is in the lake never changes."""
        target = self.cache / digest_of(self.root) / key
        if not target.is_dir():
            names = json.loads(self.read(f"{key}/{COMPLETE}"))
            copy = LocalPlace(self.cache / digest_of(self.root))
            with tempfile.TemporaryDirectory() as folder:
                for name in names:
                    local = Path(folder) / name
                    local.parent.mkdir(parents=True, exist_ok=True)
                    local.write_bytes(self.read(f"{key}/{name}"))
                copy.write_folder(key, Path(folder))
        return target

    def _put(self, local: Path, key: str) -> None:
        self.filesystem.makedirs(str(PurePosixPath(self._at(key)).parent), exist_ok=True)
        self.filesystem.put_file(str(local), self._at(key))

    def _at(self, key: str) -> str:
        return f"{self.root.rstrip('/')}/{key}"


def _write_names(file: BinaryIO, names: list[str]) -> None:
    file.write(json.dumps(names).encode())


def _beside(target: Path) -> Path:
    return target.with_name(f".{uuid4().hex}.partial")


def _rename_unless_there(temporary: Path, target: Path) -> None:
    try:
        temporary.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _disk_faults(key: str, root: str) -> Iterator[None]:
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
