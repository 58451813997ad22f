"""Class-based TF-IDF: which terms set a topic apart, as one sparse sum per candidate."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from evertopic.records import Integers, Terms, TopicTable

DEPTH = 4
"""Terms looked at for each one shown, so that a topic full of phrases still fills its list."""


def describe(labels: Integers, terms: Terms, per_topic: int) -> TopicTable:
    """The topics of a clustering with their `per_topic` top terms, largest topic first.

    Weight of term t in topic c: (tf_tc / sum_t tf_tc) * log(1 + A / f_t), with A the mean number of terms a class has
    and f_t the count of t over all classes. Documents left out (-1) are a class of their own in A and f_t and get no
    row. Ties go to the alphabetically first term; a topic with fewer terms than `per_topic` shows those it has. A term
    whose tokens are all shown already ("bin laden" after "bin" and "laden") would say nothing new and is passed over.

    Source: Grootendorst 2022, BERTopic (arXiv:2203.05794), section 3.3; normalised per class as in its code.
    """
    k = int(labels.max(initial=-1)) + 1
    weights = _weights(class_counts(labels, terms.counts, k))[:k]
    sizes = np.bincount(labels[labels >= 0], minlength=k)
    tops = [_top(weights, topic, terms, per_topic) for topic in range(k)]
    return TopicTable(
        words=tuple(tuple(terms.words[term] for term in ids) for ids, _ in tops),
        weights=tuple(tuple(float(weight) for weight in values) for _, values in tops),
        grams=tuple(tuple(terms.grams[term] for term in ids) for ids, _ in tops),
        sizes=tuple(int(size) for size in sizes),
    )


def class_counts(labels: Integers, counts: csr_array, k: int) -> csr_array:
    """How often each class uses each term: (k + 1, v), the last row for the documents left out."""
    n = len(labels)
    rows = np.where(labels < 0, k, labels)
    member = csr_array((np.ones(n, np.float64), (rows, np.arange(n))), shape=(k + 1, n))
    return csr_array(member @ counts)


def _weights(counts: csr_array) -> csr_array:
    used = np.asarray(counts.sum(axis=1)).ravel()
    classes = int((used > 0).sum())
    frequency = np.asarray(counts.sum(axis=0)).ravel()
    idf = np.log1p(used.sum() / max(classes, 1) / np.maximum(frequency, 1))
    weights = counts.copy()
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    weights.data = counts.data / used[rows] * idf[counts.indices]
    return weights


def _top(weights: csr_array, topic: int, terms: Terms, count: int) -> tuple[list[int], list[float]]:
    row = slice(weights.indptr[topic], weights.indptr[topic + 1])
    ids, values = weights.indices[row], weights.data[row]
    order = np.lexsort((ids, -values))
    kept = tellings([terms.grams[term] for term in ids[order[: count * DEPTH]]], count)
    return ids[order[kept]].tolist(), values[order[kept]].tolist()


def tellings(grams: Sequence[tuple[int, ...]], count: int) -> list[int]:
    """Places of the first `count` terms that each bring a token no earlier one has shown.

    >>> tellings([(4,), (7,), (4, 7), (7, 9)], 3)
    [0, 1, 3]
    """
    shown: set[int] = set()
    kept: list[int] = []
    for place, gram in enumerate(grams):
        if not shown.issuperset(gram):
            kept.append(place)
            shown.update(gram)
        if len(kept) == count:
            break
    return kept
