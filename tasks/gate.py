"""The gate: whether a challenger may take the champion's place, measured now."""

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from evertopic.digests import digest_of, digest_of_code
from evertopic.errors import BadConfig, BadInput, Corrupted, EvertopicError, Unavailable
from evertopic.quality.gate import Shown, decide
from evertopic.records import Episode, GateCheck, GateMeasure, GateReport, ModelVersion, TrainingCard
from evertopic.reporting import render_gate
from evertopic.storage.lake import Lake
from evertopic.storage.registry import open_registry
from tasks.artefact import once
from tasks.contest import contest
from tasks.job import Job
from tasks.retry import is_tried_again, when_unavailable
from tasks.sides import Side, Terms, side_of, terms_of

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

PAGE, FACTS = "gate.html", "gate.json"
SUBJECT = "new subject"
RETRIES = 2
CRASHES = (BadConfig, BadInput, Corrupted, ValueError, ArithmeticError, LookupError, RuntimeError, MemoryError)
"""What a model that is no good may end with while it is measured. What is not answered is tried again instead."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GateRef:
    """A gate at rest."""

    key: str
    champion: int | None
    challenger: int
    passed: bool
    said: str
    """Why it is released or held, in one or two sentences."""


@task(
    task_run_name="gate version {challenger.version}",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=when_unavailable,
)
def run_gate(
    job: Job, champion: ModelVersion | None, challenger: ModelVersion, recent_key: str | None, episode: Episode | None
) -> GateRef:
    """What the gate says of the challenger, as facts and as a page, also in its MLflow run. No alias moves here.

    Args:
        job: the run.
        champion: that answers now, None without one.
        challenger: that would.
        recent_key: of a window of recent documents in the lake; None: what came since the champion was released.
        episode: the need for the retraining it comes from, None without one.

    Raises:
        Unavailable: lake, store, registry or encoder did not answer, three times.
    """
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    ref = gated(job, registry, champion, challenger, recent_key, episode)
    with TemporaryDirectory() as temporary:
        page = Path(temporary) / PAGE
        page.write_bytes(job.lake().read_bytes(f"{ref.key}/{PAGE}"))
        registry.attach(challenger, {PAGE: page})
    return ref


def gated(
    job: Job,
    registry: "Registry",
    champion: ModelVersion | None,
    challenger: ModelVersion,
    recent_key: str | None,
    episode: Episode | None,
) -> GateRef:
    """The gate at rest, found in the lake if the same pair was measured on the same documents before."""
    lake, rule = job.lake(), job.config.gate
    terms = terms_of(job, registry, champion, challenger, recent_key)
    # Found by a detector: a person's own words are no evidence.
    subject = episode is not None and "drift" in episode.triggers and SUBJECT in " ".join(episode.reasons)
    pair = [[one.name, one.version, one.digest] if one else None for one in (champion, challenger)]
    said = [list(terms.recent), [list(one) for one in terms.corrected], [edit.id for edit in terms.edits]]
    code = [digest_of_code(room) for room in ("quality", "prediction", "models", "reporting")]
    budget = job.config.assignment.unassigned
    digest = digest_of("gate", pair, said, rule, budget, subject, terms.rolled_back, terms.parity, terms.seed, code)

    def make(key: str) -> GateRef:
        report = _report(job, registry, champion, challenger, terms, subject=subject)
        lake.write_record(f"{key}/{FACTS}", report)
        lake.write_text(f"{key}/{PAGE}", render_gate(report))
        before = champion.version if champion else None
        return GateRef(key, before, challenger.version, report.passed, report.reason)

    return once(lake, f"gates/{digest}", GateRef, make)


def read_gate(lake: Lake, ref: GateRef) -> GateReport:
    """The facts of a gate."""
    return lake.read_record(f"{ref.key}/{FACTS}", GateReport)


def _report(
    job: Job,
    registry: "Registry",
    champion: ModelVersion | None,
    challenger: ModelVersion,
    terms: Terms,
    *,
    subject: bool,
) -> GateReport:
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory()))
        before, fault = _champion(job, registry, champion, scratch, terms)
        try:
            after = side_of(job, registry, challenger, scratch, terms)
            shown = contest(job.lake(), before, after, _card(job, after), terms)
        except Unavailable:
            raise
        except CRASHES as error:
            logger.warning("Version %d crashed while it was measured", challenger.version, exc_info=error)
            return _crashed(job, champion, challenger, error)
    first = before is None
    rule, budget = job.config.gate, job.config.assignment.unassigned
    checks, passed, reason = decide(shown, rule, budget, first=first, subject=subject)
    return GateReport(
        loop=job.config.name,
        model=challenger.name,
        champion=champion.version if champion else None,
        challenger=challenger.version,
        held_out=shown.held_out,
        recent=shown.recent,
        checks=checks,
        passed=passed,
        reason=f"{fault} {reason}".strip(),
        measures=_measures(shown),
    )


def _measures(shown: Shown) -> tuple[GateMeasure, ...]:
    ordered = sorted(shown.measures, key=lambda one: one.name != "quality")
    return tuple(GateMeasure(one.name, one.before, one.after, one.difference) for one in ordered)


def _champion(
    job: Job, registry: "Registry", champion: ModelVersion | None, scratch: Path, terms: Terms
) -> tuple[Side | None, str]:
    """The champion, or none and why: one that cannot be loaded must not stand in the way of the next."""
    if champion is None:
        return None, ""
    try:
        return side_of(job, registry, champion, scratch, terms), ""
    except (BadConfig, Corrupted, Unavailable) as fault:
        if isinstance(fault, Unavailable):
            if is_tried_again(RETRIES):
                raise
            # Where the registry does not give it, this raises: only its encoder may be gone for good.
            registry.fetch(champion.model_uri, scratch / "again")
        return None, f"Version {champion.version}, the champion, cannot be loaded ({fault})"


def _card(job: Job, side: Side) -> TrainingCard:
    if side.card is None:
        raise BadInput(
            f"The lake {job.place.lake_url} does not hold what {side.version.name} {side.version.version} was trained "
            "on: gate it where it was trained, or point EVERTOPIC_LAKE there."
        )
    return side.card


def _crashed(job: Job, champion: ModelVersion | None, challenger: ModelVersion, error: Exception) -> GateReport:
    told = str(error) if isinstance(error, EvertopicError) else f"{type(error).__name__}: {error}"
    said = f"It could not be measured: {told}"
    return GateReport(
        loop=job.config.name,
        model=challenger.name,
        champion=champion.version if champion else None,
        challenger=challenger.version,
        held_out=0,
        recent=0,
        checks=(GateCheck("measured", None, None, "failed", said),),
        passed=False,
        reason=f"Held: {said}",
    )
