"""The baseline every search must beat: non-negative matrix factorisation of the term counts."""

import warnings

import numpy as np
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer

from evertopic.models.clustering import by_size
from evertopic.models.ctfidf import DEPTH, tellings
from evertopic.records import UNASSIGNED, Integers, Terms, TopicTable

ROUNDS = 200


def factorise(terms: Terms, topics: int, per_topic: int, seed: int) -> tuple[Integers, TopicTable]:
    """Labels (n,) of the fitted documents and their topics, largest first, by NMF on tf-idf.

    A document belongs to its largest component; one without any term is left out (-1). Components to which no
    document belongs are dropped, so there may be fewer topics than asked for; without any term there is none.

    Args:
        terms: the counts the search shares.
        topics: components asked for, cut to the documents and terms there are.
        per_topic: words shown of each topic.
        seed: of the start, which is otherwise deterministic (NNDSVD).
    """
    if not terms.counts.nnz:
        return np.full(terms.counts.shape[0], UNASSIGNED, np.int32), TopicTable((), (), (), ())
    weighted = TfidfTransformer(sublinear_tf=True).fit_transform(terms.counts.astype(np.float64))
    components = max(1, min(topics, *weighted.shape))
    model = NMF(components, init="nndsvd", random_state=seed, max_iter=ROUNDS, tol=1e-3)
    with warnings.catch_warnings():
        # A baseline may stop short of convergence; its words no longer change after a few dozen rounds.
        warnings.simplefilter("ignore", ConvergenceWarning)
        loadings = model.fit_transform(weighted)
    raw = np.where(loadings.max(axis=1) > 0, loadings.argmax(axis=1), UNASSIGNED).astype(np.int32)
    labels = by_size(raw)
    kept = _components_by_label(raw, labels)
    return labels, _table(model.components_[kept], labels, terms, per_topic)


def _components_by_label(raw: Integers, labels: Integers) -> list[int]:
    return [int(raw[np.argmax(labels == label)]) for label in range(int(labels.max(initial=-1)) + 1)]


def _table(components: np.ndarray, labels: Integers, terms: Terms, per_topic: int) -> TopicTable:
    tops = [_top(row, terms, per_topic) for row in components]
    return TopicTable(
        words=tuple(tuple(terms.words[term] for term in top) for top in tops),
        weights=tuple(tuple(float(w) for w in row[top]) for row, top in zip(components, tops, strict=True)),
        grams=tuple(tuple(terms.grams[term] for term in top) for top in tops),
        sizes=tuple(int(size) for size in np.bincount(labels[labels >= 0], minlength=len(components))),
    )


def _top(row: np.ndarray, terms: Terms, per_topic: int) -> np.ndarray:
    order = np.lexsort((np.arange(row.size), -row))[: int((row > 0).sum())][: per_topic * DEPTH]
    return order[tellings([terms.grams[term] for term in order], per_topic)]
