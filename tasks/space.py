"""What all trials of a search share, computed once."""

from dataclasses import dataclass

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.corpus.terms import count_terms
from evertopic.corpus.tokens import take
from evertopic.digests import digest_of, digest_of_code
from evertopic.errors import NotEnoughDocuments
from evertopic.models.neighbours import nearest_among, nearest_neighbours
from evertopic.models.settings import default_min_df
from evertopic.models.split import hold_out
from evertopic.prediction.evaluation import NEIGHBOURS, Ground
from evertopic.records import Floats, Offsets, SnapshotRef, SpaceRef, Terms, Tokens, VectorsRef
from evertopic.storage.lake import Lake
from tasks.artefact import once
from tasks.job import Job
from tasks.preprocess import read_tokens

CODE = ("umap-learn", "hdbscan", "numba", "scikit-learn", "scipy", "numpy")


@dataclass(frozen=True, slots=True)
class Space:
    """The shared computations, back from the lake."""

    fitted: Offsets
    """Rows of the snapshot the trials are fitted on (f,)."""
    held: Offsets
    """Rows held out (h,)."""
    vectors: Floats
    """Of all documents (n, d)."""
    tokens: Tokens
    """Of all documents."""
    terms: Terms
    """Of the fitted documents."""


@task(task_run_name="compute what all trials share", cache_policy=NO_CACHE)
def prepare_search(job: Job, documents: SnapshotRef, vectors: VectorsRef) -> SpaceRef:
    """The split into fitted and held-out documents, the nearest neighbours of both, the counts of all terms.

    Raises:
        NotEnoughDocuments: too few distinct documents to fit and judge anything, or they share no word.
    """
    config, lake = job.config, job.lake()
    most = max(config.model.umap.n_neighbors)
    shared = [config.search.held_out, config.search.fit_at_most, config.seed, most, NEIGHBOURS, config.model.words]
    digest = digest_of("space", documents.digest, vectors.digest, shared, digest_of_code("models", *CODE))

    def make(key: str) -> SpaceRef:
        frame = lake.read_frame(f"{documents.key}/documents.parquet", ["duplicate_of", "timestamp"])
        rows = hold_out(
            frame["duplicate_of"].isna().to_numpy(),
            frame["timestamp"].to_numpy("datetime64[s]"),
            config.search.held_out,
            config.search.fit_at_most,
            config.seed,
        )
        _write_shared(job, lake, key, documents, np.asarray(lake.read_array(f"{vectors.key}/vectors.npy")), *rows)
        lake.write_json(f"{key}/from.json", {"documents": documents.key, "vectors": vectors.key})
        return SpaceRef(key, digest, len(rows[0]), len(rows[1]))

    return once(lake, f"spaces/{digest}", SpaceRef, make)


def read_space(lake: Lake, space: SpaceRef) -> Space:
    """The shared computations at rest under `space`."""
    origin = lake.read_json(f"{space.key}/from.json")
    split = lake.read_arrays(f"{space.key}/split.npz")
    documents = lake.read_record(f"{origin['documents']}/ref.json", SnapshotRef)
    vocabulary = lake.read_json(f"{space.key}/vocabulary.json")
    return Space(
        fitted=split["fitted"],
        held=split["held"],
        vectors=lake.read_array(f"{origin['vectors']}/vectors.npy"),
        tokens=read_tokens(lake, documents),
        terms=Terms(
            tuple(vocabulary["words"]),
            tuple(tuple(gram) for gram in vocabulary["grams"]),
            lake.read_sparse(f"{space.key}/counts.npz"),
        ),
    )


def read_ground(job: Job, lake: Lake, ref: SpaceRef, space: Space) -> Ground:
    """What the candidates of the search are judged on."""
    return ground_of(lake, ref, space, job.config.assignment.unassigned, job.config.seed)


def ground_of(lake: Lake, ref: SpaceRef, space: Space, budget: float, seed: int) -> Ground:
    """What candidates are judged on, with the outlier budget and the seed given."""
    origin = lake.read_json(f"{ref.key}/from.json")
    labels = lake.read_frame(f"{origin['documents']}/documents.parquet", ["label"])["label"].iloc[space.held]
    known = tuple(None if label != label else label for label in labels)  # noqa: PLR0124 - nan is not itself
    return Ground(
        fitted=space.vectors[space.fitted],
        held=space.vectors[space.held],
        neighbours=lake.read_array(f"{ref.key}/held_neighbours.npy"),
        tokens=take(space.tokens, space.held),
        labels=known if any(label is not None for label in known) else (),
        budget=budget,
        seed=seed,
    )


def _write_shared(
    job: Job, lake: Lake, key: str, documents: SnapshotRef, vectors: Floats, fitted: Offsets, held: Offsets
) -> None:
    words = job.config.model.words
    own = vectors[fitted]
    indices, distances = nearest_neighbours(own, max(job.config.model.umap.n_neighbors))
    near, _ = nearest_among(vectors[held], own, min(NEIGHBOURS, len(own)))
    min_df = words.min_df or default_min_df(len(fitted))
    terms = count_terms(take(read_tokens(lake, documents), fitted), words.longest, min_df, words.max_df)
    if not terms.words:
        raise NotEnoughDocuments(
            f"The {len(fitted)} documents share no word that at least {min_df} and at most {words.max_df:.0%} of them "
            "use, so no topic could be described: add documents, or change model.words.min_df and max_df."
        )
    lake.write_arrays(f"{key}/split.npz", {"fitted": fitted, "held": held})
    lake.write_arrays(f"{key}/neighbours.npz", {"indices": indices, "distances": distances})
    lake.write_array(f"{key}/held_neighbours.npy", near)
    lake.write_sparse(f"{key}/counts.npz", terms.counts)
    lake.write_json(f"{key}/vocabulary.json", {"words": list(terms.words), "grams": [list(g) for g in terms.grams]})
