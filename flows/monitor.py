"""The watch: what came in lately beside the champion's training, a decision, and the one way back."""

from datetime import datetime

from prefect import flow

from tasks.announce_check import Passed, announce_check
from tasks.deciding import decide
from tasks.drift import detect_drift, keep_check
from tasks.ingest import ingest_documents
from tasks.job import read_job
from tasks.notify import told_monitor_failed
from tasks.performance import measure_performance
from tasks.requesting import ask_again, request_retraining
from tasks.window import embed_window, find_champion, preprocess_window, take_window


@flow(
    name="monitor",
    flow_run_name="monitor {config}",
    validate_parameters=True,
    on_failure=[told_monitor_failed],
    on_crashed=[told_monitor_failed],
)
def monitor(
    config: str = "configs/demo.yaml",
    since: datetime | None = None,
    until: datetime | None = None,
    documents: str | None = None,
) -> Passed:
    """Watch the champion of one loop on what came in lately; ask for a retraining where the triggers say so.

    Args:
        config: The config file of the loop, relative to the project.
        since: Look at what came in later than this, instead of what the config says.
        until: Look at what came in up to this, instead of up to now.
        documents: A CSV, JSONL or Parquet file, or `bundled:NAME`, to ingest first instead of the config's source.
    """
    job = read_job(config, documents, None)
    ask_again(job, config)
    watch = find_champion(job)
    batch = ingest_documents(job)
    window = take_window(watch, batch, since, until)
    cleaned = preprocess_window(watch, window)
    vectors = embed_window(watch, cleaned)
    drift = detect_drift(watch, window, cleaned, vectors)
    performance = measure_performance(watch.job, watch.champion, window, cleaned, vectors)
    check = keep_check(watch, window, cleaned, vectors, drift, performance)
    decision = decide(job, check)
    requested = request_retraining(job, decision, config)
    return announce_check(job, check, decision, requested)
