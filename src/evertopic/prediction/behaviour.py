"""What any sound model does with odd texts, tried on one that is about to be released."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Protocol

import numpy as np

from evertopic.records import Prediction

LONG = "evidence " * 10_000
FOREIGN = "Ein zweiter Satz auf Deutsch. 그리고 한국어 문장. И одно предложение по-русски."
EMOJI = "😀🎉 🚀🚀🚀 👩‍👩‍👧"
SAME = 1e-3
"""Strengths no further apart are the same: the company of a text in its batch moves them by rounding."""
TYPOS = 50
"""Texts that a typo is put into, at most."""


class Predicts(Protocol):
    """What of a Predictor is needed here."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One answer a text."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that was tried."""

    name: str
    well: bool
    found: str


def behave(model: Predicts, recent: Sequence[str], typos: float, seed: int) -> tuple[Behaviour, ...]:
    """Whether the model answers odd texts soundly, the same text alike, and a text with a typo as without it.

    Args:
        model: to be tried.
        recent: texts as they come, newest first; without any, what needs them is left out.
        typos: least share of answers that a typo leaves as they are.
        seed: of the typos.
    """
    first = recent[0] if recent else "One plain sentence about nothing in particular."
    tried = [_empty(model), _sound(model, "emoji", EMOJI), _sound(model, "10,000 words", LONG)]
    tried += [_sound(model, "several languages", f"{first} {FOREIGN}"), _repeats(model, [first, EMOJI, *recent[:8]])]
    return (*tried, *([_typos(model, recent[:TYPOS], typos, seed)] if recent else []))


def same_answer(one: Prediction, other: Prediction) -> bool:
    """Whether two answers name the same topic with the same strength."""
    return one.key == other.key and abs(one.strength - other.strength) <= SAME


def slow_twentieth(model: Predicts, texts: Sequence[str], clock: Callable[[], float]) -> float:
    """The 95th percentile of the seconds that single answers take; 0 without texts."""
    took = []
    for text in texts:
        started = clock()
        model.predict([text])
        took.append(clock() - started)
    return float(np.quantile(took, 0.95)) if took else 0.0


def with_typo(text: str, seed: int) -> str:
    """The text with two neighbouring letters of its longest word swapped; as it is where that is too short.

    >>> with_typo("a volcano", 0) != "a volcano", sorted(with_typo("a volcano", 0)) == sorted("a volcano")
    (True, True)
    """
    words = text.split(" ")
    at = max(range(len(words)), key=lambda place: len(words[place]))
    word = words[at]
    spots = [spot for spot in range(1, len(word) - 1) if word[spot] != word[spot + 1]]
    if not spots:
        return text
    spot = spots[int(np.random.default_rng(seed).integers(len(spots)))]
    words[at] = word[:spot] + word[spot + 1] + word[spot] + word[spot + 2 :]
    return " ".join(words)


def _empty(model: Predicts) -> Behaviour:
    answers = model.predict(["", "   "])
    well = all(answer.key is None and answer.strength == 0 for answer in answers)
    return Behaviour("empty", well, f"an empty text is answered {answers[0].name!r}, {answers[0].strength:.2f}")


def _sound(model: Predicts, name: str, text: str) -> Behaviour:
    answer = model.predict([text])[0]
    well = isfinite(answer.strength) and 0 <= answer.strength <= 1
    return Behaviour(name, well, f"answered with strength {answer.strength}")


def _repeats(model: Predicts, texts: Sequence[str]) -> Behaviour:
    """The same again, in the other order."""
    there, back = model.predict(texts), model.predict(texts[::-1])[::-1]
    differ = sum(not same_answer(one, other) for one, other in zip(there, back, strict=True))
    return Behaviour("same answer twice", not differ, f"{differ} of {len(texts)} texts are answered otherwise")


def _typos(model: Predicts, texts: Sequence[str], least: float, seed: int) -> Behaviour:
    spoiled = [with_typo(text, seed + at) for at, text in enumerate(texts)]
    pairs = zip(model.predict(texts), model.predict(spoiled), strict=True)
    share = float(np.mean([one.key == other.key for one, other in pairs]))
    return Behaviour(
        "typos", share >= least, f"a typo leaves {share:.0%} of the answers as they are, {least:.0%} asked"
    )
