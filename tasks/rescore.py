"""A registered model, measured again on what its search left in the lake."""

from dataclasses import dataclass
from pathlib import Path

from evertopic.prediction.evaluation import coverage, evaluate
from evertopic.records import Coverage, Parity, Scorecard, TrainingCard
from evertopic.storage.lake import Lake
from tasks.parity import parity_in
from tasks.space import ground_of, read_space
from tasks.trials import read_candidate


@dataclass(frozen=True, slots=True)
class Rescored:
    """What was measured now; stability is not among it, it needs the fits with other seeds."""

    scorecard: Scorecard
    coverage: Coverage
    parity: Parity


def rescore(lake: Lake, card: TrainingCard, folder: Path) -> Rescored:
    """The model of `card` on its own held-out documents, and the answers of its bundle in `folder` to the documents.

    Raises:
        Corrupted: the bundle or what the lake holds was altered.
        Unavailable: the lake no longer holds what the search left.
    """
    ground = ground_of(lake, card.space, read_space(lake, card.space), card.coverage.target, card.seed)
    candidate = read_candidate(lake, card.choice.candidate)
    return Rescored(
        scorecard=evaluate([candidate], ground)[0],
        coverage=coverage(candidate, ground),
        parity=parity_in(lake, folder, card.vectors, card.bundle, card.parity.required),
    )
