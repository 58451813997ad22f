"""The chosen candidate becomes a model at rest."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import TypeAdapter

from evertopic.corpus.tokens import take
from evertopic.digests import digest_of, digest_of_code
from evertopic.models.assignment import assign
from evertopic.models.folder import write_bertopic
from evertopic.models.hierarchy import nearest_to_centroids, topic_linkage
from evertopic.models.layout import lay_out
from evertopic.models.neighbours import nearest_neighbours
from evertopic.models.settings import UmapSettings
from evertopic.prediction.bundle import BERTOPIC, Bundle, Meta, TopicMeta, write_bundle
from evertopic.prediction.evaluation import Candidate
from evertopic.records import BundleRef, Edit, GenerationRef, Offsets, SnapshotRef, SpaceRef, Topic, VectorsRef
from evertopic.storage.lake import Lake
from tasks.artefact import once
from tasks.choice import ChoiceRef, read_choice
from tasks.job import Job
from tasks.lineage import head_of
from tasks.samples import reference_of
from tasks.space import Space, read_space
from tasks.trials import read_candidate

REPRESENTATIVES = 5
MAP_NEIGHBOURS = 15
MAP_AT_MOST = 20_000


@task(task_run_name="build the model", cache_policy=NO_CACHE)
def build_model(
    job: Job, documents: SnapshotRef, vectors: VectorsRef, space: SpaceRef, choice: ChoiceRef, lineage: GenerationRef
) -> BundleRef:
    """The model folder: head, names, keys, held-out reference vectors, the BERTopic folder, the manifest.

    The same choice, settings, permanent keys and edits in force give the same folder, on any run.
    """
    config, lake = job.config, job.lake()
    code = [digest_of_code(room) for room in ("models", "labelling", "prediction")]
    # The encoder's own settings too: the same weights in another folder are another address to load them from.
    encoder = [vectors.encoder, config.embed.model_dump(mode="json", exclude={"batch_size"})]
    rules = [config.name, config.assignment, config.labelling, config.cleaning, config.rules, encoder]
    edits = _edits(job)
    said = TypeAdapter(tuple[Edit, ...]).dump_python(edits, mode="json")
    digest = digest_of("bundle", choice.digest, documents.digest, lineage.keys, rules, code, said)

    def make(key: str) -> BundleRef:
        shared = read_space(lake, space)
        candidate = read_candidate(lake, choice.candidate)
        bundle = _bundle(job, documents, lineage.keys, shared, candidate, vectors)
        with TemporaryDirectory() as temporary:
            folder = Path(temporary) / "bundle"
            fitted = take(shared.tokens, shared.fitted)
            names = [topic.name for topic in bundle.meta.topics]
            own, words = shared.vectors[shared.fitted], shared.terms.words
            write_bertopic(folder / BERTOPIC, fitted, own, candidate.labels, words, candidate.table, names)
            write_bundle(bundle, folder, edits)
            lake.write_folder(f"{key}/bundle", folder)
        # What the model in memory answers: every reloaded one is held against it.
        lake.write_array(f"{key}/answers.npy", assign(shared.vectors, bundle.head).topic)
        lake.write_json(f"{key}/keys.json", [topic.key for topic in bundle.meta.topics])
        _write_pictures(job, lake, key, shared, bundle)
        lake.write_record(f"{key}/topics.json", _topics(lake, documents, shared, candidate, bundle, choice))
        return BundleRef(key, digest, len(bundle.meta.topics))

    return once(lake, f"bundles/{digest}", BundleRef, make)


def _bundle(
    job: Job, documents: SnapshotRef, keys: tuple[str, ...], shared: Space, candidate: Candidate, vectors: VectorsRef
) -> Bundle:
    """The model in memory: centroids of the clusters, thresholds from the held-out documents."""
    config = job.config
    head = head_of(job, shared, candidate)
    sizes = np.bincount(assign(shared.vectors, head).topic + 1, minlength=len(keys) + 1)[1:]
    names, table = config.labelling.name(candidate.table), candidate.table
    topics = zip(keys, names, table.words, table.weights, sizes, strict=True)
    meta = Meta(
        loop=config.name,
        topics=tuple(TopicMeta(key=k, name=n, words=w, weights=x, documents=int(s)) for k, n, w, x, s in topics),
        temperature=head.temperature,
        cleaning=config.cleaning,
        rules=config.rules,
        encoder=config.embed,
        fingerprint=vectors.encoder,
    )
    return Bundle(meta=meta, head=head, reference=reference_of(job, documents, shared))


def _edits(job: Job) -> tuple[Edit, ...]:
    store = job.store()
    try:
        return store.edits.list(job.config.name)
    finally:
        store.close()


def _at_most(rows: Offsets, count: int, seed: int) -> Offsets:
    """All rows, or a sample of `count` of them in their order."""
    return rows if len(rows) <= count else np.sort(np.random.default_rng(seed).choice(rows, count, replace=False))


def _write_pictures(job: Job, lake: Lake, key: str, shared: Space, bundle: Bundle) -> None:
    """The map and the tree of topics, for people."""
    rows = _at_most(np.sort(np.concatenate([shared.fitted, shared.held])), MAP_AT_MOST, job.config.seed)
    own = shared.vectors[rows]
    indices, distances = nearest_neighbours(own, MAP_NEIGHBOURS)
    plane = UmapSettings(n_neighbors=MAP_NEIGHBOURS, n_components=2, min_dist=0.1, seed=job.config.seed)
    points = lay_out(own, indices, distances, plane)
    topic = assign(own, bundle.head).topic
    lake.write_arrays(f"{key}/map.npz", {"rows": rows, "points": points, "topic": topic})
    lake.write_array(f"{key}/linkage.npy", topic_linkage(bundle.head.weight))


def _topics(
    lake: Lake, documents: SnapshotRef, shared: Space, candidate: Candidate, bundle: Bundle, choice: ChoiceRef
) -> tuple[Topic, ...]:
    """The topics as people see them, with the fitted documents nearest to each centroid."""
    texts = lake.read_frame(f"{documents.key}/documents.parquet", ["text"])["text"]
    own = shared.vectors[shared.fitted]
    near = nearest_to_centroids(own, candidate.labels, bundle.head.weight, REPRESENTATIVES)
    quality = read_choice(lake, choice)[2].per_topic
    return tuple(
        Topic(t.key, t.name, t.words, t.weights, t.documents, tuple(texts.iloc[shared.fitted[row]] for row in rows), q)
        for t, rows, q in zip(bundle.meta.topics, near, quality, strict=True)
    )
