"""Configs: what a loop is, and how it is read from YAML."""

from evertopic.config.batches import BatchRequest, batch_of
from evertopic.config.loop import LoopConfig
from evertopic.config.reading import BUNDLED, load_config, parse_config, with_input, with_trials
from evertopic.config.sections import AssignmentRule, RegistryRule, ReleaseRule, Runner, ServeRule, TrendsRule

__all__ = [
    "BUNDLED",
    "AssignmentRule",
    "BatchRequest",
    "LoopConfig",
    "RegistryRule",
    "ReleaseRule",
    "Runner",
    "ServeRule",
    "TrendsRule",
    "batch_of",
    "load_config",
    "parse_config",
    "with_input",
    "with_trials",
]
