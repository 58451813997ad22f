"""Trends told by one model: what other versions answered lately, answered again."""

import logging
from datetime import UTC, datetime, timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.prediction.batch import keeping
from evertopic.prediction.loading import load_model
from evertopic.prediction.restating import restate
from evertopic.records import ModelVersion, Restated
from evertopic.storage.registry import open_registry
from tasks.job import Job
from tasks.retry import when_unavailable

logger = logging.getLogger(__name__)


@task(
    task_run_name="restate the trends as {version.name} {version.version}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def restate_trends(job: Job, version: ModelVersion) -> Restated:
    """What was restated of the last `trends.restate_days` days; a killed run is gone on with.

    Raises:
        Unavailable: the registry, the store or the encoder's model did not answer, three times.
    """
    place, loop = job.place, job.config.name
    registry = open_registry(place.tracking_uri, place.artifacts_url)
    store = job.store()
    try:
        model = load_model(
            registry,
            job.lake(),
            version.name,
            str(version.version),
            at=datetime.now(UTC),
            wrap=keeping(job.vectors()),
            edits=lambda: store.edits.list(loop),
        )
        since = job.started - timedelta(days=job.config.trends.restate_days)
        done = restate(store.trends, model.predictor, loop, version.version, since)
    finally:
        store.close()
    logger.info(
        "%d answers since %s restated by version %d; %d cannot be, their texts were not kept.",
        done.restated,
        since,
        version.version,
        done.without_text,
    )
    return done
