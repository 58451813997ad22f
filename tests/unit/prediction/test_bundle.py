import dataclasses
import json
import pickletools

import numpy as np
import pytest

from evertopic.errors import Corrupted
from evertopic.models.assignment import Head
from evertopic.prediction.bundle import Bundle, read_bundle, write_bundle
from evertopic.prediction.manifest import MANIFEST, write_manifest
from evertopic.prediction.reference import Reference


@pytest.fixture
def folder(tmp_path, bundle):
    """A model at rest, beside a file of another writer in a folder of its own."""
    (tmp_path / "model" / "bertopic").mkdir(parents=True)
    (tmp_path / "model" / "bertopic" / "topics.json").write_text("{}")
    write_bundle(bundle, tmp_path / "model")
    return tmp_path / "model"


def looks_like_a_pickle(content):
    try:
        return any(True for _ in pickletools.genops(content))
    except (ValueError, UnicodeDecodeError):
        return False


def test_it_comes_back_number_for_number(folder, bundle):
    """Head, reference and meta are equal to the last bit."""
    back = read_bundle(folder)
    for name in ("weight", "bias", "threshold"):
        ours, theirs = getattr(bundle.head, name), getattr(back.head, name)
        assert (ours.tobytes(), ours.dtype, ours.shape) == (theirs.tobytes(), theirs.dtype, theirs.shape)
    assert back.reference.vectors.tobytes() == bundle.reference.vectors.tobytes()
    assert back.meta == bundle.meta
    assert back.head.temperature == bundle.head.temperature


def test_arrays_that_are_no_rows_in_memory_come_back_as_they_are(tmp_path, bundle):
    """A transposed matrix and every second row of another: the numbers decide, not how they lay in memory."""
    head = Head(np.asfortranarray(bundle.head.weight), bundle.head.bias, bundle.head.threshold, 0.1)
    strided = Bundle(meta=bundle.meta, head=head, reference=Reference.of_vectors(bundle.reference.vectors[::2]))
    write_bundle(strided, tmp_path)
    back = read_bundle(tmp_path)
    assert np.array_equal(back.head.weight, bundle.head.weight)
    assert np.array_equal(back.reference.vectors, bundle.reference.vectors[::2])


def test_there_is_no_pickle(folder):
    """No file is named like one or can be read as one."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix in {".pkl", ".pickle", ".bin", ".pt", ".joblib"}]
    assert not [path for path in files if looks_like_a_pickle(path.read_bytes())]
    assert looks_like_a_pickle(b"\x80\x04N.")


@pytest.mark.parametrize("name", ["head.safetensors", "reference.safetensors", "meta.json", "bertopic/topics.json"])
def test_an_altered_byte_is_found(folder, name):
    """One bit of any file: it is named and nothing is loaded."""
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(Corrupted, match=f"{name} is not what was written"):
        read_bundle(folder)


def test_all_changes_are_named(folder):
    """A missing file, an added one and an altered one, in one message."""
    (folder / "head.safetensors").unlink()
    (folder / "bertopic" / "extra.py").write_text("")
    (folder / "meta.json").write_text("{}")
    with pytest.raises(Corrupted) as fault:
        read_bundle(folder)
    for told in ("head.safetensors is missing", "bertopic/extra.py is not in the manifest", "meta.json is not what"):
        assert told in str(fault.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"{}", b'{"sha256": 3}', b'{"sha256": ["a"]}', b"\xff"])
def test_a_broken_manifest_is_told(folder, content):
    """Not JSON, not text, not a list of files: the model is not loaded."""
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(Corrupted, match=r"no readable manifest\.json"):
        read_bundle(folder)


def test_no_folder_is_told(tmp_path):
    """Nothing there is as a manifest that cannot be read."""
    with pytest.raises(Corrupted, match=r"no readable manifest\.json"):
        read_bundle(tmp_path / "nowhere")


@pytest.mark.parametrize("change", [{"format": 2}, {"colour": "red"}, {"topics": "none"}])
def test_meta_of_another_version_is_told(folder, change):
    """Files that fit their manifest but say what this version does not know."""
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps(meta | change))
    write_manifest(folder)
    with pytest.raises(Corrupted, match="another version of evertopic"):
        read_bundle(folder)


@pytest.mark.parametrize("name", ["weight", "bias", "threshold"])
def test_parts_that_do_not_fit_one_another_are_told(tmp_path, bundle, name):
    """Four rows of any part for five topics."""
    short = dataclasses.replace(bundle.head, **{name: getattr(bundle.head, name)[:4]})
    write_bundle(Bundle(meta=bundle.meta, head=short, reference=bundle.reference), tmp_path)
    with pytest.raises(Corrupted, match="5 topics"):
        read_bundle(tmp_path)


def test_writing_again_over_the_manifest_does_not_count_it(folder, bundle):
    """The manifest names every file but itself, also the second time."""
    write_bundle(bundle, folder)
    assert MANIFEST not in json.loads((folder / MANIFEST).read_text())["sha256"]
    assert read_bundle(folder).meta == bundle.meta
