import re
from pathlib import Path

import numpy as np
import pytest
from gensim.test.utils import datapath
from pydantic import ValidationError

from evertopic.embedding.hashing import BATCH, BUCKETS, HashingEncoder, _projection


@pytest.fixture(scope="module")
def lee() -> list[str]:
    return Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()


def words(text: str) -> set[str]:
    return set(re.findall(r"\w{5,}", text.lower()))


def jaccard(first: set[str], second: set[str]) -> float:
    return len(first & second) / len(first | second)


def test_nearest_neighbours_share_words(lee: list[str]) -> None:
    """On real news, a text and its nearest neighbour share over twice as many long words as two random texts."""
    vectors = HashingEncoder().encode(lee)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1)
    bags = [words(text) for text in lee]
    near = np.mean([jaccard(bags[i], bags[j]) for i, j in enumerate(likeness.argmax(axis=1))])
    other = np.random.default_rng(0).permutation(len(lee))
    random = np.mean([jaccard(bags[i], bags[j]) for i, j in enumerate(other) if i != j])
    assert near > 2 * random


def test_projection_keeps_inner_products() -> None:
    """Projected likeness is the likeness before, up to chance of about 1/sqrt(d)."""
    vectors = HashingEncoder(width=8192).encode(["alpha bravo charlie delta", "alpha bravo foxtrot golfing"])
    # Words alone: 2 of 4 equal, 0.5; n-grams likewise about 0.5, fewer where words differ in length.
    assert vectors[0] @ vectors[1] == pytest.approx(0.5, abs=0.06)


def test_inflected_forms_are_near_by_their_parts() -> None:
    """Two words of one stem are near by the n-grams they share."""
    one, inflected, other = HashingEncoder(width=8192).encode(["membeli", "membelikan", "sekolah"])
    # " membeli " has 6 + 5 n-grams of 4 and 5 characters, " membelikan " 9 + 8, and 5 + 4 are shared:
    # cosine 9 / sqrt(11 * 17) = 0.66; characters weigh 0.5^2 / (1 + 0.5^2) = 0.2 of all: 0.13.
    assert one @ inflected == pytest.approx(0.13, abs=0.04)
    assert one @ other == pytest.approx(0, abs=0.04)


def test_without_character_weight_only_words_count() -> None:
    """With characters_weight 0, a text of short words has no content: the even vector."""
    vectors = HashingEncoder(characters_weight=0, width=16).encode(["a bc def", "lengthy"])
    # 1 / sqrt(16) = 0.25
    assert vectors[0].tolist() == [0.25] * 16
    assert vectors[1].tolist() != [0.25] * 16


def test_scripts_without_blanks_are_told_apart() -> None:
    """Chinese texts about one thing are nearer than about another with n-grams of 1 to 3 characters."""
    near, same, far = HashingEncoder(characters=(1, 3), characters_weight=10).encode(
        ["股票市场今天上涨", "今天股票市场下跌", "球队赢得冠军比赛"]
    )
    assert near @ same > near @ far + 0.2


def test_blocks_do_not_show(lee: list[str]) -> None:
    """More texts than an inner block give the same rows as each alone."""
    texts = [text[:60] for text in lee]
    assert len(texts) > BATCH
    whole = HashingEncoder(width=64).encode(texts)
    assert np.array_equal(whole[BATCH], HashingEncoder(width=64).encode([texts[BATCH]])[0])


def test_projection_never_changes() -> None:
    """The random matrix is the same on every machine and numpy: vectors at rest stay comparable."""
    matrix = _projection(384, seed=0)
    assert matrix.shape == (BUCKETS, 384)
    # numpy.random.RandomState(0).randint(0, 384, ...) begins 172, 47, 117, 192 on every numpy there is.
    assert matrix.indices[:4].tolist() == [172, 47, 117, 192]


def test_known_vector_and_fingerprint() -> None:
    """Both are pinned: who changes the vector must raise RECIPE, and pin the new pair."""
    encoder = HashingEncoder(width=8, characters_weight=0)
    assert encoder.encode(["pinned words"])[0].tolist() == pytest.approx([0.0, 0.0, -0.5, -0.5, 0.0, -0.5, 0.5, 0.0])
    assert encoder.fingerprint() == "7f705edc0bbf088585a94a43d0cb8ba4"


@pytest.mark.parametrize("wrong", [{"width": 0}, {"characters": (5, 4)}, {"characters": (0, 2)}, {"word_letters": 0}])
def test_impossible_settings_are_refused(wrong: dict[str, object]) -> None:
    """A setting that could give no vector is refused when the config is read, not when it is used."""
    with pytest.raises(ValidationError):
        HashingEncoder.model_validate(wrong)
