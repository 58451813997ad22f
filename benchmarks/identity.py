"""Do topics keep their keys? Planted truth over rolling retrainings, planted events, and what an alignment costs.

python -m benchmarks.identity [--rounds N]
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.corpora import bbc_news, newsgroups
from benchmarks.lineages import Keys, by_centroids, by_merge_models, by_number, by_words, ours
from benchmarks.measure import keep, show
from benchmarks.planted import cost_of_alignment, planted_events
from benchmarks.rolling import LATENT, SENTENCES, Field, Made, field_of, rolled
from benchmarks.stages import one_thread

GENERATIONS = 5
OVERLAPS = (0.0, 0.5, 0.8)
SMALLEST = {"bbc_news_raw": (15, 25), "20newsgroups": (22, 35)}
"""Of a cluster: as a rule, and where the setting changes."""
KEPT, WRONG = 0.95, 0.02
WAYS = {
    "evertopic": ours,
    "topic number": by_number,
    "words, Jaccard 0.1": by_words(0.1),
    "words, Jaccard 0.3": by_words(0.3),
    "centroids, cosine 0.5": by_centroids(0.5),
    "centroids, cosine 0.7": by_centroids(0.7),
    "BERTopic.merge_models": by_merge_models,
}
"""Those written by hand at their usual cut, and at the one that is best on these corpora."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the keys of one series of models."""

    survivors: int
    """Topics of a label that both this model and the one before have: the smaller of the two numbers, each label."""
    kept: int
    """Of them, those that have a key of that label."""
    carried: int
    """Topics of a label that got an old key of a label."""
    wrong: int
    """Of them, those whose key was of another label."""
    twice: int
    """Topics that share their key with another one of the same model."""

    def __sub__(self, other: "Judged") -> "Judged":
        return Judged(*(getattr(self, name) - getattr(other, name) for name in self.__slots__))

    def __add__(self, other: "Judged") -> "Judged":
        return Judged(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


NOTHING = Judged(0, 0, 0, 0, 0)


def main() -> None:
    """Measure, print the tables, write benchmarks/results/identity.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="orders of each corpus, drawn by chance")
    rounds = parser.parse_args().rounds
    one_thread()
    fields = [field_of(corpus, seed) for corpus in (bbc_news(), newsgroups()) for seed in range(rounds)]
    rows = [row for field in fields for row in _series(field)]
    _tell(rows)
    events = planted_events(fields)
    show("Planted events", ["event", "planted", "found", "precision", "recall"], [list(one.values()) for one in events])
    cost = cost_of_alignment()
    print(f"200 topics against {cost['generations']} generations of 200: {cost['cpu_s']:.1f} CPU s.")
    total = _total(rows, "evertopic")
    met = total.kept >= KEPT * total.survivors and total.wrong <= WRONG * total.carried and not total.twice
    facts = {
        "rows": [{**row, **{what: _facts(row[what]) for what in ("judged", "step")}} for row in rows],
        "events": events,
        "cost": cost,
    }
    print(f"Written to {keep('identity', {**facts, 'goal': {'kept': KEPT, 'wrong': WRONG}, 'met': met})}")


def _series(field: Field) -> Iterator[dict[str, Any]]:
    """One row for each overlap, variation and way."""
    usual, other = SMALLEST[field.corpus.name]
    for overlap in OVERLAPS:
        for variation, smallest, encoders in (
            ("other seeds", [usual] * GENERATIONS, [SENTENCES] * GENERATIONS),
            ("other cluster sizes", [usual, other, usual, other, usual], [SENTENCES] * GENERATIONS),
            ("another encoder", [usual] * GENERATIONS, [SENTENCES] * 3 + [LATENT] * 2),
        ):
            models = rolled(field, overlap, smallest, encoders)
            for way, carry in WAYS.items():
                keys = carry(field, models)
                facts = {"corpus": field.corpus.name, "overlap": overlap, "variation": variation, "way": way}
                if keys is not None:
                    yield {
                        **facts,
                        "topics": [made.topics for made in models],
                        "judged": judged(models, keys),
                        "step": _step(models, keys),
                    }


def _step(models: Sequence[Made], keys: Keys) -> Judged:
    """The one step from an encoder to another; nothing where there is none."""
    at = next((at for at in range(1, len(models)) if models[at].encoder != models[at - 1].encoder), None)
    if at is None:
        return NOTHING
    # Keys may come back from any model before.
    return judged(models[: at + 1], keys[: at + 1]) - judged(models[:at], keys[:at])


def judged(models: Sequence[Made], keys: Keys) -> Judged:
    """The keys against the labels, over all models of a series."""
    known: dict[str, str | None] = dict(zip(keys[0], models[0].about, strict=True))
    total = NOTHING
    for old, new, own in zip(models, models[1:], keys[1:], strict=False):
        survivors = kept = 0
        for label in {label for label in new.about if label} & {label for label in old.about if label}:
            count = min(old.about.count(label), new.about.count(label))
            right = {
                key for key, about in zip(own, new.about, strict=True) if about == label and known.get(key) == label
            }
            survivors, kept = survivors + count, kept + min(count, len(right))
        pairs = [(known[key], about) for key, about in zip(own, new.about, strict=True) if known.get(key) and about]
        wrong = sum(before != now for before, now in pairs)
        total += Judged(survivors, kept, len(pairs), wrong, len(own) - len(set(own)))
        known |= zip(own, new.about, strict=True)
    return total


def _tell(rows: Sequence[dict[str, Any]]) -> None:
    columns = ["way", "survivors", "kept", "carried", "wrong", "shared keys"]
    show("All series", columns, [[way, *_shares(_total(rows, way))] for way in WAYS])
    for name in ("corpus", "overlap", "variation"):
        values = dict.fromkeys(row[name] for row in rows)
        parts = [(value, _total([row for row in rows if row[name] == value], "evertopic")) for value in values]
        if name == "variation":
            parts.append(("the step to another encoder", _total(rows, "evertopic", "step")))
        show(f"evertopic by {name}", columns, [[str(value), *_shares(part)] for value, part in parts])


def _total(rows: Sequence[dict[str, Any]], way: str, what: str = "judged") -> Judged:
    return sum((row[what] for row in rows if row["way"] == way), NOTHING)


def _shares(total: Judged) -> list[str]:
    return [
        str(total.survivors),
        f"{total.kept / total.survivors:.1%}",
        str(total.carried),
        f"{total.wrong / max(total.carried, 1):.1%}",
        str(total.twice),
    ]


def _facts(total: Judged) -> dict[str, int]:
    return {name: getattr(total, name) for name in Judged.__slots__}


if __name__ == "__main__":
    main()
