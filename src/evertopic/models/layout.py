"""UMAP embeddings on neighbours that were computed once."""

import warnings
from functools import cache

import numpy as np

from evertopic.errors import NotEnoughDocuments
from evertopic.models.settings import UmapSettings
from evertopic.records import Floats, Integers


def lay_out(vectors: Floats, indices: Integers, distances: Floats, settings: UmapSettings) -> Floats:
    """The documents in few dimensions: float32 (n, n_components), the same for the same seed and machine.

    Args:
        vectors: unit rows, float32 (n, d).
        indices: nearest neighbours (n, k), the document itself first; k is at least `settings.n_neighbors`, or n.
        distances: their cosine distances (n, k).
        settings: n_neighbors is cut to the neighbours there are, and to n - 1.

    Raises:
        NotEnoughDocuments: UMAP's spectral start needs more documents than components.
    """
    from umap import UMAP

    if len(vectors) < settings.n_components + 2:
        raise NotEnoughDocuments(
            f"An embedding in {settings.n_components} dimensions needs at least {settings.n_components + 2} documents, "
            f"there are {len(vectors)}: add documents or lower model.umap.n_components."
        )
    _keep_compiled()
    k = min(settings.n_neighbors, indices.shape[1], len(vectors) - 1)
    reducer = UMAP(
        n_neighbors=k,
        n_components=settings.n_components,
        min_dist=settings.min_dist,
        metric="cosine",
        random_state=settings.seed,
        n_jobs=1,
        precomputed_knn=(indices[:, :k], distances[:, :k]),
        force_approximation_algorithm=True,
    )
    with warnings.catch_warnings():
        # Two notes of UMAP on how to *transform* new documents with given neighbours; we never do, and on graphs in
        # several pieces, for which it takes a start of its own.
        warnings.filterwarnings("ignore", message=r"precomputed_knn\[2\]", category=UserWarning)
        warnings.filterwarnings("ignore", message="Graph is not fully connected", category=UserWarning)
        warnings.filterwarnings("ignore", message="Spectral initialisation failed", category=UserWarning)
        warnings.filterwarnings("ignore", message="n_jobs value", category=UserWarning)
        return np.ascontiguousarray(reducer.fit_transform(vectors), np.float32)


@cache
def _keep_compiled() -> None:
    """Let numba keep on disk what it compiles for UMAP, as pynndescent does: 0.2 s in each process instead of 4.5.

    The cache lies beside the package, or where NUMBA_CACHE_DIR says, and follows the package's files. Only the
    sequential optimiser is kept: numba does not tell it from the parallel one on disk.
    """
    from umap import layouts, umap_

    sequential = layouts._nb_optimize_layout_euclidean_single_epoch
    for function in (umap_.smooth_knn_dist, umap_.compute_membership_strengths, sequential):
        function.enable_caching()
