"""The main walk: from a source of texts to a registered, explained model."""

from prefect import flow

from evertopic.records import ModelVersion
from flows.search import search
from tasks.announce import announce_training
from tasks.build import build_model
from tasks.embed import embed_documents
from tasks.ingest import ingest_documents, take_snapshot
from tasks.job import read_job
from tasks.lineage import align_topics
from tasks.parity import check_parity
from tasks.preprocess import preprocess_documents
from tasks.register import register_model
from tasks.release import compare_release
from tasks.report import gather, write_report
from tasks.runner import runner_for


@flow(name="train", flow_run_name="train {config}", validate_parameters=True)
def train(config: str = "configs/demo.yaml", documents: str | None = None, trials: int | None = None) -> ModelVersion:
    """Train, explain and register the model of one loop.

    Args:
        config: The config file of the loop, relative to the project.
        documents: A CSV, JSONL or Parquet file, or `bundled:NAME`, to read instead of the config's source. Its
            documents join those that the loop already has.
        trials: How many trials the search may run, instead of the config's number.
    """
    job = read_job(config, documents, trials)
    batch = ingest_documents(job)
    snapshot = take_snapshot(job, batch)
    cleaned = preprocess_documents(job, snapshot)
    vectors = embed_documents(job, cleaned)
    found = search.with_options(task_runner=runner_for(job.config.runner))(job, cleaned, vectors)
    lineage = align_topics(job, cleaned, found.space, found.choice)
    bundle = build_model(job, cleaned, vectors, found.space, found.choice, lineage)
    training = gather(cleaned, vectors, found, lineage, bundle)
    parity = check_parity(job, vectors, bundle)
    report = write_report(job, batch, training, parity)
    version = register_model(job, training, report)
    release = compare_release(job, training, version)
    return announce_training(job, training, report, version, release)
