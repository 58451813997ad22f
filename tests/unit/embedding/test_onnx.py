import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from gensim.test.utils import datapath

from evertopic.digests import digest_of
from evertopic.embedding import OnnxEncoder, SentenceTransformerEncoder
from evertopic.embedding.named_model import files_digest, model_folder
from evertopic.embedding.onnx import cache_folder
from evertopic.embedding.onnx_export import CHECKED, RECIPE, compare, exported
from evertopic.embedding.onnx_model import FACTS, GRAPH, PASS, TOKENIZER, passes, read_model
from evertopic.errors import BadConfig, Corrupted, Unavailable
from evertopic.records import Floats

Make = Callable[..., Path]
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json")
LIGHT = """
import sys
for name in ("torch", "transformers", "sentence_transformers"):
    sys.modules[name] = None  # an import of it fails as if it were not installed
from evertopic.embedding import OnnxEncoder
from evertopic.errors import Unavailable
encoder = OnnxEncoder()
print(encoder.fingerprint())
try:
    print(*encoder.encode(["red shoes"])[0][:3])
except Unavailable as fault:
    print(fault)
"""


@pytest.fixture(scope="module")
def lee() -> list[str]:
    lines = Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()
    return [line[: 100 + 60 * place] for place, line in enumerate(lines[:20])]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a folder with a BERT of two small layers, random weights and the parts one asks for."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from torch import manual_seed
    from transformers import BertConfig, BertModel

    manual_seed(0)
    plain = tmp_path_factory.mktemp("plain")
    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=30522, **small)).save_pretrained(plain)
    for name in TOKENIZER_FILES:
        shutil.copy(model_folder("bundled", None) / name, plain)

    def make(pooling: str = "mean", *, include_prompt: bool = True, width: int | None = None) -> Path:
        folder = tmp_path_factory.mktemp("tiny")
        parts = [Transformer(str(plain), max_seq_length=64), Pooling(32, pooling, include_prompt=include_prompt)]
        SentenceTransformer(modules=[*parts, *([Dense(32, width)] if width else [])]).save(str(folder))
        return folder

    return make


def cosines(left: Floats, right: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", left, right))


def test_vectors_are_those_of_torch(lee: list[str]) -> None:
    """Each vector has cosine 0.99999 or more with the sentence_transformer kind's, odd texts too."""
    texts = [*lee, *CHECKED]
    assert cosines(OnnxEncoder().encode(texts), SentenceTransformerEncoder().encode(texts)).min() >= 0.99999


@pytest.mark.parametrize("settings", [{"prompt": "query: "}, {"max_length": 5}, {"max_length": 300}])
def test_settings_mean_what_they_mean_for_torch(lee: list[str], settings: dict[str, object]) -> None:
    """With a prompt, with fewer and with more tokens than the model's own number, the vectors are torch's."""
    ours, theirs = OnnxEncoder.model_validate(settings), SentenceTransformerEncoder.model_validate(settings)
    texts = [lee[0], "many words " * 400, ""]
    assert cosines(ours.encode(texts), theirs.encode(texts)).min() >= 0.99999


def test_eight_bits_are_near_and_not_the_same(lee: list[str]) -> None:
    """int8 vectors have a mean cosine above 0.98 with fp32, and none is equal."""
    near = cosines(OnnxEncoder(precision="int8").encode(lee), OnnxEncoder().encode(lee))
    assert near.mean() > 0.98
    assert near.max() < 1 - 1e-5


def test_threads_may_share_an_encoder() -> None:
    """Eight threads at once get the vectors that one gets."""
    encoder = OnnxEncoder()
    texts = [f"text number {i} " * (i + 1) for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda text: encoder.encode([text])[0], texts))
    assert np.allclose(np.stack(rows), encoder.encode(texts), atol=1e-5)


def test_more_texts_than_are_held_as_tokens(lee: list[str]) -> None:
    """600 texts, more than two blocks, come back in order."""
    texts = [f"{place} {lee[place % 20][:60]}" for place in range(600)]
    rows = OnnxEncoder().encode(texts)
    assert np.allclose(rows[[0, 299, 599]], OnnxEncoder().encode([texts[0], texts[299], texts[599]]), atol=1e-5)


def test_passes_hold_what_fits() -> None:
    """No pass has more than `together` texts or, with more than one text, 512 padded tokens; each place comes once."""
    lengths = [(7 * place) % 300 for place in range(200)] + [5000]
    groups = passes(lengths, 16)
    assert sorted(place for group in groups for place in group) == list(range(201))
    assert all(len(group) == 1 or len(group) * max(lengths[p] for p in group) <= 512 for group in groups)
    assert max(len(group) for group in groups) <= 16
    assert len(groups[0]) == 1


def test_passes_take_the_least_that_is_possible() -> None:
    """No other cut of nine texts into groups of at most four takes fewer tokens, padding and passes counted."""
    lengths = [3, 60, 11, 58, 14, 2, 33, 12, 31]
    longest_first = sorted(lengths, reverse=True)

    def taken(groups: list[list[int]]) -> int:
        return sum(PASS + len(group) * max(group) for group in groups)

    cuts = (tuple(n for n in range(1, 9) if bits >> n & 1) for bits in range(0, 512, 2))
    all_ways = ([longest_first[a:b] for a, b in pairwise((0, *cut, 9))] for cut in cuts)
    best = min(taken(groups) for groups in all_ways if max(map(len, groups)) <= 4)
    assert taken([[lengths[place] for place in group] for group in passes(lengths, 4)]) == best
    assert passes([], 4) == []


def test_a_warm_cache_needs_no_torch() -> None:
    """Where the model was exported before, a process without torch has the same fingerprint and vectors."""
    here = OnnxEncoder()
    mine = " ".join(str(number) for number in here.encode(["red shoes"])[0][:3])
    assert light().splitlines() == [here.fingerprint(), mine]


def test_a_cold_cache_without_torch_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what is missing and the way out."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert "has to be exported once, and that needs" in light()
    assert "copy the folder evertopic/onnx" in light()


def light() -> str:
    return subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("parts", [{"pooling": "cls"}, {"pooling": "mean", "width": 16}], ids=["cls", "dense"])
def test_other_parts_are_exported_as_they_are(tiny: Make, parts: dict[str, object]) -> None:
    """The first token's vector and a dense layer behind the mean: cosine 0.99999 with torch."""
    folder = str(tiny(**parts))
    ours = OnnxEncoder(model=folder)
    assert cosines(ours.encode(CHECKED), SentenceTransformerEncoder(model=folder).encode(CHECKED)).min() >= 0.99999
    assert ours.width == parts.get("width", 32)


def test_other_kinds_of_model_are_refused(tmp_path: Path) -> None:
    """A table of word vectors has no transformer: the message names what it is and what to use."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    words = Tokenizer.from_file(str(model_folder("bundled", None) / TOKENIZER))
    SentenceTransformer(modules=[StaticEmbedding(words, embedding_dim=4)]).save(str(tmp_path))
    with pytest.raises(BadConfig, match=r"is StaticEmbedding: kind onnx runs Transformer.*use kind: sentence_tr"):
        OnnxEncoder(model=str(tmp_path)).encode(["a"])


def test_what_the_export_would_leave_out_is_refused(tiny: Make) -> None:
    """A model whose pooling leaves the prompt out, and which pads on the left: both are named."""
    folder = tiny(include_prompt=False)
    path = next(folder.rglob("tokenizer_config.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"padding_side": "left"}))
    with pytest.raises(BadConfig, match="padded on the left; its pooling leaves the prompt out"):
        OnnxEncoder(model=str(folder)).encode(["a"])


def test_an_export_that_answers_otherwise_is_refused() -> None:
    """Vectors of another model are not near enough, in either precision; NaN is not either."""
    bundled = model_folder("bundled", None)
    model = read_model(exported(bundled, "fp32", cache_folder()), None)
    other = np.random.default_rng(0).normal(size=(len(CHECKED), 384)).astype(np.float32)
    with pytest.raises(BadConfig, match=r"Exported in int8.* 0\.95 is required"):
        compare(other, model, 1, bundled, "int8")
    with pytest.raises(BadConfig, match=r"Exported in fp32.* 0\.99999 is required"):
        compare(np.full_like(other, np.nan), model, 1, bundled, "fp32")


def test_those_who_ask_at_once_get_one_export(tiny: Make, tmp_path: Path) -> None:
    """Two at once, over the remains of one that was killed, get the same whole folder; nothing else is left."""
    source = tiny()
    name = digest_of(files_digest(source), "fp32", RECIPE)
    remains = tmp_path / "root" / f"{name}.part"
    remains.mkdir(parents=True)
    (remains / GRAPH).write_bytes(b"half")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: exported(source, "fp32", tmp_path / "root"), range(2))
    assert first == second == tmp_path / "root" / name
    assert {path.name for path in first.iterdir()} == {GRAPH, TOKENIZER, FACTS}
    assert {path.name for path in first.parent.iterdir()} == {name, f"{name}.lock"}
    read_model(first, None)


def test_an_altered_file_is_not_run(tmp_path: Path) -> None:
    """One changed byte of the tokenizer, or a graph that is gone: the message says to delete the folder."""
    copy = tmp_path / "copy"
    shutil.copytree(exported(model_folder("bundled", None), "int8", cache_folder()), copy)
    (copy / TOKENIZER).write_bytes((copy / TOKENIZER).read_bytes() + b" ")
    with pytest.raises(Corrupted, match=r"tokenizer\.json is not the file that was exported: delete"):
        read_model(copy, None)
    (copy / GRAPH).unlink()
    with pytest.raises(Corrupted, match=r"model\.onnx is not the file"):
        read_model(copy, None)


def test_a_place_that_cannot_keep_a_model_says_so(tiny: Make, tmp_path: Path) -> None:
    """Where a file stands in the way of the cache folder, the message names the variable to set."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="set XDG_CACHE_HOME to a place that can"):
        exported(tiny(), "fp32", tmp_path / "file" / "onnx")


def test_a_length_the_model_cannot_read_is_refused() -> None:
    """MiniLM has 512 positions: 513 is refused with the limit."""
    with pytest.raises(BadConfig, match=r"max_length is 513.*at most 512"):
        OnnxEncoder(max_length=513).encode(["a"])
