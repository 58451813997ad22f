"""Batch prediction: rows in, the same rows with answers out, and a page about them."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.config import BatchRequest, batch_of
from evertopic.prediction.batch import Log, Outcome, keeping, predict_batch
from evertopic.prediction.loading import load_model
from evertopic.storage.registry import open_registry
from tasks.job import Job
from tasks.progress import Progress
from tasks.retry import when_unavailable

TOPICS_SHOWN = 15


@task(
    task_run_name="predict {request.output}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def predict_documents(job: Job, request: BatchRequest, *, log: bool) -> Outcome:
    """What became of the batch; a run that was killed, or that something did not answer, is gone on with.

    Relative paths begin at the project; the folder of the output is made.

    Raises:
        BadInput: the input or the request has faults.
        Unavailable: something outside did not answer, three times.
    """
    place, config = job.place, job.config
    registry, lake = open_registry(place.tracking_uri, place.artifacts_url), job.lake()
    wrap = keeping(job.vectors())
    store = job.store()
    load = partial(
        load_model,
        registry,
        lake,
        config.model_name,
        at=datetime.now(UTC),
        wrap=wrap,
        edits=partial(store.edits.list, config.name),
    )
    try:
        remembered = Log(store.predictions, config.log) if log else None
        batch = batch_of(config, request, place.root, load, remembered)
        if request.table is None:
            Path(batch.target.label).parent.mkdir(parents=True, exist_ok=True)
        return predict_batch(batch, job.started, Progress("rows predicted"), get_run_logger().info)
    finally:
        store.close()


@task(task_run_name="announce the predictions", cache_policy=NO_CACHE)
def announce_predictions(job: Job, outcome: Outcome) -> Outcome:
    """The outcome, announced: a page with the model, the topics and where the rows are."""
    create_markdown_artifact(_page(outcome), key=f"{job.config.name}-predictions", description=outcome.output)
    return outcome


def _page(outcome: Outcome) -> str:
    tally = outcome.tally
    largest = sorted(tally.topics.items(), key=lambda one: -one[1][1])[:TOPICS_SHOWN]
    alias = f", {outcome.alias}" if outcome.alias else ""
    remarks = "".join(f" {count:,} `{remark}`." for remark, count in sorted(tally.remarks.items()))
    return "\n".join(
        [
            f"# {outcome.rows:,} rows predicted",
            f"By {outcome.model}, version {outcome.version}{alias}. Rows: `{outcome.output}`.",
            f"{tally.errors:,} rows could not be read; rules decided {tally.ruled:,}.{remarks}",
            "",
            "| key | name | rows |",
            "|---|---|---:|",
            *(f"| {key} | {name} | {count:,} |" for key, (name, count) in largest),
        ]
    )
