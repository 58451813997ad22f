"""A text is encoded once: vectors come back by key, whoever stored them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evertopic.errors import BadInput, Unavailable
from evertopic.records import Floats
from evertopic.storage.vectors import KEYS_PER_QUERY, VectorStore


def unit_rows(rows: int, width: int = 4, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def vectors(tmp_path: Path) -> VectorStore:
    return VectorStore(str(tmp_path / "vectors"))


def test_found_and_not_found(vectors: VectorStore) -> None:
    """The mask says which keys are known; the rows are theirs, in the order asked, twice where asked twice."""
    rows = unit_rows(3)
    vectors.add("enc", ["a", "b", "it's"], rows)
    mask, found = vectors.lookup("enc", ["it's", "x", "a", "it's"])
    assert mask.tolist() == [True, False, True, True]
    np.testing.assert_array_equal(found, rows[[2, 0, 2]])
    assert found.dtype == np.float32


def test_nothing_there(vectors: VectorStore) -> None:
    """An unknown encoder knows nothing; no keys and unknown keys give no rows."""
    assert vectors.count("enc") == 0
    mask, found = vectors.lookup("enc", ["a"])
    assert mask.tolist() == [False]
    assert found.shape == (0, 0)
    vectors.add("enc", [], np.zeros((0, 4), dtype=np.float32))
    assert vectors.count("enc") == 0
    vectors.add("enc", ["a"], unit_rows(1))
    assert vectors.lookup("enc", [])[1].shape == (0, 4)
    assert vectors.lookup("enc", ["x"])[1].shape == (0, 4)


def test_add_again(vectors: VectorStore) -> None:
    """The first vector of a key stays, across calls and within one."""
    rows = unit_rows(4)
    vectors.add("enc", ["a", "b", "a"], rows[:3])
    vectors.add("enc", ["a", "c"], rows[2:])
    assert vectors.count("enc") == 3
    np.testing.assert_array_equal(vectors.lookup("enc", ["a", "c"])[1], rows[[0, 3]])


def test_encoders_are_apart(vectors: VectorStore) -> None:
    """Each encoder has its own vectors and width, however alike or odd the fingerprints look."""
    for number, fingerprint in enumerate(["a/b", "a-b", "../x ü", ""]):
        vectors.add(fingerprint, ["k"], unit_rows(1, 2 + number))
    assert vectors.lookup("a/b", ["k"])[1].shape == (1, 2)
    assert vectors.lookup("a-b", ["k"])[1].shape == (1, 3)
    assert vectors.lookup("", ["k"])[1].shape == (1, 5)


def test_many_keys_and_compact(vectors: VectorStore) -> None:
    """A question about many keys is answered as one about few, before and after compacting."""
    n = KEYS_PER_QUERY + 10
    keys = [f"{number:05d}" for number in range(n)]
    rows = unit_rows(n)
    vectors.add("enc", keys[: n // 2], rows[: n // 2])
    vectors.add("enc", keys[n // 2 :], rows[n // 2 :])
    for _ in range(2):
        mask, found = vectors.lookup("enc", [*reversed(keys), "x"])
        assert mask.tolist() == [True] * n + [False]
        np.testing.assert_array_equal(found, rows[::-1])
        np.testing.assert_array_equal(vectors.lookup("enc", ["00007"])[1], rows[7:8])
        vectors.compact("enc")
    vectors.compact("unknown")


@pytest.mark.parametrize("wrong", [[2.0, 0.0], [np.nan, 1.0], [0.0, 0.0], [np.inf, 0.0], [1.0, 0.05]])
def test_not_unit(vectors: VectorStore, wrong: list[float]) -> None:
    """A vector that is not of length 1 (sqrt(1 + 0.0025) = 1.00125 is too long) is refused, with its row."""
    with pytest.raises(BadInput, match="row 1"):
        vectors.add("enc", ["a", "b"], np.array([[1.0, 0.0], wrong], dtype=np.float32))
    assert vectors.count("enc") == 0


def test_wrong_shapes(vectors: VectorStore) -> None:
    """Other widths, other numbers of rows, other types and empty keys are refused."""
    vectors.add("enc", ["a"], unit_rows(1, 4))
    with pytest.raises(BadInput, match=r"width 4 .* these have 5"):
        vectors.add("enc", ["b"], unit_rows(1, 5))
    with pytest.raises(BadInput, match="2 keys"):
        vectors.add("enc", ["b", "c"], unit_rows(1))
    with pytest.raises(BadInput, match="float64"):
        vectors.add("enc", ["b"], unit_rows(1).astype(np.float64))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="empty"):
        vectors.add("enc", [""], unit_rows(1))


def test_out_of_reach(tmp_path: Path) -> None:
    """A place that is no folder is an error that names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="file/vectors"):
        VectorStore(str(tmp_path / "file" / "vectors")).count("enc")


PREPARE = """
import numpy as np
from evertopic.storage.vectors import VectorStore
import lancedb
store = VectorStore(sys.argv[1])
"""
ACT = """
for start in range(0, 300, 20):
    store.add("enc", [str(number) for number in range(start, start + 40)], np.ones((40, 1), dtype=np.float32))
"""


def test_writers_at_once(tmp_path: Path, at_once: Callable[[int, str, str, str], list[int]]) -> None:
    """Processes that add overlapping keys to a fresh store at once all succeed, and every key is there once."""
    url = str(tmp_path / "vectors")
    assert at_once(3, PREPARE, ACT, url) == [0, 0, 0]
    store = VectorStore(url)
    assert store.count("enc") == 320  # the last start is 280, 280 + 40 = 320
    assert store.lookup("enc", [str(number) for number in range(320)])[0].all()
