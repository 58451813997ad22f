"""Scorecards, finalists and the choice."""

from collections.abc import Sequence
from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from evertopic.digests import digest_of, digest_of_code
from evertopic.errors import Refusal
from evertopic.models.search import LayoutPlan
from evertopic.models.settings import HdbscanSettings, UmapSettings
from evertopic.prediction.evaluation import Ground, coverage, evaluate, with_stability
from evertopic.quality.choice import choose, shortlist, stand
from evertopic.records import CandidateRef, Choice, Coverage, Scorecard, SpaceRef, Trial
from evertopic.storage.lake import Lake
from tasks.artefact import once
from tasks.job import Job
from tasks.space import read_ground, read_space
from tasks.trials import Settings, TrialsRef, read_candidate, read_settings


@dataclass(frozen=True, slots=True)
class ChoiceRef:
    """The outcome of a search: all trials, the chosen one, what its outlier budget really gets."""

    key: str
    digest: str
    candidate: CandidateRef


@dataclass(frozen=True, slots=True)
class Found:
    """What a search leaves: the shared computations, all trials, the choice."""

    space: SpaceRef
    trials: TrialsRef
    choice: ChoiceRef


@task(task_run_name="score the candidates on held-out documents", cache_policy=NO_CACHE)
def score_candidates(job: Job, space: SpaceRef, tried: Sequence[Sequence[CandidateRef]]) -> TrialsRef:
    """A scorecard for each candidate that found a topic, and the finalists.

    Raises:
        Refusal: nothing was tried in time, or no candidate has an acceptable number of topics.
    """
    config, lake = job.config, job.lake()
    refs = [candidate for each in tried for candidate in each if candidate.topics]
    if not any(tried):
        raise Refusal(
            f"The search was over before its first trial: search.minutes is {config.search.minutes}. Allow it more; "
            "what was computed so far is kept."
        )
    if not refs:
        raise Refusal(
            "No trial found a topic: every document was left out as noise. The documents are too few, too alike or "
            "have nothing in common: look at `evertopic data`, add documents or lower model.hdbscan.min_cluster_size."
        )
    code = [digest_of_code(room) for room in ("models", "quality", "prediction")]
    rules = [config.choice, config.assignment, config.search.finalists, config.seed]
    digest = digest_of("trials", space.digest, [ref.digest for ref in refs], rules, code)

    def make(key: str) -> TrialsRef:
        ground = read_ground(job, lake, space, read_space(lake, space))
        cards = evaluate([read_candidate(lake, ref) for ref in refs], ground)
        finalists = shortlist(cards, config.choice, config.search.finalists)
        front = stand(cards, config.choice.criteria).front
        trials = [
            Trial(ref, _shown(lake, ref), card, on_front=bool(front[at]), finalist=at in finalists)
            for at, (ref, card) in enumerate(zip(refs, cards, strict=True))
        ]
        _write_trials(lake, key, trials)
        return TrialsRef(key, digest, len(trials), finalists, cards[finalists[0]].topics)

    return once(lake, f"trials/{digest}", TrialsRef, make)


@task(task_run_name="plan other seeds for the finalists", cache_policy=NO_CACHE)
def plan_reseeding(job: Job, trials: TrialsRef) -> list[LayoutPlan]:
    """The finalists' settings again, under other UMAP seeds; finalists on one embedding share a plan."""
    lake = job.lake()
    plans: dict[UmapSettings, list[HdbscanSettings]] = {}
    for trial in _finalists(lake, trials):
        umap, hdbscan = _settings(lake, trial.candidate)
        for step in range(1, job.config.search.seeds + 1):
            plans.setdefault(umap.model_copy(update={"seed": umap.seed + step}), []).append(hdbscan)
    return [LayoutPlan(umap, tuple(dict.fromkeys(settings))) for umap, settings in plans.items()]


@task(task_run_name="choose among {trials.trials} trials", cache_policy=NO_CACHE)
def choose_candidate(
    job: Job,
    space: SpaceRef,
    trials: TrialsRef,
    reseeded: Sequence[Sequence[CandidateRef]],
    baseline: CandidateRef,
) -> ChoiceRef:
    """The winner, its reason, and the scorecards: finalists with their stability, the baseline last."""
    config, lake = job.config, job.lake()
    again = [ref for each in reseeded for ref in each]
    digest = digest_of("choice", trials.digest, [ref.digest for ref in again], baseline.digest)

    def make(key: str) -> ChoiceRef:
        ground = read_ground(job, lake, space, read_space(lake, space))
        known = read_trials(lake, trials.key)
        for at in trials.finalists:
            known[at] = _restated(lake, known[at], again, ground)
        card = evaluate([read_candidate(lake, baseline)], ground)[0]
        simple = Trial(baseline, _shown(lake, baseline), card, on_front=False, finalist=False)
        finalists = [known[at] for at in trials.finalists]
        rivals = [trial for trial in known if trial.on_front and not trial.finalist]
        choice = choose(finalists, rivals, simple, config.choice)
        _write_trials(lake, key, [*known, simple])
        lake.write_record(f"{key}/choice.json", choice)
        lake.write_record(f"{key}/coverage.json", coverage(read_candidate(lake, choice.candidate), ground))
        return ChoiceRef(key, digest, choice.candidate)

    return once(lake, f"choices/{digest}", ChoiceRef, make)


def read_trials(lake: Lake, key: str) -> list[Trial]:
    """All trials of a search in the order they ran; behind a choice, the baseline is the last."""
    return list(lake.read_record(f"{key}/trials.json", tuple[Trial, ...]))


def read_choice(lake: Lake, ref: ChoiceRef) -> tuple[Choice, Coverage, Scorecard]:
    """Why the winner won, what its outlier budget gets, and its scorecard."""
    choice = lake.read_record(f"{ref.key}/choice.json", Choice)
    card = next(t.scorecard for t in read_trials(lake, ref.key) if t.candidate.digest == choice.candidate.digest)
    return choice, lake.read_record(f"{ref.key}/coverage.json", Coverage), card


def _restated(lake: Lake, trial: Trial, again: Sequence[CandidateRef], ground: Ground) -> Trial:
    """The trial with its stability over the fits that differ from it in the seed alone."""
    own = _but_seed(lake, trial.candidate)
    # Two finalists may differ in the seed alone: each is then among the other seeds of the other, never of itself.
    digests = {ref.digest: ref for ref in again if _but_seed(lake, ref) == own and ref != trial.candidate}
    others = [read_candidate(lake, ref) for ref in digests.values()]
    card = with_stability(trial.scorecard, read_candidate(lake, trial.candidate), others, ground)
    return Trial(trial.candidate, trial.settings, card, on_front=trial.on_front, finalist=True)


def _but_seed(lake: Lake, ref: CandidateRef) -> Settings:
    return {name: value for name, value in read_settings(lake, ref).items() if name != "seed"}


def _finalists(lake: Lake, trials: TrialsRef) -> list[Trial]:
    known = read_trials(lake, trials.key)
    return [known[at] for at in trials.finalists]


def _settings(lake: Lake, ref: CandidateRef) -> tuple[UmapSettings, HdbscanSettings]:
    settings = read_settings(lake, ref)
    umap = {name: settings[name] for name in UmapSettings.model_fields}
    hdbscan = {name: settings[name] for name in HdbscanSettings.model_fields}
    return UmapSettings.model_validate(umap), HdbscanSettings.model_validate(hdbscan)


def _shown(lake: Lake, ref: CandidateRef) -> tuple[tuple[str, str | int | float], ...]:
    return tuple((name, "same" if value is None else value) for name, value in read_settings(lake, ref).items())


def _write_trials(lake: Lake, key: str, trials: Sequence[Trial]) -> None:
    lake.write_record(f"{key}/trials.json", tuple(trials))
