"""Vectors: encoded once per text and encoder, then only looked up."""

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.digests import digest_of
from evertopic.embedding import Encodes, iter_encoded
from evertopic.records import Floats, SnapshotRef, VectorsRef
from evertopic.storage.vectors import VectorStore
from tasks.artefact import once
from tasks.job import Job
from tasks.progress import Progress


@task(task_run_name="embed {documents.documents} documents", cache_policy=NO_CACHE)
def embed_documents(job: Job, documents: SnapshotRef) -> VectorsRef:
    """The vectors of the documents, row for row; only texts never seen by this encoder are encoded.

    Each block of vectors is stored before the next is computed, so an interrupted run keeps what it has.

    Raises:
        Unavailable: the encoder's model is not to be had.
    """
    lake, encoder = job.lake(), job.config.embed
    fingerprint = encoder.fingerprint()
    digest = digest_of("vectors", documents.digest, fingerprint)

    def make(key: str) -> VectorsRef:
        frame = lake.read_frame(f"{documents.key}/documents.parquet", ["text", "text_digest"])
        vectors = encode_texts(job, encoder, frame["text"].tolist(), frame["text_digest"].tolist())
        lake.write_array(f"{key}/vectors.npy", vectors)
        return VectorsRef(key, digest, len(vectors), vectors.shape[1], fingerprint)

    return once(lake, f"vectors/{digest}", VectorsRef, make)


def encode_texts(job: Job, encoder: Encodes, texts: list[str], digests: list[str]) -> Floats:
    """Unit rows of the texts, float32 (n, d), from the vector store; those it lacks are encoded and kept there.

    Raises:
        Unavailable: the encoder's model is not to be had.
    """
    store, fingerprint = job.vectors(), encoder.fingerprint()
    _encode_unseen(store, encoder, fingerprint, texts, digests)
    return _all(store, fingerprint, digests)


def _encode_unseen(
    store: VectorStore, encoder: Encodes, fingerprint: str, texts: list[str], digests: list[str]
) -> None:
    seen, _ = store.lookup(fingerprint, digests)
    rows = np.flatnonzero(~seen)
    unseen = {digests[row]: texts[row] for row in rows}
    keys, progress, done = list(unseen), Progress("texts encoded"), 0
    for indices, vectors in iter_encoded(encoder, list(unseen.values())):
        store.add(fingerprint, [keys[index] for index in indices], vectors)
        done += len(indices)
        progress(done, len(keys))


def _all(store: VectorStore, fingerprint: str, digests: list[str]) -> Floats:
    seen, vectors = store.lookup(fingerprint, digests)
    if not seen.all():
        raise RuntimeError(f"{(~seen).sum()} of {len(digests)} vectors are missing right after they were stored.")
    return vectors
