"""`topic_mix`: known subjects in other shares than ordinary times bring."""

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, PositiveInt

from evertopic.drift.base import Detector, Finding, Look
from evertopic.drift.ordinary import Ordinary
from evertopic.drift.topic_shares import counts_of, ordered, shift_of
from evertopic.errors import NotEnoughDocuments
from evertopic.records import About, Sample


class TopicMix(Detector):
    """The chi-square of the topic counts, against how much the counts of past windows differ from one another."""

    kind: Literal["topic_mix"] = "topic_mix"
    about: ClassVar[About] = "other proportions"
    least: PositiveInt = 50
    windows: Annotated[int, Field(ge=2)] = 8
    """Past windows that must be known before anything is said."""

    def measure(self, reference: Sample, window: Sample, look: Look) -> Finding:
        """The chi-square of the shares, 1 in ordinary times; size: the share of documents beyond what they move."""
        past = [one for one in (ordered(each, look.topics) for each in look.history) if one.sum() > 1]
        if len(past) < self.windows:
            raise NotEnoughDocuments(
                f"topic_mix must see {self.windows} ordinary windows before it knows how much shares move from one to "
                f"the next, it has seen {len(past)}: wait, or train with timestamps, which give it windows of the past."
            )
        k = len(look.topics)
        before, now = counts_of(reference, k), counts_of(window, k)
        ordinary = Ordinary.learnt(past)
        moved, usual = ordinary.moved(now), ordinary.usual(int(now.sum()))
        order = np.argsort(-np.abs(now / now.sum() - ordinary.shares))
        return Finding(
            statistic=ordinary.statistic(now),
            p=ordinary.p(now),
            size=max(0.0, moved - usual),
            said=f"{moved:.0%} of the documents would have to change topic for the shares of ordinary times; "
            f"{usual:.0%} would in an ordinary window of {now.sum()}.",
            topics=tuple(shift_of(topic, look.topics, before, now, None) for topic in order[:5]),
        )
