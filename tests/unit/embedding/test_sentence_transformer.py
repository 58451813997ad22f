import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from gensim.test.utils import datapath
from pydantic import TypeAdapter, ValidationError

from evertopic.embedding import Encoder, SentenceTransformerEncoder
from evertopic.embedding.named_model import model_folder
from evertopic.errors import BadConfig, Unavailable

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def lee() -> list[str]:
    lines = Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()
    return [line[: 100 + 40 * place] for place, line in enumerate(lines[:20])]


@pytest.fixture(scope="module")
def bundled() -> Path:
    return model_folder("bundled", None)


def copy_of_settings(bundled: Path, target: Path) -> Path:
    """The model's small files, without its weights."""
    shutil.copytree(bundled, target, ignore=shutil.ignore_patterns("*.safetensors", "data_config.json"))
    return target


def test_vectors_are_those_of_the_plain_library(lee: list[str], bundled: Path) -> None:
    """Each vector has cosine 0.99999 or more with what sentence-transformers itself gives."""
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(bundled), device="cpu").encode(lee, normalize_embeddings=True)
    ours = SentenceTransformerEncoder().encode(lee)
    assert np.einsum("ij,ij->i", plain, ours).min() >= 0.99999


def test_half_precision_is_near_and_unit(lee: list[str]) -> None:
    """bf16 vectors are float32, unit to 1e-6, and have cosine above 0.999 with fp32."""
    half = SentenceTransformerEncoder(precision="bf16").encode(lee[:4])
    full = SentenceTransformerEncoder().encode(lee[:4])
    assert half.dtype == np.float32
    assert np.abs(np.linalg.norm(half.astype(np.float64), axis=1) - 1).max() < 1e-6
    assert 0.999 < np.einsum("ij,ij->i", half, full).min() < 1 - 1e-7


def test_a_prompt_stands_before_each_text() -> None:
    """Encoding with a prompt is encoding the prompt and the text."""
    asked = SentenceTransformerEncoder(prompt="query: ").encode(["red shoes"])
    assert np.allclose(asked, SentenceTransformerEncoder().encode(["query: red shoes"]), atol=1e-6)


def test_a_longer_text_is_cut_at_its_end() -> None:
    """With max_length 5, three word pieces between the two markers are read and no more."""
    encoder = SentenceTransformerEncoder(max_length=5)
    same, cut, other = encoder.encode(["one two three", "one two three four five", "one two four"])
    assert np.allclose(same, cut, atol=1e-6)
    assert not np.allclose(same, other, atol=1e-3)


def test_other_settings_leave_the_default_model_alone() -> None:
    """A shorter length in one encoder does not shorten another of the same process."""
    long = "one two three four five six seven"
    before = SentenceTransformerEncoder().encode([long])
    SentenceTransformerEncoder(max_length=5).encode([long])
    assert np.array_equal(before, SentenceTransformerEncoder().encode([long]))


def test_a_length_the_model_cannot_read_is_refused() -> None:
    """MiniLM has 512 positions: 513 is refused with the limit."""
    with pytest.raises(BadConfig, match=r"max_length is 513.*at most 512"):
        SentenceTransformerEncoder(max_length=513).encode(["a"])


def test_threads_may_share_an_encoder() -> None:
    """Eight threads at once get the vectors that one gets."""
    encoder = SentenceTransformerEncoder()
    texts = [f"text number {i} " * (i + 1) for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda text: encoder.encode([text])[0], texts))
    assert np.allclose(np.stack(rows), encoder.encode(texts), atol=1e-5)


def test_where_the_model_lies_does_not_matter(bundled: Path, tmp_path: Path) -> None:
    """The same files in another folder have the same fingerprint; one changed byte has another."""
    copy = copy_of_settings(bundled, tmp_path / "copy")
    (copy / "model.safetensors").symlink_to(bundled / "model.safetensors")
    shutil.copy(bundled / "data_config.json", copy)
    assert SentenceTransformerEncoder(model=str(copy)).fingerprint() == SentenceTransformerEncoder().fingerprint()
    changed = tmp_path / "changed"
    shutil.copytree(copy, changed, symlinks=True)
    (changed / "vocab.txt").write_text((changed / "vocab.txt").read_text(encoding="utf-8") + "x", encoding="utf-8")
    assert SentenceTransformerEncoder(model=str(changed)).fingerprint() != SentenceTransformerEncoder().fingerprint()


def test_a_missing_folder_says_where_it_looked(tmp_path: Path) -> None:
    """The message names the folder and a way out."""
    with pytest.raises(Unavailable, match=r"absent: put the model there, or set model: bundled"):
        SentenceTransformerEncoder(model=str(tmp_path / "absent")).encode(["a"])


def test_a_hub_model_that_cannot_be_fetched_says_where_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline and not in the cache: the message names model, commit and cache."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(Unavailable, match=rf"nobody/nothing at {COMMIT} is neither in .* nor could it be fetched"):
        SentenceTransformerEncoder(model="nobody/nothing", revision=COMMIT).fingerprint()


def test_a_name_the_hub_cannot_have_is_a_fault_of_the_config() -> None:
    """A path with two slashes and no leading dot is no hub name either; the message says how to write it."""
    with pytest.raises(BadConfig, match=r"a folder starts with \./ or /"):
        SentenceTransformerEncoder(model="models/here/mine", revision=COMMIT).encode(["a"])


def test_weights_that_can_run_code_are_refused(bundled: Path, tmp_path: Path) -> None:
    """A folder with pickled weights only is not loaded."""
    folder = copy_of_settings(bundled, tmp_path / "pickled")
    (folder / "pytorch_model.bin").write_bytes(b"anything")
    with pytest.raises(BadConfig, match=r"holds no \*\.safetensors"):
        SentenceTransformerEncoder(model=str(folder)).encode(["a"])


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """Weights without the files that say what they are."""
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(BadConfig, match="is not a model that sentence-transformers can load"):
        SentenceTransformerEncoder(model=str(tmp_path)).encode(["a"])


@pytest.mark.parametrize("revision", [None, "main", COMMIT[:7]])
def test_a_hub_name_needs_a_commit(revision: str | None) -> None:
    """No revision, a branch and a short hash are refused with what to do."""
    with pytest.raises(ValidationError, match="give the commit, 40 hexadecimal digits"):
        SentenceTransformerEncoder(model="intfloat/multilingual-e5-small", revision=revision)


def test_a_folder_has_no_revision() -> None:
    """A revision beside a folder or the bundled model would promise what nobody checks."""
    with pytest.raises(ValidationError, match="revision is for hub models"):
        SentenceTransformerEncoder(revision=COMMIT)


def test_a_config_section_is_an_encoder() -> None:
    """The kind decides the class; an unknown kind lists the known ones."""
    union: TypeAdapter[Encoder] = TypeAdapter(Encoder)
    assert union.validate_python({"kind": "hashing", "width": 64}).width == 64
    with pytest.raises(ValidationError, match="'sentence_transformer', 'onnx', 'hashing'"):
        union.validate_python({"kind": "word2vec"})
