"""Texts are encoded once in their life, and a batch says so to the vector store."""

from pathlib import Path

import numpy as np
import pytest

from evertopic.digests import digest_text
from evertopic.embedding import Encodes, HashingEncoder, SentenceTransformerEncoder
from evertopic.prediction.batch import keeping
from evertopic.prediction.batch.vectors import KeepingEncoder
from evertopic.prediction.bundle import Bundle
from evertopic.storage.vectors import VectorStore
from tests.unit.prediction.batch.batches import Dying, Killed, Models, a_model, predicted


class Counting:
    """An encoder that remembers what it was asked."""

    def __init__(self) -> None:
        self.encoder, self.asked = HashingEncoder(width=64), list[str]()
        self.kind, self.width, self.fingerprint = "counting", 64, self.encoder.fingerprint

    def encode(self, texts):
        self.asked += texts
        return self.encoder.encode(texts)


@pytest.fixture
def vectors(tmp_path: Path) -> VectorStore:
    return VectorStore(str(tmp_path / "vectors"))


def test_a_text_is_encoded_once(vectors: VectorStore) -> None:
    """Repeated in one call, and asked for again later by another process: one encoding, and the same vectors."""
    texts, first, second = ["rain", "wind", "rain", ""], Counting(), Counting()
    one, other = KeepingEncoder(first, vectors).encode(texts), KeepingEncoder(second, vectors).encode(texts[::-1])
    assert sorted(first.asked) == ["", "rain", "wind"]
    assert second.asked == []
    assert np.array_equal(one, HashingEncoder(width=64).encode(texts))
    assert np.array_equal(one, other[::-1])


def test_vectors_of_a_training_are_found(vectors: VectorStore) -> None:
    """What was stored under the digest of a text is not encoded again; the rest is, and then stored."""
    encoder = Counting()
    vectors.add(encoder.fingerprint(), [digest_text("rain")], encoder.encoder.encode(["rain"]))
    KeepingEncoder(encoder, vectors).encode(["wind", "rain"])
    assert encoder.asked == ["wind"]
    assert vectors.count(encoder.fingerprint()) == 2


def test_it_keeps_the_promise_of_an_encoder(vectors: VectorStore) -> None:
    """Nothing in, nothing out, of the right width; kind, width and fingerprint are the encoder's own."""
    keeping_encoder = KeepingEncoder(Counting(), vectors)
    assert isinstance(keeping_encoder, Encodes)
    assert keeping_encoder.encode([]).shape == (0, 64)
    assert (keeping_encoder.kind, keeping_encoder.width) == ("counting", 64)
    assert keeping_encoder.fingerprint() == HashingEncoder(width=64).fingerprint()


def test_only_encoders_with_a_model_are_worth_it(vectors: VectorStore) -> None:
    """The hashing encoder is faster than the store: it stays bare."""
    wrap = keeping(vectors)
    assert isinstance(wrap(SentenceTransformerEncoder()), KeepingEncoder)
    assert wrap(HashingEncoder()) == HashingEncoder()


def test_many_small_pieces_are_tidied(vectors: VectorStore) -> None:
    """After a hundred pieces the store is put in order, and still knows every text."""
    encoder = KeepingEncoder(Counting(), vectors)
    for number in range(101):
        encoder.encode([f"text {number}"])
    found, _ = vectors.lookup(encoder.fingerprint(), [digest_text(f"text {number}") for number in range(101)])
    assert found.all()


def test_a_killed_run_does_not_encode_twice(
    bundle: Bundle, csv_file: Path, tmp_path: Path, vectors: VectorStore
) -> None:
    """The chunk that died had stored its vectors: the next run takes them from there, and ends in the same bytes."""
    predicted(csv_file, tmp_path / "whole.csv", Models({1: a_model(bundle)}).load)

    class DyingBehind(Dying):
        """Dies when the vectors of its last texts are stored."""

        def encode(self, texts):
            self.encoder.encode(texts)
            return super().encode(texts)

    doomed = DyingBehind(KeepingEncoder(Counting(), vectors), 3)
    with pytest.raises(Killed):
        predicted(csv_file, tmp_path / "out.csv", Models({1: a_model(bundle, encoder=doomed)}).load)
    second = Counting()
    model = a_model(bundle, encoder=KeepingEncoder(second, vectors))
    predicted(csv_file, tmp_path / "out.csv", Models({1: model}).load)
    predicted(csv_file, tmp_path / "more.csv", Models({1: model}).load)
    assert len(second.asked) == 40 - 28
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert (tmp_path / "more.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
