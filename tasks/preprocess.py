"""Cleaned documents: texts, tokens, features and the facts of the corpus."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.corpus.features import FEATURES_VERSION
from evertopic.corpus.preprocess import Preprocessed, preprocess
from evertopic.digests import digest_of, digest_of_code
from evertopic.records import CorpusFacts, SnapshotRef, Tokens
from evertopic.storage.lake import Lake
from tasks.artefact import once
from tasks.job import Job
from tasks.progress import Progress


@task(task_run_name="preprocess {snapshot.documents} documents", cache_policy=NO_CACHE)
def preprocess_documents(job: Job, snapshot: SnapshotRef) -> SnapshotRef:
    """The documents cleaned and tokenised, in the lake; their features in the store.

    Raises:
        NotEnoughDocuments: cleaning leaves nothing.
    """
    config, lake = job.config, job.lake()
    code = digest_of_code("corpus", "ftfy", "py3langid", "stop-words", "emoji")
    digest = digest_of("documents", snapshot.digest, config.cleaning, config.tokenizer, code)

    def make(key: str) -> SnapshotRef:
        raw = lake.read_frame(f"{snapshot.key}/documents.parquet")
        done = preprocess(raw, config.cleaning, config.tokenizer, Progress("documents cleaned"))
        _write(lake, key, done)
        _store_features(job, done)
        return SnapshotRef(key, digest, len(done.frame))

    return once(lake, f"documents/{digest}", SnapshotRef, make)


def read_tokens(lake: Lake, documents: SnapshotRef) -> Tokens:
    """The tokens of cleaned documents, in their order."""
    arrays = lake.read_arrays(f"{documents.key}/tokens.npz")
    return Tokens(tuple(lake.read_json(f"{documents.key}/words.json")), arrays["ids"], arrays["offsets"])


def read_facts(lake: Lake, documents: SnapshotRef) -> CorpusFacts:
    """What the cleaned documents look like."""
    return lake.read_record(f"{documents.key}/facts.json", CorpusFacts)


def _write(lake: Lake, key: str, done: Preprocessed) -> None:
    lake.write_frame(f"{key}/documents.parquet", done.frame)
    lake.write_arrays(f"{key}/tokens.npz", {"ids": done.tokens.ids, "offsets": done.tokens.offsets})
    lake.write_json(f"{key}/words.json", list(done.tokens.words))
    lake.write_record(f"{key}/facts.json", done.facts)


def _store_features(job: Job, done: Preprocessed) -> None:
    store = job.store()
    try:
        features = done.features.rename_axis("text_digest").reset_index()
        store.features.put(features, str(FEATURES_VERSION))
    finally:
        store.close()
