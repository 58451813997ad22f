"""Which documents a search fits and which it is judged on."""

import numpy as np
from numpy.typing import NDArray

from evertopic.errors import NotEnoughDocuments
from evertopic.records import Offsets, Times

LEAST = 40
"""Distinct documents below which neither a clustering nor a held-out measure says anything."""
LEAST_FITTED = LEAST // 2
MOST_HELD = 20_000
"""Held-out documents; more would sharpen no interval that matters and take their time in every measure."""


def hold_out(unique: NDArray[np.bool_], times: Times, share: float, at_most: int, seed: int) -> tuple[Offsets, Offsets]:
    """Rows to fit and rows to hold out, each sorted, from the first occurrence of each distinct text.

    Where every document has a timestamp the held-out ones are spread evenly over time; else they are a random share.
    Not the latest: a retraining for a new subject would hold out the very documents it is there to learn. Copies are
    in neither, so no text is on both sides.

    Args:
        unique: (n,) true for the first occurrence of a text.
        times: (n,) NaT where unknown.
        share: of the distinct documents to hold out; more than MOST_HELD are sampled.
        at_most: fitted documents; more are sampled (each as likely as any other).
        seed: of the random choices.

    Raises:
        NotEnoughDocuments: fewer than LEAST distinct documents, or fewer than LEAST_FITTED of them left to fit.
    """
    rows = np.flatnonzero(unique)
    if len(rows) < LEAST:
        raise NotEnoughDocuments(
            f"A search needs at least {LEAST} distinct documents, so that some can be held out to judge it; "
            f"there are {len(rows)}: add documents or widen the window."
        )
    random = np.random.default_rng(seed)
    held = max(1, round(share * len(rows)))
    if len(rows) - held < LEAST_FITTED:
        raise NotEnoughDocuments(
            f"Holding out {held} of {len(rows)} distinct documents leaves {len(rows) - held} to fit, "
            f"expected at least {LEAST_FITTED}: lower search.held_out or add documents."
        )
    if np.isnat(times[rows]).any():
        order = random.permutation(rows)
        fitted, out = order[:-held], order[-held:]
    else:
        order = rows[np.lexsort((random.permutation(len(rows)), times[rows]))]
        # One of each stretch of time.
        edges = np.linspace(0, len(rows), held + 1).round().astype(np.int64)
        drawn = edges[:-1] + (random.random(held) * np.diff(edges)).astype(np.int64)
        fitted, out = np.delete(order, drawn), order[drawn]
    return _at_most(fitted, at_most, random), _at_most(out, MOST_HELD, random)


def _at_most(rows: Offsets, count: int, random: np.random.Generator) -> Offsets:
    return np.sort(rows if len(rows) <= count else random.choice(rows, count, replace=False))
