import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evertopic.reporting.evidently import EMBEDDED_ROWS, LEAST, TABLE_ROWS, evidently_page, table_of, vectors_of
from evertopic.reporting.evidently.categories import p_of
from tests.unit.reporting.pages import Page
from tests.unit.reporting.samples import TOPICS, report, sample, verdict

VERDICTS = (verdict("mmd", "drift", 0.0004), verdict("topic_mix", "none", 0.41), verdict("words", "refused", None))
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def page() -> str:
    """A window of 3,000 documents of width 384 beside a reference of as many."""
    window = sample(3_000, 384, seed=2, shift=4.0)
    return evidently_page(sample(3_000, 384), window, report(3_000, *VERDICTS), TOPICS)


def test_page_below_5_mb(page: str) -> None:
    """What Evidently sees is bounded, so the page stays below 5 MB: 384 vector columns would make it 31 MB.

    50,000 documents of width 384 were 4.06 MB, as 3,000 are.
    """
    assert len(page.encode()) < 5 * MEGABYTE
    assert TABLE_ROWS < 3_000 > EMBEDDED_ROWS


def test_page_is_whole_by_itself(page: str) -> None:
    """Nothing is fetched when it is opened."""
    read = Page(page)
    assert not read.attribute("script", "src")
    assert not [tag for tag, _ in read.tags if tag in {"link", "iframe", "img", "base"}]


def test_decision_is_on_top(page: str) -> None:
    """Each verdict stands there with its sentence, a test that fails, passes or was not made, above Evidently's."""
    places = [page.index(f"This is what {one.detector} says.") for one in VERDICTS]
    assert places == sorted(places)
    assert places[-1] < page.index("**Evidently's own look") < page.index("Dataset Drift")
    assert "1 of 3" in page
    for state in ("fail", "success", "skipped"):
        assert f'"state": "{state}"' in page


def test_sampling_is_said(page: str) -> None:
    """The page says how many documents Evidently looked at."""
    assert "at most 2,000 documents" in page
    assert "at most 1,000" in page


def test_columns(page: str) -> None:
    """Features, language, strength, topics by name are there; what is the same everywhere and raw vectors are not."""
    for name in ("characters", "unknown_words", "language", "strength", "topic number 3"):
        assert name in page
    assert "emoji_share" not in page
    assert "v383" not in page


def test_embedding_drift_is_shown(page: str) -> None:
    """Evidently's three methods are there, beside chance."""
    for name in ("model", "distance", "mmd"):
        assert f"{name}: above the 95% quantile of chance" in page


@pytest.mark.parametrize("documents", [0, 1, LEAST - 1])
def test_few_documents(documents: int) -> None:
    """Below the least number the verdicts stand alone, and why is said."""
    few = evidently_page(sample(100), sample(documents, seed=2), report(documents, *VERDICTS), TOPICS)
    assert "Evidently was not asked" in few
    assert "This is what mmd says." in few
    assert "Dataset Drift" not in few


def test_nothing_differs() -> None:
    """Where every column is the same everywhere there is no column to compare, and the page is made all the same."""
    flat = replace(
        sample(LEAST, language="en"),
        numbers={},
        topic=np.zeros(LEAST, np.int32),
        strength=np.ones(LEAST, np.float32),
    )
    made = evidently_page(flat, flat, report(LEAST), TOPICS)
    assert "Embedding drift by Evidently" in made
    assert "0 of 0" in made


def test_topics_of_one_name() -> None:
    """Two topics that are called the same stay two, told apart by their keys."""
    made = evidently_page(sample(200), sample(200, seed=2), report(200), dict.fromkeys(TOPICS, "cricket"))
    assert "cricket (t0)" in made
    assert "cricket (t5)" in made


def test_embedding_scores_leave_no_trace() -> None:
    """Same documents: no drift; others: drift. numpy's own chance and the vectors are as before."""
    from evertopic.reporting.evidently.embedding import embedding_scores

    reference, window = sample(300), sample(200, seed=2)
    before, vectors = np.random.get_state()[1].copy(), window.vectors.copy()
    same = embedding_scores(reference, window, seed=1)
    other = embedding_scores(reference, sample(200, seed=3, shift=3.0), seed=1)
    assert [score.drifted for score in other] == [True, True, True]
    assert sum(score.drifted for score in same) <= 1
    assert (np.random.get_state()[1] == before).all()
    assert (window.vectors == vectors).all()


def test_samples_are_bounded() -> None:
    """Large samples are drawn from, the same rows for the same seed; rare categories are put together."""
    reference, window = sample(3_000), replace(sample(2_500, seed=2), languages=("en",) * 2_497 + ("fr", "it", "es"))
    first, again = (table_of(reference, window, list(TOPICS.values()), seed=5) for _ in range(2))
    assert [len(side) for side in first] == [TABLE_ROWS, TABLE_ROWS]
    pd.testing.assert_frame_equal(first[0], again[0])
    assert set(first[1]["language"]) <= {"en", "other"}
    assert vectors_of(reference, seed=5).shape == (EMBEDDED_ROWS, 16)


def test_two_sample_chi_square() -> None:
    """Known value: 10 and 20 beside 20 and 10.

    chi2 = n (ad - bc)^2 / (product of the sums) = 60 (100 - 400)^2 / 30^4 = 6.667, with one degree of freedom
    p = 0.00982.
    """
    sides = (pd.Series(["a"] * 10 + ["b"] * 20), pd.Series(["a"] * 20 + ["b"] * 10))
    assert p_of(*sides) == pytest.approx(0.00982, abs=1e-5)
    assert p_of(sides[0], sides[0]) == 1.0
    assert p_of(pd.Series(["a"] * 3), pd.Series(["a"] * 9)) == 1.0
    assert p_of(sides[0], pd.Series([], dtype="str")) == 1.0


def test_evidently_is_imported_late() -> None:
    """Reports import without Evidently, which takes 5 seconds and tells of its own faults."""
    code = "import sys, evertopic.reporting.evidently; sys.exit('evidently' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
