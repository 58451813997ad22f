"""Events that are planted: a label withheld, introduced, joined with another, or divided."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.cluster import KMeans

from benchmarks.lineages import Lineage
from benchmarks.measure import timed
from benchmarks.rolling import SENTENCES, Field, Made, made_of
from evertopic.identity.alignment import align
from evertopic.identity.profile import Profile
from evertopic.records import Floats, Integers, Offsets

DRAWS = 20
"""Of each corpus: two models on halves that share no document, the second with events planted."""
KINDS = ("kept", "born", "retired", "merged", "split", "revived")
GENERATIONS, TOPICS, WIDTH, ANCHORS, WORDS = 50, 200, 384, 6_000, 20_000


def planted_events(fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Precision and recall of each kind of event, clusters given by the labels."""
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for field in fields:
        for draw in range(DRAWS):
            truth, said = _draw(field, np.random.default_rng(1_000 + draw))
            planted += Counter(kind for kind, _ in truth)
            found += Counter(kind for kind, _ in said)
            right += Counter(kind for kind, _ in truth & said)
    return [
        {
            "event": kind,
            "planted": planted[kind],
            "found": found[kind],
            "precision": round(right[kind] / max(found[kind], 1), 3),
            "recall": round(right[kind] / max(planted[kind], 1), 3),
        }
        for kind in KINDS
    ]


def _draw(field: Field, random: np.random.Generator) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """What was planted, and what the alignment says: (kind, label) pairs."""
    every = sorted(set(field.labels))
    gone, new, joined, host, divided, *others = random.permutation(every).tolist()
    back = others[0] if others else None
    thirds = np.array_split(random.permutation(len(field.labels)), 3)
    lineage, names = Lineage(field), {}
    for rows, missing in zip(thirds[:2], ({new}, {new, back}), strict=True):
        made, classes = _model(field, rows, {label: label for label in every if label not in missing})
        lineage.add(made)
        # Which of two that are joined goes on is nobody's to say: both count as one.
        names |= {key: host if label == joined else label for key, label in zip(lineage.keys[-1], classes, strict=True)}
    after = {label: label for label in every if label != gone} | {joined: host}
    made, classes = _model(field, thirds[2], after, divided)
    alignment = lineage.add(made)
    said = {
        (one.kind, names[one.key] if one.key else names[str(one.other)] if one.kind == "split" else label)
        for one, label in zip(alignment.topics, classes, strict=True)
    }
    said |= {(one.kind, names[one.key]) for one in alignment.gone}
    truth = {("kept", label) for label in every if label not in {gone, new, back, joined}}
    truth |= {("retired", gone), ("born", new), ("merged", host), ("split", divided)}
    return truth | ({("revived", back)} if back else set()), said


def _model(
    field: Field, rows: Offsets, classes: Mapping[str, str], divided: str | None = None
) -> tuple[Made, tuple[str, ...]]:
    """A model whose clusters are these classes of labels, and their names; `divided` falls into two by k-means."""
    rows = np.sort([row for row in rows if field.labels[row] in classes])
    names = sorted(set(classes.values()))
    labels = np.array([names.index(classes[field.labels[row]]) for row in rows], np.int32)
    if divided is not None:
        own = np.flatnonzero(labels == names.index(divided))
        halves = KMeans(2, n_init=4, random_state=0).fit_predict(field.vectors[SENTENCES][rows[own]])
        labels[own[halves == 1]] = len(names)
        names = [*names, divided]
    return made_of(field, rows, SENTENCES, labels), tuple(names)


def cost_of_alignment() -> dict[str, float]:
    """CPU seconds to align 200 topics with 50 generations of 200."""
    random = np.random.default_rng(0)
    lineage = [
        _invented(random, tuple(f"t{at * TOPICS + topic}" for topic in range(TOPICS))) for at in range(GENERATIONS)
    ]
    cost = timed(align, _invented(random, ()), lineage)
    return {"generations": GENERATIONS, "topics": TOPICS, "cpu_s": cost.cpu_s, "wall_s": cost.wall_s}


def _invented(random: np.random.Generator, keys: tuple[str, ...]) -> Profile:
    centroids: Floats = random.normal(size=(TOPICS, WIDTH)).astype(np.float32)
    words = tuple(tuple(f"w{word}" for word in random.integers(0, WORDS, 10)) for _ in range(TOPICS))
    weights = tuple(tuple(sorted(random.random(10).tolist(), reverse=True)) for _ in range(TOPICS))
    anchors: Integers = random.integers(-1, TOPICS, ANCHORS).astype(np.int32)
    return Profile(keys, "e", centroids / np.linalg.norm(centroids, axis=1, keepdims=True), words, weights, anchors)
