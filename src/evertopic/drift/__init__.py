"""Drift: detectors behind one promise, and the budget of false alarms they share."""

from typing import Annotated

from pydantic import Field

from evertopic.drift.base import Detector as DetectorBase
from evertopic.drift.base import Look
from evertopic.drift.centroid import Centroid
from evertopic.drift.domain_classifier import DomainClassifier
from evertopic.drift.features import Features
from evertopic.drift.mmd import Mmd
from evertopic.drift.novelty import Novelty
from evertopic.drift.strength import Strength
from evertopic.drift.topic_mix import TopicMix
from evertopic.drift.topics import Topics
from evertopic.drift.vocabulary import Vocabulary

Detector = Annotated[
    Novelty | TopicMix | Mmd | DomainClassifier | Centroid | Strength | Vocabulary | Features | Topics,
    Field(discriminator="kind"),
]

__all__ = ["Detector", "DetectorBase", "Look", "Novelty", "TopicMix"]
