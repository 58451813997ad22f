"""How different the topics of one candidate are from one another, and how evenly they share the documents."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray


def diversity(topics: Sequence[Sequence[Hashable]]) -> float:
    """The share of distinct words among all top words, in (0, 1]: 1 when no two topics share one, 0 without words.

    >>> diversity([["cup", "goal"], ["bank", "goal"]])
    0.75

    Source: Dieng, Ruiz, Blei (2020), "Topic modeling in embedding spaces".
    """
    words = [word for topic in topics for word in topic]
    return len(set(words)) / len(words) if words else 0.0


def inverted_rbo(topics: Sequence[Sequence[Hashable]], persistence: float = 0.9) -> float:
    """One minus the mean rank-biased overlap of all pairs of topics, in [0, 1]: 0 = all the same, 1 = nothing shared.

    Overlap counts the more the higher the shared words rank. Topics are compared to the depth of the shortest; 1 for
    fewer than two topics.

    Raises:
        ValueError: persistence is not inside (0, 1).

    Source: Webber, Moffat, Zobel (2010), "A similarity measure for indefinite rankings", the extrapolated form.
    """
    if not 0.0 < persistence < 1.0:
        raise ValueError(f"persistence is {persistence}: it is the chance to look one rank further, inside (0, 1).")
    if len(topics) < 2:
        return 1.0
    depth = min(len(topic) for topic in topics)
    ranks = _ranks(topics, depth)
    first, second = np.triu_indices(len(topics), 1)
    total, shared = np.zeros(len(first)), np.zeros(len(first))
    for level in range(1, depth + 1):
        seen = (ranks < level).astype(np.float64)
        shared = (seen @ seen.T)[first, second] / level
        total += shared * persistence**level
    overlap = shared * persistence**depth + total * (1 - persistence) / persistence
    return float(1.0 - overlap.mean())


def balance(sizes: Sequence[int]) -> float:
    """The entropy of the topic sizes over its maximum log(k), in [0, 1]: 1 = all equally large, 0 for one topic.

    Empty topics count in k; 0 when all are empty or there are none.
    """
    counts = np.asarray(sizes, dtype=np.float64)
    if len(counts) < 2 or counts.sum() == 0:
        return 0.0
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum() / np.log(len(counts)))


def _ranks(topics: Sequence[Sequence[Hashable]], depth: int) -> NDArray[np.int64]:
    """(k, words) rank of each word in each topic, `depth` where it is not among the first."""
    column = {word: index for index, word in enumerate(dict.fromkeys(word for topic in topics for word in topic))}
    ranks = np.full((len(topics), len(column)), depth, dtype=np.int64)
    for row, topic in zip(ranks, topics, strict=True):
        row[[column[word] for word in topic[:depth]]] = np.arange(depth)
    return ranks
