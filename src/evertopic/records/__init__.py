"""The nouns. Refs travel between tasks, Values live inside one task, Facts are read by people and triggers.

`n` documents, `d` vector width, `k` topics or classes, `v` terms, `t` tokens.
"""

from evertopic.records.explained import Explanation, Neighbour, Standing
from evertopic.records.facts import (
    BatchFacts,
    Choice,
    CorpusFacts,
    Coverage,
    CoveragePoint,
    Interval,
    Overruled,
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
from evertopic.records.served import ApiKey, Feedback, LoggedPrediction, LogState, Role, ServedStats
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
    "ApiKey",
    "Assignment",
    "BatchFacts",
    "BundleRef",
    "CandidateRef",
    "Choice",
    "CorpusFacts",
    "Coverage",
    "CoveragePoint",
    "Explanation",
    "Feedback",
    "Floats",
    "Integers",
    "Interval",
    "LayoutRef",
    "LogState",
    "LoggedPrediction",
    "ModelVersion",
    "Neighbour",
    "Offsets",
    "Overruled",
    "Parity",
    "Prediction",
    "Quarantined",
    "Role",
    "Scorecard",
    "ServedStats",
    "SnapshotRef",
    "SpaceRef",
    "Standing",
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
