"""What every kind of encoder promises, proved once for all of them."""

from typing import Any, get_args

import numpy as np
import pytest

from evertopic.embedding import Encoder, Encodes, HashingEncoder, OnnxEncoder, SentenceTransformerEncoder
from evertopic.records import Floats

TEXTS = ("Rain fell over the valley.", "The bank raised its rates.", "Hujan turun di lembah itu.", "a")
ODD = ("", " \n\t", "\x00", "nul\x00inside", "\ud800", "half \udfff pair", "!!!", "1", "😀", "雨", "\u200b", "ÅÅÅ")
CHANGES: dict[type[Any], list[dict[str, Any]]] = {
    HashingEncoder: [{"width": 64}, {"word_letters": 3}, {"characters": (3, 5)}, {"characters_weight": 0.1}],
    OnnxEncoder: [{"precision": "int8"}, {"max_length": 64}, {"prompt": "query: "}],
    SentenceTransformerEncoder: [{"precision": "bf16"}, {"max_length": 64}, {"prompt": "query: "}],
}
# bf16 rounds to 8 bits, and differently for another padding.
TOLERANCE = {"bf16": 1e-2}

KINDS = get_args(get_args(Encoder)[0])
ENCODERS = [*(kind() for kind in KINDS), SentenceTransformerEncoder(precision="bf16"), OnnxEncoder(precision="int8")]


@pytest.fixture(params=ENCODERS, ids=lambda one: f"{one.kind}-{getattr(one, 'precision', '')}".rstrip("-"))
def encoder(request: pytest.FixtureRequest) -> Encodes:
    one: Encodes = request.param
    return one


def assert_unit(rows: Floats, texts: int, width: int) -> None:
    assert rows.shape == (texts, width)
    assert rows.dtype == np.float32
    assert np.abs(np.linalg.norm(rows.astype(np.float64), axis=1) - 1).max() < 1e-6


def test_every_kind_is_here() -> None:
    """A new kind in the union must say which settings change its vectors."""
    assert set(KINDS) == set(CHANGES)


def test_it_has_what_an_encoder_has(encoder: Encodes) -> None:
    """Kind, width, fingerprint and encode."""
    assert isinstance(encoder, Encodes)


def test_rows_are_unit_float32(encoder: Encodes) -> None:
    """Real texts give float32 rows of length 1."""
    assert_unit(encoder.encode(TEXTS), len(TEXTS), encoder.width)


def test_odd_texts_are_unit_too(encoder: Encodes) -> None:
    """Empty, blank, NUL, lone surrogates, signs only: each has a finite unit row."""
    assert_unit(encoder.encode(ODD), len(ODD), encoder.width)


def test_no_texts_give_no_rows(encoder: Encodes) -> None:
    """Nothing in, an array of the right width out."""
    rows = encoder.encode([])
    assert rows.shape == (0, encoder.width)
    assert rows.dtype == np.float32


def test_a_text_does_not_feel_its_neighbours(encoder: Encodes) -> None:
    """Order is kept, and a row is the same alone and among longer texts, to 1e-5."""
    texts = [*TEXTS, *ODD, "long " * 300]
    tolerance = TOLERANCE.get(getattr(encoder, "precision", ""), 1e-5)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert np.abs(encoder.encode(texts) - alone).max() <= tolerance
    assert np.abs(encoder.encode(texts[::-1])[::-1] - alone).max() <= tolerance


def test_the_same_texts_give_the_same_bits(encoder: Encodes) -> None:
    """A second call, and a repeated text within a call, have equal rows."""
    texts = [TEXTS[0], TEXTS[1], TEXTS[0]]
    rows = encoder.encode(texts)
    assert np.array_equal(rows, encoder.encode(texts))
    assert np.allclose(rows[0], rows[2], atol=TOLERANCE.get(getattr(encoder, "precision", ""), 1e-6))


def test_different_texts_differ(encoder: Encodes) -> None:
    """The promise is not kept by one vector for all."""
    rows = encoder.encode(TEXTS)
    assert (rows @ rows.T)[np.triu_indices(len(TEXTS), k=1)].max() < 0.95


def test_a_megabyte_in_one_text(encoder: Encodes) -> None:
    """One text of a megabyte beside a short one: both are encoded."""
    assert_unit(encoder.encode(["rain " * 200_000, "rain"]), 2, encoder.width)


def test_equal_settings_have_equal_fingerprints(encoder: Encodes) -> None:
    """Two objects with the same settings are the same encoder."""
    again = type(encoder)(**encoder.model_dump())  # type: ignore[attr-defined]
    assert again.fingerprint() == encoder.fingerprint()


@pytest.mark.parametrize("kind", CHANGES, ids=lambda kind: kind.__name__)
def test_each_setting_that_changes_vectors_changes_the_fingerprint(kind: type[Any]) -> None:
    """No two of the default and its changes share a fingerprint."""
    prints = [kind(**change).fingerprint() for change in ({}, *CHANGES[kind])]
    assert len(set(prints)) == len(prints)


def test_each_setting_is_covered() -> None:
    """Every setting is among the changes, or is known not to change a vector or is proved with the files."""
    elsewhere = {"kind", "batch_size", "model", "revision"}
    for kind, changes in CHANGES.items():
        assert set(kind.model_fields) - elsewhere == {name for change in changes for name in change}


def test_batch_size_is_no_part_of_the_fingerprint() -> None:
    """A machine with less memory may use the vectors of one with more."""
    for kind in (SentenceTransformerEncoder, OnnxEncoder):
        assert kind(batch_size=4).fingerprint() == kind().fingerprint()
