from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from evertopic.errors import Refusal
from evertopic.quality.choice import ChoiceRule, choose, eligible, score, shortlist, stand, title
from evertopic.records import CandidateRef, Interval, Scorecard, Trial

RULE = ChoiceRule()
CRITERIA = RULE.criteria


def sure(value):
    return Interval(value, value, value)


def card(separation, diversity, agreement, topics=5, **more):
    blank = Scorecard(
        topics=topics,
        c_v=sure(0.4),
        npmi=sure(0.1),
        u_mass=sure(-2.0),
        diversity=diversity,
        balance=0.9,
        largest=0.3,
        unclustered=0.1,
        unassigned=0.05,
        agreement=sure(agreement),
        separation=sure(separation),
        stability=None,
        nmi=None,
        ari=None,
        documents=100,
        per_topic=(),
    )
    return replace(blank, **more)


def trial(name, scorecard, kind="bertopic", finalist=False):
    settings = (
        ("n_neighbors", 15),
        ("n_components", 4),
        ("min_cluster_size", len(name)),
        ("min_samples", name),
        ("seed", 1),
    )
    ref = CandidateRef(f"candidates/{name}", name, kind, scorecard.topics)
    return Trial(ref, settings if kind == "bertopic" else (), scorecard, on_front=True, finalist=finalist)


def test_places_and_front_by_hand():
    """Average place over the criteria, and who is beaten in all."""
    cards = [card(0.3, 0.9, 0.8), card(0.2, 0.8, 0.9), card(0.1, 0.7, 0.8)]
    # separation: 1 2 3; diversity: 1 2 3; agreement: 2 1 2 (the 0.8s share a place)
    standing = stand(cards, CRITERIA)
    assert standing.place == pytest.approx([4 / 3, 5 / 3, 8 / 3])
    assert standing.front.tolist() == [True, True, False]


def test_copies_do_not_push_others_down():
    """A partition that was tried five times takes one place, not five."""
    best, other = card(0.3, 0.9, 0.8), card(0.2, 0.8, 0.7)
    assert stand([best] * 5 + [other], CRITERIA).place[-1] == stand([best, other], CRITERIA).place[-1] == 2.0


def test_what_was_not_measured_is_the_worst_place():
    """A nan, and a stability that is None, stand behind every number."""
    cards = [card(float("nan"), 0.9, 0.8), card(-0.9, 0.9, 0.8, stability=sure(-0.2))]
    assert stand(cards, ["separation", "stability"]).place.tolist() == [2.0, 1.0]
    assert stand(cards, ["separation", "stability"]).front.tolist() == [False, True]


def test_less_left_out_is_better():
    """`unclustered` is turned round."""
    cards = [card(0, 0, 0, unclustered=0.4), card(0, 0, 0, unclustered=0.1)]
    assert stand(cards, ["unclustered"]).place.tolist() == [2.0, 1.0]
    assert score(cards[0], "unclustered") == -0.4


@pytest.mark.parametrize("topics", [3, 200])
def test_the_ends_of_the_band_are_inside(topics):
    """Least and most topics are acceptable; one beyond is not."""
    beyond = topics - 1 if topics == 3 else topics + 1
    assert eligible([card(0, 0, 0, topics), card(0, 0, 0, beyond)], RULE).tolist() == [True, False]


def test_nothing_in_the_band_is_refused():
    """The message says the band, each number found once, and what to do."""
    cards = [card(0, 0, 0, topics) for topics in (2, 300, 2, 1)]
    with pytest.raises(Refusal, match=r"3 to 200 topics \(found: 1, 2, 300 topics\).*widen"):
        eligible(cards, RULE)
    with pytest.raises(Refusal):
        shortlist(cards, RULE, 3)


def test_one_topic_that_swallows_half_is_not_eligible():
    """Half of the documents in one topic is the most; where all hold more, the bound gives way and the reason says."""
    coarse, even = card(0.9, 0.9, 0.9, largest=0.51), card(0.1, 0.5, 0.5, largest=0.5)
    assert eligible([coarse, even], RULE).tolist() == [False, True]
    assert eligible([coarse, coarse, card(0, 0, 0, 2)], RULE).tolist() == [True, True, False]
    assert "more than the 50% asked for" in choose([trial("a", coarse)], [], None, RULE).reason
    assert "asked for" not in choose([trial("a", even)], [], None, RULE).reason


def test_finalists_are_the_best_of_each_number_of_topics():
    """Best first; outside the band, a second one with as many topics, and beyond the count is left out."""
    cards = [
        card(0.9, 0.9, 0.9, topics=2),  # best, but too few topics
        card(0.1, 0.7, 0.7, topics=9),
        card(0.3, 0.9, 0.9, topics=6),
        card(0.3, 0.8, 0.9, topics=6),  # second of those with six
        card(0.2, 0.7, 0.8, topics=7),
    ]
    # Dense places over the eligible four: (3, 3, 3), (1, 1, 1), (1, 2, 1), (2, 3, 2).
    assert shortlist(cards, RULE, 2) == (2, 4)
    assert shortlist(cards, RULE, 9) == (2, 4, 1)


def test_one_partition_whose_score_is_nan_is_one_finalist():
    """Not measured equals not measured."""
    cards = [card(0.3, 0.9, float("nan")), card(0.3, 0.9, float("nan"))]
    assert shortlist(cards, RULE, 9) == (0,)


def test_of_equal_places_the_fewer_topics_come_first():
    """Two candidates that win one criterion each: the one that is easier to read."""
    rule = ChoiceRule(criteria=("separation", "diversity"))
    cards = [card(0.3, 0.8, 0, topics=20), card(0.2, 0.9, 0, topics=7)]
    assert shortlist(cards, rule, 2) == (1, 0)


def test_the_winner_is_told_with_its_figures():
    """Who won, by what, over how many, with how many topics."""
    first = trial("ab", card(0.3, 0.9, 0.8, stability=sure(0.7)), finalist=True)
    second = trial("abc", card(0.2, 0.8, 0.7, stability=sure(0.9)), finalist=True)
    choice = choose([second, first], [], None, RULE)
    assert choice.candidate is first.candidate
    # places: (1 + 1 + 1 + 2) / 4 = 1.25
    assert choice.reason == (
        "bertopic (n_components 4, min_cluster_size 2, min_samples ab, seed 1) won: the best average place (1.2) of 2 "
        "finalists over separation, diversity, agreement, stability. It has 5 topics; separation 0.300, diversity "
        "0.900, agreement 0.800, stability 0.700."
    )
    told = (
        "bertopic (n_components 4, min_cluster_size 3, min_samples abc, seed 1), 5 topics: better in stability (0.900 "
        "against 0.700); worse in separation (0.200 against 0.300), diversity (0.800 against 0.900), agreement "
        "(0.700 against 0.800)."
    )
    assert choice.beaten == (told,)
    assert choice.beats_baseline


def test_stability_can_decide_among_finalists():
    """What is measured for finalists only joins in there."""
    shaky = trial("a", card(0.3, 0.8, 0.8, stability=sure(0.2)), finalist=True)
    steady = trial("ab", card(0.2, 0.9, 0.8, stability=sure(0.9)), finalist=True)
    assert choose([shaky, steady], [], None, RULE).candidate is steady.candidate


def test_what_scores_as_the_winner_is_not_among_the_beaten():
    """Other settings with the same topics are no alternative, nor is one alternative told twice."""
    winner = trial("a", card(0.3, 0.9, 0.8, stability=sure(1.0)), finalist=True)
    copies = [trial("ab", card(0.3, 0.9, 0.8)), trial("abc", card(0.4, 0.1, 0.1)), trial("abcd", card(0.4, 0.1, 0.1))]
    beaten = choose([winner], copies, None, RULE).beaten
    assert [sentence.split(",")[2] for sentence in beaten] == [" min_samples abc"]


@pytest.mark.parametrize(
    ("scores", "beats", "verdict"),
    [
        ((0.2, 0.8, 0.7), True, "It beats the baseline nmf with 5 topics"),
        ((0.4, 0.95, 0.7), False, "It does NOT beat the baseline nmf with 5 topics"),
        ((0.3, 0.9, 0.8), False, "It does NOT beat"),
        ((float("nan"), 0.95, 0.7), False, "separation 0.300 against not measured"),
    ],
)
def test_the_baseline_is_beaten_by_more_criteria_or_the_sentence_says_so(scores, beats, verdict):
    """Better in more criteria than worse beats it; equal does not; what the baseline lacks does not count."""
    winner = trial("a", card(0.3, 0.9, 0.8), finalist=True)
    choice = choose([winner], [], trial("n", card(*scores), kind="nmf"), RULE)
    assert choice.beats_baseline is beats
    assert verdict in choice.reason


def test_a_winner_that_lacks_a_measure_is_worse_there():
    """A nan of the winner against a number of the baseline is a loss, not an error."""
    winner = trial("a", card(0.3, 0.9, float("nan")), finalist=True)
    choice = choose([winner], [], trial("n", card(0.2, 0.95, 0.1), kind="nmf"), RULE)
    assert not choice.beats_baseline
    assert "agreement not measured against 0.100" in choice.reason


def test_without_a_baseline_nothing_is_said_of_it():
    """None: there was nothing to beat."""
    choice = choose([trial("a", card(0.3, 0.9, 0.8))], [], None, RULE)
    assert choice.beats_baseline
    assert "baseline" not in choice.reason


def test_a_trial_without_settings_is_called_by_its_kind():
    """The baseline has none to tell it apart."""
    assert title(trial("n", card(0, 0, 0), kind="nmf")) == "nmf"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"criteria": ()}, "at least 1"),
        ({"criteria": ("stability",)}, "name it under finalists"),
        ({"least_topics": 9, "most_topics": 8}, "least_topics 9 is above most_topics 8"),
        ({"criteria": ("beauty",)}, "'separation'"),
        ({"least_topics": 0}, "greater than 0"),
    ],
)
def test_rules_that_cannot_decide_are_refused(wrong, message):
    """No criterion, one that is measured too late, an empty band, an unknown criterion."""
    with pytest.raises(ValidationError, match=message):
        ChoiceRule(**wrong)


def test_no_criterion_for_finalists_is_a_rule():
    """Without further criteria the finalists are judged by the first ones."""
    rule = ChoiceRule(finalists=())
    trials = [trial("a", card(0.1, 0.9, 0.8)), trial("ab", card(0.3, 0.95, 0.9))]
    assert choose(trials, [], None, rule).candidate is trials[1].candidate
    assert np.isnan(score(trials[0].scorecard, "stability"))
