"""The lake: immutable files, each named by the digest of everything that decides its content."""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import TypeAdapter
from scipy.sparse import csr_array

from evertopic.errors import BadInput, Corrupted, Unavailable
from evertopic.storage.formats import Sink, iter_parquet, plain_json, read_parquet, write_npz, write_parquet
from evertopic.storage.places import Fill, LocalPlace, Opener, Place, open_for_writing
from evertopic.storage.remote import RemotePlace

Record = TypeVar("Record")

KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=+@-]*(/[A-Za-z0-9_][A-Za-z0-9_.=+@-]*)*")


class Lake:
    """Files by key. A key is written once: writing it again changes nothing; a half-written file is never a key.

    Keys are relative paths of letters, digits and `_ . = + @ -`. Every `write_*` raises `BadInput` for another
    key and for content the format cannot hold, and `Unavailable` when the disk is full or out of reach. Every
    `read_*` raises `Unavailable` for a key that is not there and `Corrupted` for a file that cannot be read.

    Args:
        url: a folder (made on first write) or any fsspec URL: `/data/lake`, `file:///data/lake`, `s3://bucket/lake`.
        cache: where folders of a lake that is not on this disk are fetched to; below the user's home by default.
        opener: how a file of a local lake is created.
    """

    def __init__(self, url: str, *, cache: Path | None = None, opener: Opener = open_for_writing) -> None:
        self.url = url
        self.place = _place_of(url, cache or Path.home() / ".cache" / "evertopic", opener)

    def exists(self, key: str) -> bool:
        """True when a complete file or folder has this key."""
        return self.place.exists(_checked(key))

    def write_bytes(self, key: str, content: bytes) -> None:
        """Store raw bytes."""
        self._write(key, lambda file: _all(file, content))

    def read_bytes(self, key: str) -> bytes:
        """The raw bytes of a file."""
        with _reading(key):
            return self.place.read(_checked(key))

    def write_text(self, key: str, text: str) -> None:
        """Store text as UTF-8."""
        self.write_bytes(key, text.encode())

    def write_json(self, key: str, content: Any) -> None:
        """Store lists, mappings, texts, numbers, times and pydantic objects as JSON. nan and inf survive."""
        self._write(key, lambda file: _all(file, json.dumps(content, ensure_ascii=False, default=plain_json).encode()))

    def read_json(self, key: str) -> Any:
        """What `write_json` stored; tuples come back as lists, times as ISO 8601 text."""
        with _reading(key):
            return json.loads(self.read_bytes(key))

    def write_record(self, key: str, record: Any) -> None:
        """Store a dataclass of `records.py`, or a tuple of them: texts, numbers, times, no arrays."""
        self.write_json(key, [asdict(each) for each in record] if isinstance(record, tuple) else asdict(record))

    def read_record(self, key: str, kind: type[Record]) -> Record:
        """The dataclass that `write_record` stored; tuples are tuples, nan is nan, times keep their zone."""
        with _reading(key):
            return TypeAdapter(kind).validate_json(self.read_bytes(key))

    def write_array(self, key: str, array: NDArray[Any]) -> None:
        """Store one array as npy. Arrays of objects are refused: they would need pickle."""
        self._write(key, lambda file: np.save(Sink(file), array, allow_pickle=False))

    def read_array(self, key: str) -> NDArray[Any]:
        """The array, read-only; memory-mapped where the lake is a folder of this machine."""
        path = self.place.local_file(_checked(key))
        with _reading(key):
            if path is not None:
                return np.asarray(np.lib.format.open_memmap(path, mode="r"))
            array: NDArray[Any] = np.lib.format.read_array(BytesIO(self.read_bytes(key)), allow_pickle=False)
        array.flags.writeable = False
        return array

    def write_arrays(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Store several named arrays as one npz, not compressed. Arrays of objects are refused."""
        self._write(key, lambda file: write_npz(file, arrays))

    def read_arrays(self, key: str) -> dict[str, NDArray[Any]]:
        """The arrays by name, in memory."""
        with _reading(key), np.load(BytesIO(self.read_bytes(key)), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}

    def write_sparse(self, key: str, matrix: csr_array) -> None:
        """Store a sparse matrix by its rows."""
        parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
        self.write_arrays(key, parts | {"shape": np.asarray(matrix.shape, dtype=np.int64)})

    def read_sparse(self, key: str) -> csr_array:
        """The sparse matrix, with the same number types."""
        parts = self.read_arrays(key)
        with _reading(key):
            shape = tuple(int(size) for size in parts["shape"])
            return csr_array((parts["data"], parts["indices"], parts["indptr"]), shape=shape)

    def write_frame(self, key: str, frame: pd.DataFrame) -> None:
        """Store a table as Parquet, without its index."""
        self._write(key, lambda file: write_parquet(file, frame))

    def read_frame(self, key: str, columns: list[str] | None = None) -> pd.DataFrame:
        """The table, or only some columns of it; texts are `str`, times have the unit they were written with."""
        path = self.place.local_file(_checked(key))
        with _reading(key):
            return read_parquet(path if path is not None else BytesIO(self.read_bytes(key)), columns)

    def iter_frames(self, key: str, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
        """The table in parts of at most 10,000 rows, in order: memory does not grow with its length."""
        path = self.place.local_file(_checked(key))
        with _reading(key):
            yield from iter_parquet(path if path is not None else BytesIO(self.read_bytes(key)), columns)

    def write_folder(self, key: str, folder: Path) -> None:
        """Store a copy of a local folder; it has the key only once all of it is there."""
        if not self.exists(key):
            self.place.write_folder(key, folder)

    def fetch_folder(self, key: str) -> Path:
        """The folder on this machine, to read and never to write into."""
        with _reading(key):
            return self.place.fetch_folder(_checked(key))

    def _write(self, key: str, fill: Fill) -> None:
        if self.exists(key):
            return
        try:
            self.place.write(key, fill)
        except (ValueError, TypeError) as error:
            raise BadInput(f"{key} cannot be stored: {error}. Give arrays and columns of one plain type.") from error


def _place_of(url: str, cache: Path, opener: Opener) -> Place:
    from fsspec.core import url_to_fs
    from fsspec.implementations.local import LocalFileSystem

    filesystem, path = url_to_fs(url)
    if isinstance(filesystem, LocalFileSystem):
        return LocalPlace(Path(path), opener)
    return RemotePlace(filesystem, path, cache)


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise BadInput(f"{key!r} is no key of the lake: give names of letters, digits and _.=+@- joined by single /.")
    return key


def _all(file: BinaryIO, content: bytes) -> None:
    file.write(content)


@contextmanager
def _reading(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Unavailable(f"The lake holds no {key}: run the step that writes it again.") from error
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        advice = "delete it and run the step that writes it again"
        raise Corrupted(f"{key} in the lake cannot be read ({error}): {advice}.") from error
