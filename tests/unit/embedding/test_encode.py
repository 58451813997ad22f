from collections.abc import Sequence

import numpy as np
import pytest

from evertopic.embedding import HashingEncoder, encode_all, iter_encoded
from evertopic.embedding.base import Encodes
from evertopic.records import Floats


class Counting:
    """An encoder that says what it was asked."""

    kind = "counting"
    width = 16

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def fingerprint(self) -> str:
        return "counting"

    def encode(self, texts: Sequence[str]) -> Floats:
        self.asked.append(list(texts))
        return HashingEncoder(width=self.width).encode(texts)


def test_the_fake_keeps_the_promise() -> None:
    """The fake has the methods of the real ones."""
    assert isinstance(Counting(), Encodes)


def test_each_text_is_encoded_once() -> None:
    """Repetitions are given the vector of the first, in the same block."""
    encoder = Counting()
    blocks = list(iter_encoded(encoder, ["aa", "b", "aa", "ccc", "aa"], block=2))
    assert encoder.asked == [["ccc", "aa"], ["b"]]
    assert [indices.tolist() for indices, _ in blocks] == [[3, 0, 2, 4], [1]]
    assert np.array_equal(blocks[0][1][1], blocks[0][1][3])


def test_every_index_comes_exactly_once() -> None:
    """The blocks together are the texts, none lost and none twice."""
    texts = [f"text {i % 37} " * (i % 5) for i in range(200)]
    indices = np.concatenate([indices for indices, _ in iter_encoded(Counting(), texts, block=7)])
    assert sorted(indices.tolist()) == list(range(200))


def test_texts_of_like_length_go_together() -> None:
    """Blocks run from the longest texts to the shortest."""
    encoder = Counting()
    list(iter_encoded(encoder, ["a" * n for n in (3, 9, 1, 7, 5)], block=2))
    assert [[len(text) for text in asked] for asked in encoder.asked] == [[9, 7], [5, 3], [1]]


def test_nothing_is_encoded_before_it_is_asked_for() -> None:
    """A caller that stops after the first block has paid for the first block only."""
    encoder = Counting()
    next(iter_encoded(encoder, ["aa", "b", "ccc"], block=1))
    assert encoder.asked == [["ccc"]]


def test_all_at_once_keeps_the_order() -> None:
    """Row i of encode_all is the vector of text i."""
    texts = ["short", "a much longer text than the others", "short", "middling text"]
    assert np.array_equal(encode_all(Counting(), texts, block=2), HashingEncoder(width=16).encode(texts))


def test_no_texts_give_no_blocks() -> None:
    """Nothing asked, nothing encoded, and an empty array of the right width."""
    encoder = Counting()
    assert list(iter_encoded(encoder, [])) == []
    assert encode_all(encoder, []).shape == (0, 16)
    assert encoder.asked == []


def test_a_block_of_nothing_is_refused() -> None:
    """A block size under 1 would never end."""
    with pytest.raises(ValueError, match="block is 0"):
        list(iter_encoded(Counting(), ["a"], block=0))
