"""How a model does on what came lately: pure measures, each with an interval that is honest for few documents.

Topics are no classes. What is measured on labels is this: a topic stands for the label that most of the fitted
documents in it carry, and a document is answered right when its topic stands for its label. An unassigned document
is answered wrong. So accuracy has the same meaning for held-out documents at registration and for new ones.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from evertopic.quality.classification import wilson
from evertopic.quality.resampling import Doubles, interval, resample
from evertopic.records import UNASSIGNED, Floats, Integers, Interval

RESAMPLES = 500
ANOTHER = -1
"""An answer that is none of the known classes."""


def stands_for(topics: Integers, labels: Sequence[str | None], k: int) -> tuple[str | None, ...]:
    """The label that each of k topics stands for: the commonest of its documents, the first in order on a tie.

    None for a topic without a labelled document.
    """
    counts: list[Counter[str]] = [Counter() for _ in range(k)]
    for topic, label in zip(topics, labels, strict=True):
        if topic != UNASSIGNED and label is not None:
            counts[topic][label] += 1
    return tuple(min(count, key=lambda label: (-count[label], label)) if count else None for count in counts)


def answered(topics: Integers, meaning: Sequence[str | None]) -> tuple[str | None, ...]:
    """The label that each document's topic stands for; None where it has none."""
    return tuple(None if topic == UNASSIGNED else meaning[topic] for topic in topics)


def accuracy(truth: Sequence[str], answers: Sequence[str | None]) -> Interval:
    """The share of documents answered right, with Wilson's interval; (nan, 0, 1) without documents."""
    right = sum(said == true for true, said in zip(truth, answers, strict=True))
    return wilson(right, len(truth))


def macro_f1(truth: Sequence[str], answers: Sequence[str | None], seed: int) -> Interval:
    """The mean F1 of the classes that the documents have, each class alike, in [0, 1].

    The interval is a bootstrap over documents, and never narrower than Wilson's for the accuracy: where all answers
    are right every resample says 1, and three documents would prove what they cannot. nan without documents.
    """
    if not len(truth):
        return Interval(float("nan"), 0.0, 1.0)
    classes = sorted(set(truth))
    place = {name: at for at, name in enumerate(classes)}
    true = np.array([place[name] for name in truth])
    said = np.array([ANOTHER if name is None else place.get(name, ANOTHER) for name in answers])
    value = float(_macro_f1(true, said, np.ones((1, len(true))), len(classes))[0])
    drawn = interval(value, _macro_f1(true, said, resample(len(true), RESAMPLES, seed), len(classes)))
    least = accuracy(truth, answers)
    return Interval(
        value,
        max(0.0, min(drawn.low, value - (least.value - least.low))),
        min(1.0, max(drawn.high, value + (least.high - least.value))),
    )


def mean(values: Floats) -> Interval:
    """The mean with Student's 95 % interval; nan without values, and nan ends with one.

    >>> found = mean(np.array([0.2, 0.4, 0.6], np.float32))
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (0.4, -0.1, 0.9)
    """
    numbers = np.asarray(values, np.float64)
    if not len(numbers):
        return Interval(float("nan"), float("nan"), float("nan"))
    middle = float(numbers.mean())
    if len(numbers) == 1:
        return Interval(middle, float("nan"), float("nan"))
    half = float(student.ppf(0.975, len(numbers) - 1) * numbers.std(ddof=1) / np.sqrt(len(numbers)))
    return Interval(middle, middle - half, middle + half)


def settled(
    words: Sequence[tuple[str, str | None, bool, str | None]],
) -> tuple[tuple[str | None, bool, str | None], ...]:
    """What people say of each answer together: (key answered, right?, key that would have been right).

    Each answer counts once, as most say; where as many say right as wrong, it is left out. The correction is the
    commonest one, None where nobody gave one.

    Args:
        words: (prediction, key answered, right?, correction), the last word of each person.
    """
    by_answer: dict[str, list[tuple[str | None, bool, str | None]]] = {}
    for prediction, key, right, correction in words:
        by_answer.setdefault(prediction, []).append((key, right, correction))
    together = []
    for _, said in sorted(by_answer.items()):
        more = sum(1 if good else -1 for _, good, _ in said)
        corrections = Counter(key for _, good, key in said if not good and key is not None)
        best = min(corrections, key=lambda key: (-corrections[key], key)) if corrections and more < 0 else None
        together += [(said[0][0], more > 0, best)] if more else []
    return tuple(together)


def _macro_f1(true: Integers, said: Integers, weights: Doubles, k: int) -> Doubles:
    """(b,) over the classes that each resample has."""
    documents = np.arange(len(true))
    is_true, is_said = np.zeros((len(true), k)), np.zeros((len(true), k))
    is_true[documents, true] = 1.0
    is_said[documents[said != ANOTHER], said[said != ANOTHER]] = 1.0
    both, there, named = weights @ (is_true * is_said), weights @ is_true, weights @ is_said
    present = there > 0
    # 2 both / (there + named) is the F1; where a class is not there it does not count.
    f1 = np.divide(2 * both, there + named, out=np.zeros_like(both), where=present)
    return np.asarray(f1.sum(axis=1) / present.sum(axis=1))
