"""What the detectors say of a window, the page of it, and the check at rest."""

import logging
from contextlib import closing
from time import monotonic

from prefect import task
from prefect.artifacts import create_link_artifact
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.digests import digest_of
from evertopic.drift.topic_shares import counts_of, keyed, past_windows
from evertopic.drift.watching import scores_of
from evertopic.drift.watching import watch as watch_window
from evertopic.errors import Unavailable
from evertopic.prediction.bundle import Bundle
from evertopic.records import Check, DriftReport, Performance, SnapshotRef, VectorsRef, Window
from evertopic.storage.registry import open_registry
from tasks.drift_page import PAGE, log_check, page_at_rest
from tasks.job import Job
from tasks.looked import judged
from tasks.retry import when_unavailable
from tasks.samples import window_of
from tasks.window import Watch, read_champion

CHECKS = 200
logger = logging.getLogger(__name__)


@task(
    task_run_name="look for drift in {window.documents} documents",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def detect_drift(watch: Watch, window: Window, cleaned: SnapshotRef, vectors: VectorsRef) -> DriftReport:
    """The verdict of each detector of the config on the window, beside the champion's own training.

    A detector that has too few documents refuses; the report says so.

    Raises:
        Unavailable: store, lake or registry did not answer, three times.
    """
    job, champion = watch.job, watch.champion
    bundle = read_champion(job, champion)
    topics = tuple((topic.key, topic.name) for topic in bundle.meta.topics)
    reference, now = bundle.reference.sample(bundle.head), window_of(job, bundle, cleaned, vectors)
    past = _ordinary_checks(watch, window)
    history = (*past_windows(reference, topics, len(now)), *(check.drift.counts for check in past))
    scores = scores_of([check.drift.verdicts for check in past])
    return DriftReport(
        loop=job.config.name,
        model=champion.name,
        version=champion.version,
        at=job.started,
        window=window,
        verdicts=watch_window(job.config.monitor, reference, now, topics, history, job.config.seed, scores),
        counts=keyed(counts_of(now, len(topics)), topics),
    )


@task(
    task_run_name="keep the check",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def keep_check(
    watch: Watch,
    window: Window,
    cleaned: SnapshotRef,
    vectors: VectorsRef,
    drift: DriftReport,
    performance: Performance,
) -> Check:
    """The check at rest, also when nothing happened; its page in the lake, its values in MLflow.

    Raises:
        Unavailable: store, lake or registry did not answer, three times.
    """
    job, champion = watch.job, watch.champion
    started = monotonic()
    bundle = read_champion(job, champion)
    page = _page(watch, bundle, cleaned, vectors, drift)
    seconds = sum(verdict.seconds for verdict in drift.verdicts) + monotonic() - started
    # The same for a task that is tried again: one check, however often it is kept.
    number = f"check-{drift.at:%Y%m%dT%H%M%S}-{digest_of(drift.loop, champion.version, window.digest)[:8]}"
    check = Check(
        number, drift.loop, drift.at, champion.name, champion.version, window, drift, performance, page, seconds
    )
    with closing(job.store()) as store:
        store.checks.add(check)
    _log(job, check)
    return check


def _page(watch: Watch, bundle: Bundle, cleaned: SnapshotRef, vectors: VectorsRef, drift: DriftReport) -> str | None:
    """The key of the page; None where all detectors refused, or where it cannot be drawn, which costs no check."""
    if all(verdict.state == "refused" for verdict in drift.verdicts):
        return None
    job, names = watch.job, {topic.key: topic.name for topic in bundle.meta.topics}
    now, before = window_of(job, bundle, cleaned, vectors), bundle.reference.sample(bundle.head)
    try:
        return page_at_rest(job.lake(), before, now, drift, names, job.config.seed)
    except (ValueError, TypeError, ArithmeticError, LookupError):
        logger.exception("The check has no page: Evidently cannot draw it")
        return None


def _log(job: Job, check: Check) -> None:
    """The values in MLflow, where people look at them over time; a decision does not wait for it."""
    try:
        registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
        run = log_check(registry, job.lake(), check.drift, check.page, check.performance)
        address = registry.run_url(run, job.place.mlflow_ui)
    except Unavailable as fault:
        logger.warning("The check %s is kept, and not in MLflow: %s", check.id, fault)
        return
    if check.page is not None:
        link = f"{address}/artifacts/{PAGE}"
        create_link_artifact(link, link_text="The page of the newest check", key=f"{check.loop}-drift-page")


def _ordinary_checks(watch: Watch, window: Window) -> tuple[Check, ...]:
    """This champion's earlier checks without an alarm, of windows that do not overlap."""
    with closing(watch.job.store()) as store:
        checks = store.checks.list(watch.job.config.name, version=watch.champion.version, limit=CHECKS)
    found, since = [], window.since
    for check in checks:
        if check.drift.drifted("new subject") or check.drift.drifted("other proportions") or not judged(check):
            continue
        if since is not None and check.window.until <= since:
            found.append(check)
            since = check.window.since
    return tuple(found)
