"""A lake that is not on this disk: any other file system that fsspec speaks."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from evertopic.digests import digest_of
from evertopic.storage.places import Fill, LocalPlace, disk_faults

COMPLETE = "_complete.json"
"""The last file of a remote folder to be written: the names of all others. Without it there is no folder."""


@dataclass(frozen=True, slots=True)
class RemotePlace:
    """Any other fsspec file system. One object is written in one step; a folder is complete with its last file."""

    filesystem: Any
    root: str
    cache: Path
    """Where fetched folders lie on this machine."""

    def exists(self, key: str) -> bool:
        """True for a file, and for a folder whose last file is there."""
        with disk_faults(key, self.root):
            return bool(self.filesystem.isfile(self._at(key)) or self.filesystem.isfile(self._at(f"{key}/{COMPLETE}")))

    def write(self, key: str, fill: Fill) -> None:
        """Write to this machine first, then hand over the finished file."""
        with disk_faults(key, self.root), tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "file"
            with local.open("xb") as file:
                fill(file)
            self._put(local, key)

    def local_file(self, key: str) -> Path | None:  # noqa: ARG002, the promise has it
        """None: there is no file on this disk."""
        return None

    def read(self, key: str) -> bytes:
        """The whole file."""
        with disk_faults(key, self.root):
            return bytes(self.filesystem.cat_file(self._at(key)))

    def write_folder(self, key: str, folder: Path) -> None:
        """Hand over every file, and last the list of them."""
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        with disk_faults(key, self.root):
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
