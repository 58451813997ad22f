"""The summary in plain words."""

import math
from dataclasses import replace

import pytest

from evertopic.records import Coverage, Interval, Parity
from evertopic.reporting import Finding, TrainingStory, summarise
from evertopic.reporting.words import baseline_of, shares_of_topics
from tests.unit.reporting.stories import a_batch, a_corpus, a_scorecard, a_story, around


def finding(story: TrainingStory, about: str) -> Finding:
    return next(found for found in summarise(story) if found.about == about)


def test_the_summary_begins_with_what_was_learned() -> None:
    """First what was learned, then the largest topics, then how good it is, last whether it reloads."""
    found = [part.about for part in summarise(a_story(7, 20))]
    assert found == ["Learned", "Largest", "Quality", "Baseline", "Unassigned", "Stability", "Data", "Reload"]


def test_small_counts_are_words_and_large_ones_figures() -> None:
    """Four topics are written out, 1,200 are not; a single one is a reason to look twice."""
    assert (
        finding(a_story(4, 20), "Learned").text == "12,060 documents fall into four topics, the best of 20 candidates."
    )
    assert finding(a_story(7, 20), "Learned").text.startswith("12,060 documents fall into 7 topics")
    assert finding(a_story(1, 20), "Learned").tone == "care"
    assert finding(a_story(1, 20, trials=()), "Learned").text == "12,060 documents fall into one topic."


def test_the_largest_topics_are_named_with_their_shares() -> None:
    """2,200, 2,040 and 1,880 of 12,060 are 18.2, 16.9 and 15.6 %; five are named at most."""
    text = finding(a_story(3, 20), "Largest").text
    assert text.startswith("They are “Bushfires around Sydney” (18.2 %), “Israel and the Palestinians” (16.9 %) and")
    assert "“War in Afghanistan” (15.6 %)" in text
    assert finding(a_story(9, 20), "Largest").text.count("“") == 5


def test_the_largest_come_first_whatever_the_order() -> None:
    """Topics may be listed by key; the summary sorts them by size."""
    story = a_story(3, 20)
    assert finding(replace(story, topics=story.topics[::-1]), "Largest").text == finding(story, "Largest").text


def test_one_topic_is_simply_named() -> None:
    """With one topic there is no list."""
    assert finding(a_story(1, 20), "Largest").text == "It is “Bushfires around Sydney” (18.2 %)."


def test_shares_never_exceed_the_whole() -> None:
    """Where the topics hold more documents than the corpus counts, their sum is the whole: 2,200 + 2,040 = 4,240."""
    shares = shares_of_topics(a_story(2, 20, corpus=a_corpus(documents=10)))
    assert shares == (2200 / 4240, 2040 / 4240)


@pytest.mark.parametrize(
    ("c_v", "words", "tone"),
    [
        (0.39, "hang together only loosely", "care"),
        (0.4, "hang together fairly", "good"),
        (0.5, "hang together well", "good"),
        (0.6, "hang together very well", "good"),
    ],
)
def test_coherence_in_words(c_v: float, words: str, tone: str) -> None:
    """The verdict changes at 0.4, 0.5 and 0.6, and the number stands beside it."""
    found = finding(a_story(3, 20, scorecard=a_scorecard(c_v=around(c_v))), "Quality")
    assert words in found.text
    assert f"c_v {c_v:.3f} ({c_v - 0.03:.3f} to {c_v + 0.03:.3f})" in found.text
    assert found.tone == tone


def test_coherence_that_could_not_be_measured_is_said() -> None:
    """The verdict on nan is that there is none."""
    nan = Interval(math.nan, math.nan, math.nan)
    found = finding(a_story(3, 20, scorecard=a_scorecard(c_v=nan)), "Quality")
    assert found.tone == "care"
    assert "could not be measured" in found.text


def test_the_baseline_is_compared_in_what_decides() -> None:
    """Each criterion that both have stands there with both numbers; the baseline's stability was not measured."""
    card = a_scorecard(separation=around(0.2), diversity=0.9, agreement=around(0.8))
    text = finding(a_story(3, 20, scorecard=card), "Baseline").text
    assert text == (
        "The model beats the simple baseline (NMF, 16 topics): separation 0.200 against 0.049; "
        "diversity 90.0 % against 80.0 %; agreement with neighbours 80.0 % against 84.6 %."
    )


def test_nothing_comparable_leaves_the_verdict_alone() -> None:
    """Criteria without words leave a sentence without numbers."""
    assert finding(a_story(3, 20, criteria=("x",)), "Baseline").text == (
        "The model beats the simple baseline (NMF, 10 topics)."
    )


def test_a_lost_comparison_is_not_hidden() -> None:
    """A choice that does not beat the baseline says so and asks for care."""
    story = a_story(3, 20)
    found = finding(replace(story, choice=replace(story.choice, beats_baseline=False)), "Baseline")
    assert "does not beat" in found.text
    assert found.tone == "care"


def test_a_search_without_baseline_says_so() -> None:
    """Without a baseline nothing shows that the effort pays."""
    assert finding(a_story(3, 20, trials=()), "Baseline").tone == "care"


def test_of_several_baselines_the_one_best_in_the_first_criterion_counts() -> None:
    """Separation 0.048 and 0.049: the second counts; nan never wins; by unclustered, less is better."""
    story = a_story(3, 20)
    one, other = story.trials[-2:]
    blind = replace(one, scorecard=a_scorecard(separation=Interval(math.nan, math.nan, math.nan)))
    assert baseline_of(replace(story, trials=(blind, one, other))) == other
    tidy = replace(one, scorecard=a_scorecard(unclustered=0.01))
    assert baseline_of(replace(story, criteria=("unclustered",), trials=(other, tidy))) == tidy


@pytest.mark.parametrize(
    ("reached", "tone"),
    [
        (Interval(0.052, 0.044, 0.061), "good"),
        (Interval(0.09, 0.08, 0.10), "care"),
        (Interval(0.01, 0.0, 0.02), "good"),
    ],
)
def test_a_budget_is_broken_when_the_whole_interval_lies_above_it(reached: Interval, tone: str) -> None:
    """With a budget of 5 %, 4.4 to 6.1 % may be chance, 8 to 10 % is not."""
    assert finding(a_story(3, 20, coverage=Coverage(0.05, reached, "labels", ())), "Unassigned").tone == tone


def test_what_was_not_measured_is_left_out() -> None:
    """No stability, no rows read, no duplicates, no parity: no sentence about them."""
    story = a_story(
        3,
        20,
        scorecard=a_scorecard(stability=None),
        batch=None,
        corpus=a_corpus(duplicates=0),
        parity=None,
        coverage=Coverage(0.05, Interval(math.nan, math.nan, math.nan), "labels", ()),
    )
    assert [part.about for part in summarise(story)] == ["Learned", "Largest", "Quality", "Baseline"]


def test_many_refused_rows_ask_for_care() -> None:
    """175 of 12,480 rows (1.4 %) are told, 175 of 1,000 (17.5 %) are a warning."""
    assert finding(a_story(3, 20), "Data").text.startswith("175 of 12,480 rows read were refused")
    assert finding(a_story(3, 20), "Data").tone == "plain"
    assert finding(a_story(3, 20, batch=replace(a_batch(), read=1_000)), "Data").tone == "care"


def test_a_model_that_answers_otherwise_after_loading_asks_for_care() -> None:
    """99 % equal answers are too few where 99.9 % are required."""
    assert finding(a_story(3, 20), "Reload").tone == "good"
    assert finding(a_story(3, 20, parity=Parity(500, 0.99, 0.999)), "Reload").tone == "care"
