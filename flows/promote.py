"""Promotion: the challenger passes the gate, takes the champion's place, and is asked afterwards."""

from prefect import flow

from evertopic.records import Outcome
from tasks.approval import await_approval
from tasks.canary import ask_canary, prepare_canary
from tasks.gate import run_gate
from tasks.job import read_job
from tasks.outcome import announce_release, restate_released
from tasks.promotion import compare_pair, find_episode, find_pair, release_version


@flow(name="promote", flow_run_name="promote {config}", validate_parameters=True)
def promote(
    config: str = "configs/demo.yaml",
    version: int | None = None,
    why: str = "A person asked for it.",
    by: str = "prefect",
    episode: str | None = None,
) -> Outcome:
    """Release a version of one loop if it passes the gate; else nothing moves.

    Args:
        config: The config file of the loop, relative to the project.
        version: The version that would be released; without it, the challenger.
        why: Why it is to be released, for the ledger.
        by: Who wants it, for the ledger.
        episode: Id of the need for a retraining that this release would end.
    """
    job = read_job(config, None, None)
    pair = find_pair(job, version)
    gate = run_gate(job, pair.champion, pair.challenger, None, find_episode(job, episode))
    diff = compare_pair(job, pair)
    word = await_approval(job, pair.challenger.version, gate)
    canary = prepare_canary(job, pair, gate, word)
    line = release_version(job, pair, gate, diff, word, why, by, episode)
    verified = ask_canary(job, line, canary)
    restated = restate_released(job, pair, verified)
    return announce_release(job, pair, gate, diff, word, verified, restated)
