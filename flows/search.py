"""The search for the best candidate, a flow of its own so that its trials may run elsewhere."""

from prefect import flow, unmapped

from evertopic.records import SnapshotRef, VectorsRef
from tasks.choice import Found, choose_candidate, plan_reseeding, score_candidates
from tasks.job import Job
from tasks.space import prepare_search
from tasks.trials import fit_baseline, plan_trials, try_embedding


@flow(name="search", flow_run_name="search {job.config.name}", validate_parameters=False)
def search(job: Job, documents: SnapshotRef, vectors: VectorsRef) -> Found:
    """The chosen candidate of one loop, and all that it was chosen from."""
    space = prepare_search(job, documents, vectors)
    tried = try_embedding.map(unmapped(job), unmapped(space), plan_trials(job, space)).result()
    trials = score_candidates(job, space, tried)
    baseline = fit_baseline(job, space, trials)
    reseeded = try_embedding.map(unmapped(job), unmapped(space), plan_reseeding(job, trials)).result()
    choice = choose_candidate(job, space, trials, reseeded, baseline)
    return Found(space, trials, choice)
