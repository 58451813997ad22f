"""Which of the possible trials a search runs, grouped by the embedding they share."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from evertopic.models.settings import HdbscanSettings, UmapSettings
from evertopic.models.space import BertopicSpace


@dataclass(frozen=True, slots=True)
class LayoutPlan:
    """One embedding and all clusterings to try on it."""

    umap: UmapSettings
    clusterings: tuple[HdbscanSettings, ...]
    until: datetime | None = None
    """Not started later than this; None: always."""


class _Budgeted(BaseModel, ABC):
    """What both kinds of search share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: PositiveFloat | None = None
    """No further embedding is started after this time; what was tried by then is judged."""
    held_out: Annotated[float, Field(gt=0, le=0.5)] = 0.2
    """Share of the distinct documents no trial is fitted on; at most half."""
    fit_at_most: Annotated[int, Field(ge=40)] = 50_000
    finalists: PositiveInt = 3
    """The best candidates, whose stability is measured."""
    seeds: Annotated[int, Field(ge=1)] = 3
    """Further UMAP seeds each finalist is fitted with."""

    def plan(self, space: BertopicSpace, documents: int, seed: int, now: datetime) -> tuple[LayoutPlan, ...]:
        """The trials for that many fitted documents, in the order they run.

        The first embedding is always tried, however few the minutes: a search ends with something to judge.
        """
        every = [(umap, h) for umap in space.umap.all(seed) for h in space.hdbscan.all(documents)]
        first, *others = _grouped(self._pick(every, seed))
        until = now + timedelta(minutes=self.minutes) if self.minutes else None
        return (first, *(replace(plan, until=until) for plan in others))

    @abstractmethod
    def _pick(
        self, every: list[tuple[UmapSettings, HdbscanSettings]], seed: int
    ) -> list[tuple[UmapSettings, HdbscanSettings]]:
        """Those of all possible trials that are run, in their order."""


class GridSearch(_Budgeted):
    """Every combination in order; `trials` cuts the list short, evenly spread over it."""

    kind: Literal["grid"] = "grid"
    trials: PositiveInt | None = None

    def _pick(
        self,
        every: list[tuple[UmapSettings, HdbscanSettings]],
        seed: int,  # noqa: ARG002 - a grid leaves nothing to chance
    ) -> list[tuple[UmapSettings, HdbscanSettings]]:
        count = min(self.trials or len(every), len(every))
        return [every[at] for at in np.linspace(0, len(every) - 1, count).round().astype(int)]


class RandomSearch(_Budgeted):
    """`trials` combinations drawn without replacement (Bergstra & Bengio 2012, JMLR 13)."""

    kind: Literal["random"] = "random"
    trials: PositiveInt = 30

    def _pick(
        self, every: list[tuple[UmapSettings, HdbscanSettings]], seed: int
    ) -> list[tuple[UmapSettings, HdbscanSettings]]:
        drawn = np.random.default_rng(seed).permutation(len(every))[: self.trials]
        return [every[at] for at in np.sort(drawn)]


Search = Annotated[GridSearch | RandomSearch, Field(discriminator="kind")]


def _grouped(pairs: Iterable[tuple[UmapSettings, HdbscanSettings]]) -> tuple[LayoutPlan, ...]:
    by_layout: dict[UmapSettings, list[HdbscanSettings]] = {}
    for umap, hdbscan in pairs:
        by_layout.setdefault(umap, []).append(hdbscan)
    return tuple(LayoutPlan(umap, tuple(dict.fromkeys(settings))) for umap, settings in by_layout.items())
