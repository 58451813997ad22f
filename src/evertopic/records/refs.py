"""Refs travel between tasks: a key in the lake, a digest, counts. Never an array."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SnapshotRef:
    """A window of documents at rest in the lake: one Parquet file, one row a document, in a fixed order."""

    key: str
    digest: str
    documents: int


@dataclass(frozen=True, slots=True)
class VectorsRef:
    """Unit vectors at rest: a float32 (n, d) array whose row i is document i of the snapshot."""

    key: str
    digest: str
    documents: int
    width: int
    encoder: str
    """The encoder's fingerprint: weights, back-end and precision."""


@dataclass(frozen=True, slots=True)
class SpaceRef:
    """Everything the trials of one search share, computed once: split, neighbours, document-term counts."""

    key: str
    digest: str
    fitted: int
    """Documents the trials are fitted on."""
    held_out: int
    """Documents the trials are judged on; never seen by a fit."""


@dataclass(frozen=True, slots=True)
class LayoutRef:
    """One UMAP embedding of the fitted documents: a float32 (n, components) array."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class CandidateRef:
    """One fitted candidate: labels of the fitted documents and the top terms of each topic."""

    key: str
    digest: str
    kind: str
    topics: int


@dataclass(frozen=True, slots=True)
class GenerationRef:
    """One clustering in the lineage of its loop, with the permanent keys of its topics by topic."""

    number: int
    clustering: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BundleRef:
    """A model at rest: a folder in the lake with a manifest of the SHA-256 of each file."""

    key: str
    digest: str
    topics: int


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A registered version. `created` is False when the registry already held this very bundle."""

    name: str
    version: int
    aliases: tuple[str, ...]
    run_id: str
    model_uri: str
    digest: str
    created: bool
