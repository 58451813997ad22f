"""The settings a search may try. Whatever the config leaves open follows the size of the corpus."""

from itertools import product
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveInt

from evertopic.models.settings import HdbscanSettings, UmapSettings, WordSettings

SIZES = 8
Neighbours = Annotated[int, Field(ge=2)]
ClusterSize = Annotated[int, Field(ge=2)]


class UmapSpace(BaseModel):
    """UMAP settings to try; every combination is one embedding, computed once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n_neighbors: Annotated[tuple[Neighbours, ...], Field(min_length=1)] = (15,)
    n_components: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] = (5,)
    min_dist: NonNegativeFloat = 0.0
    seeds: Annotated[int, Field(ge=1, le=20)] = 3
    """Embeddings of each combination that differ in chance alone; they differ as much as settings do."""

    def all(self, seed: int) -> tuple[UmapSettings, ...]:
        """Every combination under `seeds` seeds from `seed` on: all combinations of one seed, then of the next."""
        return tuple(
            UmapSettings(n_neighbors=n, n_components=c, min_dist=self.min_dist, seed=seed + step)
            for step, n, c in product(range(self.seeds), self.n_neighbors, self.n_components)
        )


class HdbscanSpace(BaseModel):
    """HDBSCAN settings to try on every embedding."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_cluster_size: Annotated[tuple[ClusterSize, ...], Field(min_length=1)] | None = None
    """None: eight sizes that follow the corpus, see `default_sizes`."""
    min_samples: Annotated[tuple[PositiveInt | None, ...], Field(min_length=1)] = (None, 5)
    cluster_selection_method: Annotated[tuple[Literal["eom", "leaf"], ...], Field(min_length=1)] = ("eom",)

    def all(self, documents: int) -> tuple[HdbscanSettings, ...]:
        """Every combination for that many fitted documents, small clusters first."""
        sizes = self.min_cluster_size or default_sizes(documents)
        return tuple(
            HdbscanSettings(min_cluster_size=size, min_samples=samples, cluster_selection_method=method)
            for size, samples, method in product(sizes, self.min_samples, self.cluster_selection_method)
        )


class BertopicSpace(BaseModel):
    """The topic models a search chooses from: UMAP, then HDBSCAN, then class-based TF-IDF."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["bertopic"] = "bertopic"
    umap: UmapSpace = UmapSpace()
    hdbscan: HdbscanSpace = HdbscanSpace()
    words: WordSettings = WordSettings()


def default_sizes(documents: int) -> tuple[int, ...]:
    """Cluster sizes worth trying for a corpus: up to eight, evenly spaced in ratio, about a third of to one root of n.

    >>> default_sizes(240)
    (5, 6, 7, 8, 10, 11, 13, 15)
    >>> default_sizes(10)
    (3,)
    """
    root = np.sqrt(documents)
    low, high = max(3.0, root / 3), max(3.0, root)
    return tuple(sorted({int(size) for size in np.rint(np.geomspace(low, high, SIZES)).astype(int)}))
