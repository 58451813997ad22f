"""The section `gate` of a config: what is asked of a challenger."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

Share = Annotated[float, Field(ge=0, le=1)]


class ApprovalRule(BaseModel):
    """Whether a person has the last word."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    required: bool = False
    """A release that the gate lets pass waits for `evertopic approve`."""
    timeout: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=30))] = timedelta(hours=24)
    """After which nobody's answer is a no."""


class GateRule(BaseModel):
    """The thresholds of the checks. There is no way around them: who thinks otherwise changes them here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    documents: PositiveInt = 100
    """Held-out documents that neither model was fitted on; with fewer, all that the challenger was not fitted on."""
    margin: Share = 0.02
    """How much worse in quality the challenger may be: its interval must not lie wholly below."""
    gain: Share = 0.02
    """How much better in quality it must be for certain, where that is the reason: new topics cost readers work."""
    nearer: Share = 0.02
    """How much nearer to their topics, by cosine, recent documents must be where a new subject is the reason."""
    stability: Share = 0.3
    """Least agreement (adjusted Rand index) of the challenger with fits of its settings under other seeds."""
    unassigned: Share | None = None
    """Largest share of recent documents without a topic; None: twice assignment.unassigned, which is met on average and
    not each time. A challenger that leaves out no more than the champion passes too."""
    churn: Share = 0.5
    """Largest share of recent documents that may lose their topic or change it."""
    baseline: Share = 0.1
    """How far in quality it may lie behind the baseline (NMF), whose words are the most coherent there are."""
    typos: Share = 0.7
    """Least share of recent documents whose topic a swap of two letters leaves as it is."""
    p95_ms: PositiveFloat = 1_000
    """Slowest twentieth of single answers, encoder included."""
    memory_mb: PositiveFloat = 1_000
    """Most memory that loading the model and answering take, beside what the encoder's runtime takes by itself."""
    size_mb: PositiveFloat = 500
    """Of the model's folder."""
    corrections: Share = 0.5
    """Least share of texts that people corrected, answered as they said; answering no fewer than the champion passes
    too."""
    approval: ApprovalRule = ApprovalRule()
