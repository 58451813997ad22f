"""What is in the lake is complete, never changes, and comes back as it was written."""

import errno
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from evertopic.errors import BadInput, Corrupted, Unavailable
from evertopic.records import BatchFacts, Interval, Quarantined, SnapshotRef, TopicQuality
from evertopic.storage.lake import Lake


@pytest.fixture(params=["local", "remote"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    url = str(tmp_path / "lake") if request.param == "local" else f"memory://{uuid4().hex}/lake"
    return Lake(url, cache=tmp_path / "cache")


class FullDisk:
    """A file on a disk that has room for 100 bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.room, self.closed = file, 100, False

    def __enter__(self) -> "FullDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, content: bytes) -> int:
        self.room -= memoryview(content).nbytes
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(content)

    def tell(self) -> int:
        return self.file.tell()

    def seek(self, *position: int) -> int:
        return self.file.seek(*position)

    def flush(self) -> None:
        self.file.flush()

    def fileno(self) -> int:
        return self.file.fileno()

    def close(self) -> None:
        self.closed = True
        self.file.close()


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("shape", [(5, 3), (0, 3), ()])
def test_array(lake: Lake, shape: tuple[int, ...]) -> None:
    """An array comes back with its values, type and shape, and cannot be changed."""
    array = np.arange(math.prod(shape), dtype=np.float32).reshape(shape)
    lake.write_array("vectors/a.npy", array)
    again = lake.read_array("vectors/a.npy")
    np.testing.assert_array_equal(again, array)
    assert again.dtype == np.float32
    assert again.shape == shape
    assert not again.flags.writeable


def test_local_array_is_mapped(tmp_path: Path) -> None:
    """An array of a local lake is read from disk as it is used, not into memory."""
    lake = Lake(str(tmp_path))
    lake.write_array("a", np.ones((4, 4)))
    assert isinstance(lake.read_array("a").base, np.memmap)


def test_arrays(lake: Lake) -> None:
    """Several arrays come back by name."""
    lake.write_arrays("a", {"x": np.array([1, 2], dtype=np.int32), "file": np.array(["é", "b"])})
    again = lake.read_arrays("a")
    assert list(again) == ["x", "file"]
    assert again["x"].dtype == np.int32
    assert again["file"].tolist() == ["é", "b"]


def test_pickle_is_refused(lake: Lake) -> None:
    """Arrays of objects, which need pickle, are not stored and leave no key."""
    with pytest.raises(BadInput, match="plain type"):
        lake.write_array("a", np.array([{}, None]))
    with pytest.raises(BadInput, match="plain type"):
        lake.write_arrays("a", {"x": np.array([{}, None])})
    assert not lake.exists("a")


@pytest.mark.parametrize("shape", [(2, 3), (0, 3), (2, 0)])
def test_sparse(lake: Lake, shape: tuple[int, int]) -> None:
    """A sparse matrix comes back with its shape, also without rows or columns."""
    matrix = csr_array(np.arange(math.prod(shape), dtype=np.int32).reshape(shape))
    lake.write_sparse("terms", matrix)
    again = lake.read_sparse("terms")
    np.testing.assert_array_equal(again.toarray(), matrix.toarray())
    assert again.dtype == np.int32


def test_frame(lake: Lake) -> None:
    """A table keeps texts as str, missing values missing, and times in whole seconds."""
    frame = pd.DataFrame(
        {
            "id": ["a", "b"],
            "label": pd.Series(["x", None], dtype="str"),
            "timestamp": np.array(["2020-01-01T00:00:01", "NaT"], dtype="datetime64[s]"),
            "words": np.array([3, 4], dtype=np.int32),
        },
    )
    lake.write_frame("snapshots/s", frame)
    pd.testing.assert_frame_equal(lake.read_frame("snapshots/s"), frame)
    pd.testing.assert_frame_equal(lake.read_frame("snapshots/s", columns=["timestamp"]), frame[["timestamp"]])
    lake.write_frame("snapshots/empty", frame.iloc[:0])
    pd.testing.assert_frame_equal(lake.read_frame("snapshots/empty"), frame.iloc[:0])


def test_frame_faults(lake: Lake) -> None:
    """A column of mixed types is refused in writing, a column that is not there in reading."""
    with pytest.raises(BadInput, match="mixed"):
        lake.write_frame("f", pd.DataFrame({"mixed": [1, "a"]}))
    lake.write_frame("f", pd.DataFrame({"id": ["a"]}))
    with pytest.raises(Corrupted, match="label"):
        lake.read_frame("f", columns=["label"])


def test_frame_in_parts(lake: Lake) -> None:
    """A long table comes in parts, in order, with the types it was written with; an unknown column is said."""
    times = np.datetime64("2020-01-01", "s") + np.arange(20_001)
    frame = pd.DataFrame({"id": [str(row) for row in range(20_001)], "timestamp": times, "row": range(20_001)})
    lake.write_frame("f", frame)
    parts = list(lake.iter_frames("f", ["id", "timestamp"]))
    assert [len(part) for part in parts] == [10_000, 10_000, 1]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), frame[["id", "timestamp"]])
    with pytest.raises(Corrupted, match="no columns label"):
        list(lake.iter_frames("f", ["id", "label"]))


def test_json_and_text(lake: Lake) -> None:
    """JSON keeps nan and takes numpy's numbers; text is UTF-8."""
    lake.write_json("j", {"a": [np.float32(0.5), np.int64(3)], "b": math.nan, "c": "Grüße"})
    again = lake.read_json("j")
    assert again["a"] == [0.5, 3]
    assert math.isnan(again["b"])
    lake.write_text("t", "Grüße")
    assert lake.read_bytes("t") == "Grüße".encode()


@dataclass(frozen=True, slots=True)
class Mixed:
    values: tuple[float, ...]
    pairs: tuple[tuple[str, str | int | float], ...]
    best: Interval | None


def test_record(lake: Lake) -> None:
    """A record comes back equal: tuples, nested records, unions, times; nan and inf survive."""
    at = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
    facts = BatchFacts(3, 1, 1, (Quarantined("too short", 1, ("a.csv:3: 'x'",)),), "d1", at)
    lake.write_record("facts", facts)
    assert lake.read_record("facts", BatchFacts) == facts
    mixed = Mixed((math.inf, -math.inf), (("a", 1), ("b", 1.0), ("c", "1")), Interval(np.float64(0.5), 0.0, 1.0))
    lake.write_record("mixed", mixed)
    again = lake.read_record("mixed", Mixed)
    assert again == mixed
    assert [type(value) for _, value in again.pairs] == [int, float, str]
    lake.write_record("nan", TopicQuality(math.nan, 0.0, 0.0, 0.0))
    assert math.isnan(lake.read_record("nan", TopicQuality).c_v)


def test_record_of_another_kind(lake: Lake) -> None:
    """A record that is read as something else is an error that names the key."""
    lake.write_record("ref", SnapshotRef("k", "d", 3))
    with pytest.raises(Corrupted, match="ref in the lake"):
        lake.read_record("ref", Interval)


def test_first_write_stays(lake: Lake) -> None:
    """A key that is there is not written again."""
    lake.write_text("t", "first")
    lake.write_text("t", "second")
    assert lake.read_bytes("t") == b"first"


def test_folder(lake: Lake, tmp_path: Path) -> None:
    """A folder comes back whole, and its first content stays."""
    bundle = tmp_path / "bundle"
    (bundle / "inner").mkdir(parents=True)
    (bundle / "meta.json").write_text("{}")
    (bundle / "inner" / "a.bin").write_bytes(b"\x00")
    assert not lake.exists("models/m")
    lake.write_folder("models/m", bundle)
    (bundle / "meta.json").write_text("changed")
    lake.write_folder("models/m", bundle)
    assert lake.exists("models/m")
    fetched = lake.fetch_folder("models/m")
    assert files_below(fetched) == ["inner/a.bin", "meta.json"]
    assert (lake.fetch_folder("models/m") / "meta.json").read_text() == "{}"


def test_unfinished_remote_folder(tmp_path: Path) -> None:
    """A remote folder whose last file never arrived is not there."""
    lake = Lake(f"memory://{uuid4().hex}", cache=tmp_path)
    lake.write_text("models/m/meta.json", "{}")
    assert not lake.exists("models/m")
    with pytest.raises(Unavailable, match="holds no models/m"):
        lake.fetch_folder("models/m")


def read_parts(lake: Lake, key: str) -> list[pd.DataFrame]:
    return list(lake.iter_frames(key))


READS: list[Callable[[Lake, str], object]] = [
    Lake.read_array, Lake.read_arrays, Lake.read_sparse, Lake.read_frame, Lake.read_json, read_parts
]  # fmt: skip


@pytest.mark.parametrize("read", [*READS, Lake.read_bytes, Lake.fetch_folder])
def test_missing(lake: Lake, read: Callable[[Lake, str], object]) -> None:
    """Reading what is not there says which step is missing."""
    with pytest.raises(Unavailable, match=r"holds no a/b: run the step"):
        read(lake, "a/b")


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"\x93NUMPY\x01", b"PAR1"])
def test_damaged(lake: Lake, read: Callable[[Lake, str], object], content: bytes) -> None:
    """A torn file is reported as such, whatever it should have been."""
    lake.write_bytes("a", content)
    with pytest.raises(Corrupted, match="a in the lake cannot be read"):
        read(lake, "a")


@pytest.mark.parametrize("key", ["../a", "a/../b", "/etc/passwd", "", ".hidden", "a//b", "a/", "a\\b", "a\n", "ü"])
def test_keys_stay_inside(lake: Lake, key: str) -> None:
    """A key that could leave the lake, or hide in it, is refused for reading and writing alike."""
    for act in (lambda: lake.write_text(key, "x"), lambda: lake.read_bytes(key), lambda: lake.exists(key)):
        with pytest.raises(BadInput, match="no key of the lake"):
            act()
    with pytest.raises(BadInput):
        lake.fetch_folder(key)


WRITES: dict[str, Callable[[Lake], None]] = {
    "array": lambda lake: lake.write_array("k", np.ones(1000)),
    "arrays": lambda lake: lake.write_arrays("k", {"x": np.ones(1000)}),
    "frame": lambda lake: lake.write_frame("k", pd.DataFrame({"x": np.arange(1000)})),
    "text": lambda lake: lake.write_text("k", "x" * 1000),
}


@pytest.mark.parametrize("kind", WRITES)
def test_full_disk(kind: str, tmp_path: Path) -> None:
    """A full disk names the key and the way out, and leaves nothing behind."""
    lake = Lake(str(tmp_path), opener=lambda path: FullDisk(path.open("xb")))  # type: ignore[arg-type, return-value]
    with pytest.raises(Unavailable, match=r"^k could not .* disk is full: free space"):
        WRITES[kind](lake)
    assert files_below(tmp_path) == []


def test_full_disk_folder(tmp_path: Path) -> None:
    """A folder that does not fit leaves no part of itself."""
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "big").write_bytes(b"x" * 1000)
    lake = Lake(str(tmp_path / "lake"), opener=lambda path: FullDisk(path.open("xb")))  # type: ignore[arg-type, return-value]
    with pytest.raises(Unavailable, match="disk is full"):
        lake.write_folder("models/m", tmp_path / "bundle")
    assert files_below(tmp_path / "lake") == []
    assert not lake.exists("models/m")


def test_no_folder_to_write_to(tmp_path: Path) -> None:
    """A lake whose folder cannot be made says so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="reachable"):
        Lake(str(tmp_path / "file" / "lake")).write_text("k", "x")


KILLED = """
import os, signal, sys
from pathlib import Path
from evertopic.storage.lake import Lake

class Dying:
    def __init__(self, path): self.file = path.open("xb")
    def __enter__(self): return self
    def __exit__(self, *_): self.file.close()
    def write(self, content):
        self.file.write(content[:10]); self.file.flush(); os.kill(os.getpid(), signal.SIGKILL)

Lake(sys.argv[1], opener=Dying).write_bytes("k", b"x" * 1000)
"""


def test_kill_in_mid_write(tmp_path: Path) -> None:
    """A writer killed half-way leaves no key, and the next writer succeeds."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(files_below(tmp_path)) == 1
    lake = Lake(str(tmp_path))
    assert not lake.exists("k")
    lake.write_bytes("k", b"whole")
    assert lake.read_bytes("k") == b"whole"


WRITER = """
import sys
import numpy as np
from evertopic.storage.lake import Lake
lake = Lake(sys.argv[1])
for number in range(20):
    lake.write_array(f"a/{number}", np.full(20_000, number))
    lake.write_folder(f"f/{number}", __import__("pathlib").Path(sys.argv[2]))
    assert (lake.read_array(f"a/{number}") == number).all()
"""


def test_writers_at_once(tmp_path: Path) -> None:
    """Several processes that write the same keys all succeed, and every reader sees whole files."""
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "a").write_text("x")
    command = [sys.executable, "-c", WRITER, str(tmp_path / "lake"), str(tmp_path / "bundle")]
    writers = [subprocess.Popen(command) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    expected = sorted([f"a/{number}" for number in range(20)] + [f"f/{number}/a" for number in range(20)])
    assert files_below(tmp_path / "lake") == expected
