"""Which documents a training takes: a sliding window, and a few older ones of each topic, so that none is forgotten."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt

from evertopic.digests import digest_text
from evertopic.records import Integers, Times


class TrainingRule(BaseModel):
    """What a training is made of. By default of all documents there are, and of all texts that were asked about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window_days: PositiveInt | None = None
    """Documents of so many days up to the newest one; None: of any age."""
    window_documents: PositiveInt | None = None
    """The newest so many documents; None: any number."""
    reservoir: NonNegativeInt = 20
    """Of every topic of the champion at least so many documents, older ones where the window has fewer."""
    served: bool = True
    """Whether texts that the API and batches were asked about join in, where the log keeps them in full."""

    @property
    def windowed(self) -> bool:
        """True where some documents may be left out."""
        return self.window_days is not None or self.window_documents is not None


def select(times: Times, ids: Sequence[str], topics: Integers, rule: TrainingRule, seed: int) -> NDArray[np.bool_]:
    """Which of n documents a training takes, bool (n,). The same documents give the same choice, in any order.

    The window is counted back from the newest document, not from today: the same documents are the same training
    tomorrow. Among the older documents of a topic the reservoir is drawn by a lot that each document keeps for ever,
    so that a topic that has gone quiet keeps the same documents from one training to the next.

    Args:
        times: (n,) when each document is from; of equal ones the larger id is the newer. NaT is older than any.
        ids: (n,) distinct.
        topics: (n,) of the champion, -1 where it assigns none or nobody knows; those are kept by the window alone.
        rule: how long the window is, and how large the reservoir.
        seed: of the lots.
    """
    taken = _window(times, ids, rule)
    if taken.all():
        return taken
    lots = np.array([digest_text(f"{seed} {own}") for own in ids])
    for topic in np.unique(topics[(topics >= 0) & ~taken]):
        older = np.flatnonzero((topics == topic) & ~taken)
        wanted = max(0, rule.reservoir - int((taken & (topics == topic)).sum()))
        taken[older[np.argsort(lots[older])][:wanted]] = True
    return taken


def _window(times: Times, ids: Sequence[str], rule: TrainingRule) -> NDArray[np.bool_]:
    taken = np.ones(len(ids), np.bool_)
    known = ~np.isnat(times)
    if rule.window_days is not None and known.any():
        taken &= known & (times >= times[known].max() - np.timedelta64(rule.window_days, "D"))
    if rule.window_documents is not None and rule.window_documents < len(ids):
        when = np.where(known, times.astype("datetime64[s]").astype(np.int64), np.iinfo(np.int64).min)
        newest = np.lexsort((np.asarray(ids, dtype=str), when))[-rule.window_documents :]
        among = np.zeros(len(ids), np.bool_)
        among[newest] = True
        taken &= among
    return taken
