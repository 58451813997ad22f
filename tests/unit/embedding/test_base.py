import numpy as np

from evertopic.embedding.base import readable, unit_rows


def test_rows_are_scaled_to_length_one() -> None:
    """A row keeps its direction and loses its length."""
    # (3, 4) has length 5; (0, -2) has length 2.
    assert unit_rows(np.array([[3.0, 4.0], [0.0, -2.0]])).tolist() == [[np.float32(0.6), np.float32(0.8)], [0.0, -1.0]]


def test_rows_without_direction_become_the_even_vector() -> None:
    """Zero, infinite and not-a-number rows all become 1/sqrt(d) in each component."""
    raw = np.array([[0.0] * 4, [np.nan, 1, 1, 1], [np.inf, 0, 0, 0], [1e-30, 0, 0, 0]])
    # 1 / sqrt(4) = 0.5
    assert unit_rows(raw).tolist() == [[0.5] * 4] * 4


def test_half_precision_rows_are_unit_in_full_precision() -> None:
    """Lengths are taken in double precision, whatever the encoder computed in."""
    raw = np.random.default_rng(0).normal(size=(50, 384)).astype(np.float16)
    rows = unit_rows(raw)
    assert rows.dtype == np.float32
    assert np.abs(np.linalg.norm(rows.astype(np.float64), axis=1) - 1).max() < 1e-6


def test_no_rows_stay_no_rows() -> None:
    """An empty array keeps its width."""
    assert unit_rows(np.zeros((0, 7))).shape == (0, 7)


def test_only_lone_surrogates_are_replaced() -> None:
    """Characters beyond the basic plane, NUL and all else stay as they are."""
    assert readable("a\ud800b\udfff 😀\x00é") == "a\ufffdb\ufffd 😀\x00é"
