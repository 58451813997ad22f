"""What a model remembers comes back as it was, and tells nobody's text or id."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from evertopic.errors import Corrupted
from evertopic.models.assignment import assign
from evertopic.prediction.bundle import Bundle
from evertopic.prediction.reference import ARRAYS, TOLD, Reference, read_reference, write_reference

NOT_A_TIME = np.datetime64("NaT", "s")


def remembered(documents: int = 6, width: int = 4) -> Reference:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(documents, width)).astype(np.float32)
    times = np.arange(documents).astype("datetime64[s]")
    if documents:
        times[0] = NOT_A_TIME
    return Reference(
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        held_out=np.arange(documents) % 2 == 0,
        times=times,
        numbers={
            "words": rng.random(documents).astype(np.float32),
            "emoji_share": np.zeros(documents, np.float32),
        },
        languages=("en", "hi", "en", "en", "und", "zh")[:documents],
        words={"fire": 4, "कथा": 2, "smoke": 2},
    )


def same(one: Reference, other: Reference) -> bool:
    arrays = [(one.vectors, other.vectors), (one.held_out, other.held_out), (one.times, other.times)]
    arrays += [(one.numbers[name], other.numbers[name]) for name in one.numbers]
    assert list(one.numbers) == list(other.numbers) or sorted(one.numbers) == list(other.numbers)
    assert all(a.dtype == b.dtype for a, b in arrays)
    told = one.languages == other.languages and dict(one.words) == dict(other.words)
    return told and all(np.array_equal(a, b, equal_nan=a.dtype.kind in "fM") for a, b in arrays)


@pytest.mark.parametrize("documents", [6, 1, 0])
def test_it_comes_back(tmp_path: Path, documents: int) -> None:
    """Written and read: the same, types, order, and a missing time included."""
    write_reference(remembered(documents), tmp_path)
    assert same(remembered(documents), read_reference(tmp_path))


def test_other_layouts_in_memory(tmp_path: Path) -> None:
    """Vectors that lie column by column in memory come back as the same rows; times of days as the same moments."""
    one = remembered()
    odd = Reference(
        np.asfortranarray(one.vectors), one.held_out, one.times, {"words": np.arange(12, dtype=np.float32)[::2]}
    )
    write_reference(odd, tmp_path)
    back = read_reference(tmp_path)
    assert np.array_equal(back.vectors, one.vectors)
    assert back.numbers["words"].tolist() == [0, 2, 4, 6, 8, 10]


def test_a_model_of_before(tmp_path: Path) -> None:
    """One that was kept with its vectors alone has held-out documents of which nothing else is known."""
    vectors = remembered().vectors
    save_file({"vectors": vectors}, tmp_path / ARRAYS)
    old = read_reference(tmp_path)
    assert np.array_equal(old.unseen, vectors)
    assert np.isnat(old.times).all()
    assert (dict(old.numbers), old.languages, dict(old.words)) == ({}, (), {})


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    """The names of more features than there are numbers: somebody altered it."""
    write_reference(remembered(), tmp_path)
    told = (tmp_path / TOLD).read_text(encoding="utf-8").replace('"words"\n]', '"words",\n"more"\n]')
    (tmp_path / TOLD).write_text(told, encoding="utf-8")
    with pytest.raises(Corrupted, match="3 features and has 2"):
        read_reference(tmp_path)


def test_the_model_answers_its_own_documents(bundle: Bundle) -> None:
    """Topic and strength are what the one assignment function says; ids are nobody's."""
    sample = bundle.reference.sample(bundle.head)
    said = assign(bundle.reference.vectors, bundle.head)
    assert np.array_equal(sample.topic, said.topic)
    assert np.array_equal(sample.strength, said.strength)
    assert set(sample.ids) == {""}
    assert len(sample) == len(sample.ids) == len(bundle.reference.vectors)
    known = sample.topic >= 0
    assert np.array_equal(sample.nearest[known], sample.topic[known])


def test_unseen_are_the_held_out_ones() -> None:
    """Rows 0, 2 and 4 of six."""
    one = remembered()
    assert np.array_equal(one.unseen, one.vectors[[0, 2, 4]])
