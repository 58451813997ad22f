"""Measures in words, and the pair that is drawn."""

import math
from dataclasses import fields, replace

import pytest

from evertopic.records import Interval, Scorecard, Trial
from evertopic.reporting.measures import MEASURES, measure_named, measured, telling_pair, value_of
from evertopic.reporting.tracks import Track, track_of
from tests.unit.reporting.stories import a_candidate, a_scorecard


def trials(**columns: list[float]) -> list[Trial]:
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [Trial(a_candidate(i), (), a_scorecard(**row), on_front=False, finalist=False) for i, row in enumerate(rows)]


def names(found: list[Trial], criteria: tuple[str, ...]) -> tuple[str, ...] | None:
    pair = telling_pair(found, criteria)
    return pair and (pair[0].name, pair[1].name)


def test_every_measure_is_a_field_of_the_scorecard() -> None:
    """No measure is spelled otherwise than the scorecard spells it."""
    known = {field.name for field in fields(Scorecard)}
    assert {measure.name for measure in MEASURES} == known - {"topics", "documents", "per_topic"}


def test_a_measure_without_words_is_none() -> None:
    """An unknown criterion is no error: the report leaves its column out."""
    assert measure_named("unheard_of") is None


def test_plain_numbers_have_no_interval() -> None:
    """Diversity is a number: its ends are nan; NMI without labels is None and its value nan."""
    diversity, nmi = measure_named("diversity"), measure_named("nmi")
    assert diversity
    assert nmi
    found = measured(a_scorecard(diversity=0.9), diversity)
    assert found is not None
    assert found.value == 0.9
    assert math.isnan(found.low)
    assert measured(a_scorecard(), nmi) is None
    assert math.isnan(value_of(a_scorecard(), nmi))


def test_the_pair_that_pulls_hardest_is_drawn() -> None:
    """Balance falls as diversity rises (rank correlation -1); unclustered rises with it, but less is better: -1 too.

    Diversity against unclustered comes first in the criteria, so it wins the tie.
    """
    found = trials(diversity=[0.1, 0.2, 0.3], balance=[0.9, 0.8, 0.7], unclustered=[0.1, 0.2, 0.3])
    assert names(found, ("diversity", "unclustered", "balance")) == ("diversity", "unclustered")
    assert names(found, ("diversity", "balance")) == ("diversity", "balance")


def test_a_constant_criterion_is_not_drawn() -> None:
    """Where balance never changes, only one criterion is left: no pair."""
    found = trials(diversity=[0.1, 0.2, 0.3], balance=[0.5, 0.5, 0.5])
    assert names(found, ("diversity", "balance")) is None


def test_a_criterion_known_for_few_trials_is_not_drawn() -> None:
    """Stability of one trial in four is not enough for a picture; of two in four it is."""
    found = trials(diversity=[0.1, 0.2, 0.3, 0.4])
    stable = Interval(0.8, 0.7, 0.9)
    no = [replace(t, scorecard=replace(t.scorecard, stability=None)) for t in found]
    few = [replace(no[0], scorecard=replace(no[0].scorecard, stability=stable)), *no[1:]]
    assert names(few, ("diversity", "stability")) is None
    other = replace(no[1], scorecard=replace(no[1].scorecard, stability=Interval(0.6, 0.5, 0.7)))
    assert names([few[0], other, *no[2:]], ("diversity", "stability")) == ("diversity", "stability")


def test_no_trials_have_no_pair() -> None:
    """Nothing tried, nothing drawn; one trial is no comparison."""
    assert telling_pair([], ("c_v", "diversity")) is None
    assert telling_pair(trials(diversity=[0.4]), ("c_v", "diversity")) is None


@pytest.mark.parametrize(
    ("found", "baseline", "track"),
    [
        # NPMI's scale of -1 to 1: 0 is its middle, 0.5 three quarters.
        (Interval(0.0, -0.5, 0.5), 0.5, Track(50.0, (25.0, 50.0), 75.0)),
        (Interval(2.0, math.nan, math.nan), math.nan, Track(100.0, None, None)),
        (Interval(math.nan, 0.0, 1.0), 0.0, None),
    ],
)
def test_places_on_a_scale(found: Interval, baseline: float, track: Track | None) -> None:
    """Values are placed in per cent of the scale and cut off at its ends."""
    assert track_of(found, baseline, (-1, 1)) == track


def test_a_measure_without_ends_has_no_track() -> None:
    """u_mass has no lower end."""
    assert track_of(Interval(-2.0, -3.0, -1.0), 0.0, None) is None
