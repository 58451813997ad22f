"""One YAML file is one loop: one text model in production. It parses into one frozen object."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evertopic.config.sections import (
    AssignmentRule,
    Name,
    RegistryRule,
    ReleaseRule,
    Runner,
    ServeRule,
    TrendsRule,
)
from evertopic.corpus.cleaning import Cleaning
from evertopic.corpus.columns import Columns
from evertopic.corpus.contract import Contract
from evertopic.corpus.sources import Source
from evertopic.corpus.tokens import Tokenizer
from evertopic.corpus.windows import TrainingRule
from evertopic.drift.watching import MonitorRule
from evertopic.embedding import Encoder, OnnxEncoder
from evertopic.labelling import Keywords, Labeller
from evertopic.models.search import GridSearch, Search
from evertopic.models.space import BertopicSpace
from evertopic.notifying import NotifyRule
from evertopic.prediction.canary import CanaryRule
from evertopic.prediction.log import LogRule
from evertopic.prediction.rules import Rules
from evertopic.quality.choice import ChoiceRule
from evertopic.quality.gate import GateRule
from evertopic.triggers.policy import RetrainRule
from evertopic.triggers.rule import TriggerRule


class LoopConfig(BaseModel):
    """Everything one loop needs to know, and nothing about the machine it runs on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    source: Source
    columns: Columns = Columns()
    contract: Contract = Contract()
    training: TrainingRule = TrainingRule()
    cleaning: Cleaning = Cleaning()
    tokenizer: Tokenizer = Tokenizer()
    embed: Encoder = OnnxEncoder()
    model: BertopicSpace = BertopicSpace()
    search: Search = GridSearch()
    runner: Runner = Runner()
    choice: ChoiceRule = ChoiceRule()
    assignment: AssignmentRule = AssignmentRule()
    labelling: Labeller = Keywords()
    rules: Rules = Rules()
    registry: RegistryRule = RegistryRule()
    serve: ServeRule = ServeRule()
    log: LogRule = LogRule()
    release: ReleaseRule = ReleaseRule()
    gate: GateRule = GateRule()
    canary: CanaryRule = CanaryRule()
    trends: TrendsRule = TrendsRule()
    monitor: MonitorRule = MonitorRule()
    notify: NotifyRule = NotifyRule()
    triggers: TriggerRule = TriggerRule()
    retrain: RetrainRule = RetrainRule()
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 42

    @model_validator(mode="after")
    def _held_out_fits(self) -> Self:
        if self.assignment.unassigned and self.search.held_out < 0.05:
            raise ValueError("search.held_out is below 0.05: too few documents would set the outlier thresholds")
        return self

    @property
    def model_name(self) -> str:
        """The name under which models of this loop are registered."""
        return self.registry.model or self.name
