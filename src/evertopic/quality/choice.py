"""The choice among the candidates of a search: a Pareto front, a rule, a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator
from scipy.stats import rankdata

from evertopic.errors import Refusal
from evertopic.quality.pareto import pareto_front
from evertopic.records import Choice, Interval, Scorecard, Trial

Criterion = Literal[
    "separation", "diversity", "agreement", "npmi", "c_v", "u_mass", "balance", "stability", "unclustered"
]
ALWAYS_TOLD = frozenset({"min_cluster_size", "min_samples", "seed"})
USUAL: dict[str, str | int | float] = {"n_neighbors": 15, "n_components": 5, "cluster_selection_method": "eom"}
"""Settings that a sentence leaves out where they are this; a search that varies them names the others."""
LESS_IS_BETTER = frozenset({"unclustered"})


class ChoiceRule(BaseModel):
    """Which criteria decide. The candidate with the best average place over them wins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)] = ("separation", "diversity", "agreement")
    """Measured for every trial; the order is that of the report."""
    finalists: tuple[Criterion, ...] = ("stability",)
    """Criteria that join in among the finalists."""
    least_topics: PositiveInt = 3
    most_topics: PositiveInt = 200
    largest_topic: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of the clustered documents one topic may hold. Few coarse topics score well in every criterion and tell
    nothing; where all candidates are that coarse, the bound gives way and the reason says so."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.least_topics > self.most_topics:
            raise ValueError(f"least_topics {self.least_topics} is above most_topics {self.most_topics}")
        if "stability" in self.criteria:
            raise ValueError("stability is measured for finalists only: name it under finalists")
        return self


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the candidates of one round stand: front (m,) and average place (m,), 1 the best."""

    front: NDArray[np.bool_]
    place: NDArray[np.float64]


def stand(scorecards: Sequence[Scorecard], criteria: Sequence[Criterion]) -> Standing:
    """The Pareto front and the average place of each candidate over `criteria`.

    Places count distinct scores, so a candidate tried twice under other settings does not push others down. A
    criterion that is nan or was not measured is the worst place.
    """
    scores = np.array([[score(card, criterion) for criterion in criteria] for card in scorecards])
    places = np.column_stack([rankdata(-column, method="dense") for column in np.nan_to_num(scores, nan=-np.inf).T])
    return Standing(pareto_front(scores, [True] * len(criteria)), places.mean(axis=1))


def score(card: Scorecard, criterion: Criterion) -> float:
    """The value of one criterion, turned so that more is better; nan where it was not measured."""
    value = getattr(card, criterion)
    if value is None:
        return float("nan")
    number = value.value if isinstance(value, Interval) else value
    return -number if criterion in LESS_IS_BETTER else number


def _comparable(card: Scorecard, criterion: Criterion) -> float:
    """The score, with what was not measured below everything that was, and equal to itself."""
    value = score(card, criterion)
    return float("-inf") if np.isnan(value) else value


def eligible(scorecards: Sequence[Scorecard], rule: ChoiceRule) -> NDArray[np.bool_]:
    """Which candidates have a number of topics inside the band of the rule and none that is too large, (m,).

    Where each of those inside the band has too large a topic, all of them are eligible.

    Raises:
        Refusal: none has; says what was found.
    """
    topics = np.array([card.topics for card in scorecards])
    inside = (topics >= rule.least_topics) & (topics <= rule.most_topics)
    if not inside.any():
        found = ", ".join(str(count) for count in sorted(set(topics.tolist())))
        raise Refusal(
            f"No candidate has {rule.least_topics} to {rule.most_topics} topics (found: {found} topics). The documents "
            "may be too few, too alike or all noise: look at `evertopic data`, widen model.hdbscan.min_cluster_size "
            "or choice.least_topics."
        )
    fine = inside & (np.array([card.largest for card in scorecards]) <= rule.largest_topic)
    return fine if fine.any() else inside


def shortlist(scorecards: Sequence[Scorecard], rule: ChoiceRule, count: int) -> tuple[int, ...]:
    """The `count` candidates with the best average place among the eligible, best first.

    Of each number of topics only the best: neighbouring settings give nearly the same topics, and measuring the
    stability of one model three times tells nothing.

    Raises:
        Refusal: no candidate is eligible.
    """
    inside = np.flatnonzero(eligible(scorecards, rule)).tolist()
    standing = stand([scorecards[at] for at in inside], rule.criteria)
    order = sorted(range(len(inside)), key=lambda i: (standing.place[i], scorecards[inside[i]].topics))
    best: dict[int, int] = {}
    for i in order:
        best.setdefault(scorecards[inside[i]].topics, inside[i])
    return tuple(best.values())[:count]


def choose(finalists: Sequence[Trial], others: Sequence[Trial], baseline: Trial | None, rule: ChoiceRule) -> Choice:
    """The winner among the finalists, in words.

    Args:
        finalists: with every criterion measured; at least one.
        others: the other trials on the front, for what they would have been better at.
        baseline: what any search must beat; None where it found nothing.
        rule: the criteria.
    """
    criteria = (*rule.criteria, *rule.finalists)
    standing = stand([trial.scorecard for trial in finalists], criteria)
    ranked = sorted(zip(standing.place, finalists, strict=True), key=lambda p: (p[0], p[1].scorecard.topics))
    place, winner = ranked[0]
    reason = (
        f"{title(winner)} won: the best average place ({place:.1f}) of {len(finalists)} finalists over "
        f"{', '.join(criteria)}. It has {winner.scorecard.topics} topics; {_told(winner.scorecard, criteria)}."
    )
    if winner.scorecard.largest > rule.largest_topic:
        reason += (
            f" Its largest topic holds {winner.scorecard.largest:.0%} of the documents, more than the "
            f"{rule.largest_topic:.0%} asked for: every candidate is that coarse."
        )
    rivals = _different([winner, *(trial for _, trial in ranked[1:]), *others], rule.criteria)[1:]
    beats = baseline is None or _wins(winner.scorecard, baseline.scorecard, rule.criteria) > 0
    if baseline is not None:
        reason += f" {_against(winner, baseline, rule.criteria, beats=beats)}"
    return Choice(
        candidate=winner.candidate,
        reason=reason,
        beaten=tuple(_compared(winner, rival, criteria) for rival in rivals),
        beats_baseline=beats,
    )


def _different(trials: Sequence[Trial], criteria: Sequence[Criterion]) -> list[Trial]:
    """The first of each group that scores the same: other settings often give the same topics."""
    scores = [tuple(_comparable(trial.scorecard, criterion) for criterion in criteria) for trial in trials]
    return [trial for at, trial in enumerate(trials) if scores.index(scores[at]) == at]


def title(trial: Trial) -> str:
    """The trial by its kind, its cluster settings, and whatever else is not as usual."""
    told = [(name, value) for name, value in trial.settings if USUAL.get(name, value) != value or name in ALWAYS_TOLD]
    inner = ", ".join(f"{name} {value}" for name, value in told)
    return f"{trial.candidate.kind} ({inner})" if inner else trial.candidate.kind


def _told(card: Scorecard, criteria: Sequence[Criterion]) -> str:
    return ", ".join(f"{criterion} {_shown(card, criterion)}" for criterion in criteria)


def _shown(card: Scorecard, criterion: Criterion) -> str:
    value = score(card, criterion)
    return "not measured" if np.isnan(value) else f"{abs(value) if criterion in LESS_IS_BETTER else value:.3f}"


def _wins(one: Scorecard, other: Scorecard, criteria: Sequence[Criterion]) -> int:
    """Criteria in which `one` is better, less those in which it is worse; what `other` lacks does not count."""
    pairs = [(_comparable(one, c), _comparable(other, c)) for c in criteria if not np.isnan(score(other, c))]
    return sum((mine > theirs) - (mine < theirs) for mine, theirs in pairs)


def _against(winner: Trial, baseline: Trial, criteria: Sequence[Criterion], *, beats: bool) -> str:
    verdict = "It beats" if beats else "It does NOT beat"
    both = "; ".join(f"{c} {_shown(winner.scorecard, c)} against {_shown(baseline.scorecard, c)}" for c in criteria)
    return f"{verdict} the baseline {baseline.candidate.kind} with {baseline.scorecard.topics} topics ({both})."


def _compared(winner: Trial, rival: Trial, criteria: Sequence[Criterion]) -> str:
    better = [c for c in criteria if score(rival.scorecard, c) > score(winner.scorecard, c)]
    worse = [c for c in criteria if score(rival.scorecard, c) < score(winner.scorecard, c)]

    def pair(criterion: Criterion) -> str:
        return f"{criterion} ({_shown(rival.scorecard, criterion)} against {_shown(winner.scorecard, criterion)})"

    gains = f"better in {', '.join(map(pair, better))}" if better else "better in nothing"
    losses = f"worse in {', '.join(map(pair, worse))}" if worse else "worse in nothing"
    return f"{title(rival)}, {rival.scorecard.topics} topics: {gains}; {losses}."
