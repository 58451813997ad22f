"""A person asks for a retraining: the decision is kept like any other."""

from prefect import flow

from tasks.asking import Asked, ask_for_retraining
from tasks.deciding import decide
from tasks.job import read_job


@flow(name="ask", flow_run_name="ask for {config}", validate_parameters=True)
def ask(config: str = "configs/demo.yaml", why: str = "A person asked for it.", elsewhere: bool = True) -> Asked:  # noqa: FBT001, FBT002
    """Open a retraining of one loop because a person wants it, and have the worker begin it.

    Args:
        config: The config file of the loop, relative to the project.
        why: Why, for the ledger.
        elsewhere: False where whoever asks retrains by himself.
    """
    job = read_job(config, None, None)
    decision = decide(job, None, why)
    return ask_for_retraining(job, decision, config, elsewhere=elsewhere)
