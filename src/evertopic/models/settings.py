"""What one trial of the search is made of: an embedding in few dimensions, a clustering on it, words."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveInt

Share = Annotated[float, Field(gt=0, le=1)]


class UmapSettings(BaseModel):
    """One UMAP embedding of the fitted documents (cosine metric on unit vectors)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n_neighbors: Annotated[int, Field(ge=2)] = 15
    n_components: PositiveInt = 5
    min_dist: NonNegativeFloat = 0.0
    seed: int = 42


class HdbscanSettings(BaseModel):
    """One HDBSCAN clustering of an embedding. `min_samples` None means the same as `min_cluster_size`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_cluster_size: Annotated[int, Field(ge=2)]
    min_samples: PositiveInt | None = None
    cluster_selection_method: Literal["eom", "leaf"] = "eom"


class WordSettings(BaseModel):
    """Which terms may describe a topic, and how many are shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_topic: PositiveInt = 10
    longest: Annotated[int, Field(ge=1, le=3)] = 2
    """Tokens in the longest term: 1 words, 2 also pairs, 3 also triples."""
    min_df: PositiveInt | None = None
    """Fitted documents a term must occur in; None follows the corpus (see `default_min_df`)."""
    max_df: Share = 0.5
    """Share of fitted documents a term may occur in."""


def default_min_df(documents: int) -> int:
    """Documents a term must occur in when the config leaves it open: 2, and 5 from 1,000 documents on.

    >>> default_min_df(240), default_min_df(2_225)
    (2, 5)
    """
    return 2 if documents < 1_000 else 5
