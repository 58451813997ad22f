"""The way back: a new model of what there is now, through the gate, into the champion's place."""

from prefect import flow

from evertopic.records import Outcome
from flows.promote import promote
from flows.train import train
from tasks.job import read_job
from tasks.notify import told_retraining_failed
from tasks.retrained import tell_outcome
from tasks.slot import close_episode, holding_slot


@flow(
    name="retrain",
    flow_run_name="retrain {config}",
    validate_parameters=True,
    on_failure=[told_retraining_failed],
    on_crashed=[told_retraining_failed],
    on_cancellation=[told_retraining_failed],
)
def retrain(
    config: str = "configs/demo.yaml", why: str = "A person asked for it.", episode: str | None = None
) -> Outcome:
    """Retrain one loop and release the new model if it passes the gate; one retraining of a loop at a time.

    Args:
        config: The config file of the loop, relative to the project.
        why: Why, for the ledger.
        episode: Id of the need for a retraining that this is to end.
    """
    job = read_job(config, None, None)
    with holding_slot(job, episode, why) as hold:
        version = train(config)
        hold.require()
        outcome = promote(config, version.version, why, "retrain", episode)
        close_episode(job, episode, outcome.said)
    return tell_outcome(job, version, outcome)
