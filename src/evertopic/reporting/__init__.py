"""Self-contained HTML reports and the figures in them."""

from evertopic.reporting.data import data_figures, render_data
from evertopic.reporting.gate import render_gate
from evertopic.reporting.release import render_release
from evertopic.reporting.release_words import one_sentence, summarise_release
from evertopic.reporting.story import DocumentMap, TrainingStory
from evertopic.reporting.training import render_training, training_figures
from evertopic.reporting.trends import edges_of, render_trends, summarise_trends
from evertopic.reporting.words import Finding, summarise

__all__ = [
    "DocumentMap",
    "Finding",
    "TrainingStory",
    "data_figures",
    "edges_of",
    "one_sentence",
    "render_data",
    "render_gate",
    "render_release",
    "render_training",
    "render_trends",
    "summarise",
    "summarise_release",
    "summarise_trends",
    "training_figures",
]
