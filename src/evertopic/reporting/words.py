"""The summary in plain words: what was learned, how good it is, what to be careful about. Pure text."""

import math
from dataclasses import dataclass
from typing import Literal

from evertopic.records import Interval, Trial
from evertopic.reporting.formats import between, clip, count, number, plural, quoted, share
from evertopic.reporting.measures import MEASURES, Measure, measure_named, value_of
from evertopic.reporting.story import TrainingStory

Tone = Literal["good", "plain", "care"]
NAMED = 5
FIRST, SECOND, THIRD = 0.4, 0.5, 0.6
COUNTS = ("no topic", "one topic", "two topics", "three topics", "four topics", "five topics", "six topics")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a reader should know; `care` asks for a second look."""

    about: str
    text: str
    tone: Tone


def summarise(story: TrainingStory) -> tuple[Finding, ...]:
    """The findings of a training, most important first; a finding without a measurement is left out."""
    found = (
        _learned(story),
        _largest(story),
        _coherence(story),
        _baseline(story),
        _unassigned(story),
        _stability(story),
        _data(story),
        _parity(story),
    )
    return tuple(finding for finding in found if finding is not None)


def shares_of_topics(story: TrainingStory) -> tuple[float, ...]:
    """The share of all documents that each topic holds; zeros for an empty corpus."""
    whole = max(story.corpus.documents, sum(topic.documents for topic in story.topics), 1)
    return tuple(topic.documents / whole for topic in story.topics)


def baseline_of(story: TrainingStory) -> Trial | None:
    """The trial of the baseline, of several the best in the first criterion; None where none ran."""
    trials = [trial for trial in story.trials if trial.candidate.kind == "nmf"]
    first = next(iter(criteria_of(story)), MEASURES[0])
    turned = -1 if first.better == "lower" else 1

    def rank(trial: Trial) -> float:
        value = value_of(trial.scorecard, first)
        return turned * value if math.isfinite(value) else -math.inf

    return max(trials, key=rank, default=None)


def criteria_of(story: TrainingStory) -> tuple[Measure, ...]:
    """The measures that decided, as far as a report has words for them."""
    return tuple(measure for name in dict.fromkeys(story.criteria) if (measure := measure_named(name)))


def _in_brackets(interval: Interval, *, as_share: bool = False) -> str:
    ends = between(interval, as_share=as_share)
    return f" ({ends})" if ends else ""


def _learned(story: TrainingStory) -> Finding:
    k = len(story.topics)
    topics = COUNTS[k] if k < len(COUNTS) else plural(k, "topic")
    tried = len(story.trials)
    how = f", the best of {tried} candidates" if tried > 1 else ""
    tone: Tone = "care" if k < 2 else "good"
    return Finding("Learned", f"{plural(story.corpus.documents, 'document')} fall into {topics}{how}.", tone)


def _largest(story: TrainingStory) -> Finding | None:
    if not story.topics:
        return None
    pairs = sorted(zip(story.topics, shares_of_topics(story), strict=True), key=lambda pair: -pair[0].documents)
    named = [f"{quoted(clip(topic.name, 60))} ({share(part)})" for topic, part in pairs[:NAMED]]
    if len(named) == 1:
        return Finding("Largest", f"It is {named[0]}.", "plain")
    listed = f"{', '.join(named[:-1])} and {named[-1]}"
    start = "They are" if len(pairs) == len(named) else "The largest are"
    return Finding("Largest", f"{start} {listed}; the shares are of all documents.", "plain")


def _coherence(story: TrainingStory) -> Finding | None:
    c_v, diversity = story.scorecard.c_v, story.scorecard.diversity
    if not math.isfinite(c_v.value):
        return Finding(
            "Quality", "Coherence could not be measured: no topic word occurs in held-out documents.", "care"
        )
    bands = ((FIRST, "hang together only loosely"), (SECOND, "hang together fairly"), (THIRD, "hang together well"))
    verdict = next((words for limit, words in bands if c_v.value < limit), "hang together very well")
    text = f"The words of a topic {verdict}: coherence c_v {number(c_v.value)}{_in_brackets(c_v)}."
    if math.isfinite(diversity):
        text += f" {share(diversity)} of all top words belong to a single topic."
    return Finding("Quality", text, "care" if c_v.value < FIRST else "good")


def _baseline(story: TrainingStory) -> Finding:
    baseline = baseline_of(story)
    if baseline is None:
        return Finding("Baseline", "No baseline was fitted, so nothing shows that the effort pays.", "care")
    simple = f"the simple baseline (NMF, {plural(baseline.scorecard.topics, 'topic')})"
    numbers = "; ".join(_against(story, baseline, measure) for measure in _compared(story, baseline))
    told = f": {numbers}." if numbers else "."
    if story.choice.beats_baseline:
        return Finding("Baseline", f"The model beats {simple}{told}", "good")
    advice = " Consider the simple one, or more documents."
    return Finding("Baseline", f"The model does not beat {simple}{told}{advice}", "care")


def _compared(story: TrainingStory, baseline: Trial) -> list[Measure]:
    cards = (story.scorecard, baseline.scorecard)
    return [m for m in criteria_of(story) if all(math.isfinite(value_of(card, m)) for card in cards)]


def _against(story: TrainingStory, baseline: Trial, measure: Measure) -> str:
    write = share if measure.as_share else number
    ours, theirs = (write(value_of(card, measure)) for card in (story.scorecard, baseline.scorecard))
    return f"{measure.title.lower()} {ours} against {theirs}"


def _unassigned(story: TrainingStory) -> Finding | None:
    reached, target = story.coverage.reached, story.coverage.target
    if not math.isfinite(reached.value):
        return None
    text = f"{share(reached.value)} of new documents{_in_brackets(reached, as_share=True)} are given no topic"
    if math.isfinite(reached.low) and reached.low > target:
        return Finding("Unassigned", f"{text}: more than the budget of {share(target)}.", "care")
    return Finding("Unassigned", f"{text}; the budget is {share(target)}.", "good")


def _stability(story: TrainingStory) -> Finding | None:
    stability = story.scorecard.stability
    if stability is None or not math.isfinite(stability.value):
        return None
    bands = ((FIRST, "another grouping"), (THIRD, "a partly different grouping"), (0.8, "much the same grouping"))
    verdict = next((words for limit, words in bands if stability.value < limit), "nearly the same grouping")
    text = f"Training again with another seed gives {verdict}: adjusted Rand index {number(stability.value)}"
    return Finding("Stability", f"{text}{_in_brackets(stability)}.", "care" if stability.value < FIRST else "good")


def _were(value: int) -> str:
    return "was" if value == 1 else "were"


def _data(story: TrainingStory) -> Finding | None:
    batch, corpus = story.batch, story.corpus
    refused = sum(part.rows for part in batch.quarantined) if batch else 0
    parts = []
    if batch and batch.read:
        parts.append(f"{count(refused)} of {plural(batch.read, 'row')} read {_were(refused)} refused")
    if corpus.duplicates:
        repeated = plural(corpus.duplicates, "document")
        parts.append(f"{repeated} with the text of an earlier one {_were(corpus.duplicates)} not fitted twice")
    if not parts:
        return None
    text = "; ".join(parts)
    tone: Tone = "care" if batch and batch.read and refused / batch.read > 0.05 else "plain"
    return Finding("Data", f"{text}.", tone)


def _parity(story: TrainingStory) -> Finding | None:
    parity = story.parity
    if parity is None:
        return None
    text = f"Loaded again from disk, the model gives the same answer to {share(parity.equal)} of "
    text += f"{plural(parity.documents, 'document')}; {share(parity.required)} is required."
    return Finding("Reload", text, "good" if parity.equal >= parity.required else "care")
