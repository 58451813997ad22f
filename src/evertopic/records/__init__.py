"""The nouns. Refs travel between tasks, Values live inside one task, Facts are read by people and triggers.

`n` documents, `d` vector width, `k` topics or classes, `v` terms, `t` tokens.
"""

from evertopic.records.facts import (
    BatchFacts,
    Choice,
    CorpusFacts,
    Coverage,
    CoveragePoint,
    Interval,
    Parity,
    Prediction,
    Quarantined,
    Scorecard,
    Topic,
    TopicQuality,
    TrainingCard,
    Trial,
)
from evertopic.records.refs import BundleRef, CandidateRef, LayoutRef, ModelVersion, SnapshotRef, SpaceRef, VectorsRef
from evertopic.records.values import (
    UNASSIGNED,
    Assignment,
    Floats,
    Integers,
    Offsets,
    Terms,
    Times,
    Tokens,
    TopicTable,
)

__all__ = [
    "UNASSIGNED",
    "Assignment",
    "BatchFacts",
    "BundleRef",
    "CandidateRef",
    "Choice",
    "CorpusFacts",
    "Coverage",
    "CoveragePoint",
    "Floats",
    "Integers",
    "Interval",
    "LayoutRef",
    "ModelVersion",
    "Offsets",
    "Parity",
    "Prediction",
    "Quarantined",
    "Scorecard",
    "SnapshotRef",
    "SpaceRef",
    "Terms",
    "Times",
    "Tokens",
    "Topic",
    "TopicQuality",
    "TopicTable",
    "TrainingCard",
    "Trial",
    "VectorsRef",
]
