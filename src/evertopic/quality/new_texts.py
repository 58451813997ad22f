"""Coherence of a model's topic words on new texts, beside as many of its own held-out documents."""

from collections.abc import Sequence

import numpy as np

from evertopic.quality.coherence import c_v_of, mean_of_known, measure_globally
from evertopic.quality.frequencies import lay_out, resampled
from evertopic.quality.resampling import Doubles
from evertopic.quality.windows import Counts, count
from evertopic.records import Interval, Tokens

DRAWS = 200


def coherence_now_and_then(
    topics: Sequence[Sequence[str]], new: Tokens, held_out: Tokens, seed: int
) -> tuple[Interval, Interval] | None:
    """c_v of the topics on the new documents with its bootstrap interval, and on held-out documents, as many.

    Words that are seen together by chance are rarer the fewer documents there are, so coherence falls with their
    number alone: the larger side is measured on `DRAWS` samples of the size of the smaller one, its value is their
    mean and its interval holds 95 % of them. None where on one side no topic has two words that occur.

    Args:
        topics: the words of each topic, best first; a word is one or more tokens joined by blanks.
        new: of the new documents, stop words gone.
        held_out: of documents that the model was not fitted on.
        seed: of the draws.
    """
    size = min(len(new), len(held_out))
    if not size:
        return None
    now, then = (_measured(topics, tokens, size, seed) for tokens in (new, held_out))
    return None if np.isnan(now.value) or np.isnan(then.value) else (now, then)


def _measured(topics: Sequence[Sequence[str]], tokens: Tokens, size: int, seed: int) -> Interval:
    counts, placed = _counted(topics, tokens)
    if counts.documents == size:
        return measure_globally(counts, placed, seed).c_v
    layout = lay_out(counts, placed)
    values = mean_of_known(c_v_of(resampled(counts.wide, layout, _draws(counts.documents, size, seed)), layout))
    known = values[~np.isnan(values)]
    if not len(known):
        return Interval(float("nan"), float("nan"), float("nan"))
    low, high = np.quantile(known, (0.025, 0.975))
    return Interval(float(known.mean()), float(low), float(high))


def _counted(topics: Sequence[Sequence[str]], tokens: Tokens) -> tuple[Counts, list[list[int]]]:
    """The counts of all words, and the topics as indices into them. A word that these documents lack never occurs."""
    words = list(dict.fromkeys(word for topic in topics for word in topic))
    vocabulary = {word: at for at, word in enumerate(tokens.words)}
    for part in (part for word in words for part in word.split()):
        vocabulary.setdefault(part, len(vocabulary))
    grams = [tuple(vocabulary[part] for part in word.split()) for word in words]
    place = {word: at for at, word in enumerate(words)}
    placed = [[place[word] for word in topic] for topic in topics]
    return count(Tokens(tuple(vocabulary), tokens.ids, tokens.offsets), grams, placed), placed


def _draws(documents: int, size: int, seed: int) -> Doubles:
    """(DRAWS, documents): 1 for each of the `size` documents drawn, none twice."""
    order = np.random.default_rng(seed).random((DRAWS, documents)).argpartition(size - 1, axis=1)[:, :size]
    weights = np.zeros((DRAWS, documents))
    np.put_along_axis(weights, order, 1.0, axis=1)
    return weights
