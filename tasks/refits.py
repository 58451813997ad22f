"""The fits that differ from a model in the seed alone, and the baseline, back from what its search has left."""

from collections.abc import Iterator

from evertopic.digests import digest_of
from evertopic.models.head import topic_head
from evertopic.models.nmf import factorise
from evertopic.models.settings import HdbscanSettings, UmapSettings
from evertopic.prediction.contender import Contender
from evertopic.prediction.evaluation import Candidate
from evertopic.records import CandidateRef, TrainingCard
from evertopic.storage.lake import Lake
from tasks.space import Space
from tasks.trials import read_candidate, read_settings

FURTHER = 8
"""Seeds before and after its own that are looked for."""


def refits(lake: Lake, card: TrainingCard, space: Space, per_topic: int) -> tuple[Contender, ...]:
    """The models that the same settings give under the other seeds that were tried, the model itself first."""
    refs = dict.fromkeys((card.choice.candidate, *_others(lake, card, per_topic)))
    return tuple(contender_of(read_candidate(lake, ref), card, space) for ref in refs)


def baseline(card: TrainingCard, space: Space, per_topic: int) -> Contender:
    """NMF with as many topics, on the same documents."""
    labels, table = factorise(space.terms, card.bundle.topics, per_topic, card.seed)
    return contender_of(Candidate(labels, table), card, space)


def contender_of(candidate: Candidate, card: TrainingCard, space: Space) -> Contender:
    """The model that a clustering gives, with the thresholds of the training."""
    fitted, held = space.vectors[space.fitted], space.vectors[space.held]
    head = topic_head(fitted, candidate.labels, held, card.coverage.target)
    return Contender(head, candidate.table.words)


def _others(lake: Lake, card: TrainingCard, per_topic: int) -> Iterator[CandidateRef]:
    """Found by their digest, which follows from the settings: see `tasks.trials`."""
    own = read_settings(lake, card.choice.candidate)
    umap = UmapSettings.model_validate({name: own[name] for name in UmapSettings.model_fields})
    hdbscan = HdbscanSettings.model_validate({name: own[name] for name in HdbscanSettings.model_fields})
    for seed in range(max(umap.seed - FURTHER, 0), umap.seed + FURTHER + 1):
        layout = digest_of("layout", card.space.digest, umap.model_copy(update={"seed": seed}))
        key = f"candidates/{digest_of('candidate', card.space.digest, layout, hdbscan, per_topic)}/ref.json"
        if lake.exists(key):
            yield lake.read_record(key, CandidateRef)
