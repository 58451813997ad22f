"""The service behind the API: everything a route needs."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Annotated

from fastapi import Depends, Request

from evertopic.config import LoopConfig
from evertopic.errors import Unavailable
from evertopic.prediction.cached import CachedEncoder
from evertopic.prediction.explanation import Explainer
from evertopic.prediction.loading import Model
from evertopic.prediction.log import logged, new_id
from evertopic.records import Prediction
from evertopic.storage.prediction_log import PredictionLog
from evertopic.storage.store import Store
from serving.batching import Batcher
from serving.holder import ModelHolder
from serving.limits import FeedbackAllowance
from serving.metrics import Metrics
from serving.revising import EditWatch
from serving.security import Guard
from serving.work import Workers

DAY_S = 86_400.0
SETTLE_S = 1.0
"""For an answer that went out a moment ago and is on its way into the database."""
TICK = timedelta(microseconds=1)
diary = logging.getLogger("evertopic.serving")


@dataclass(frozen=True, slots=True)
class Given:
    """Answers as they were given and logged."""

    model: Model
    at: datetime
    answers: tuple[tuple[str, Prediction], ...]
    """(id, answer), in the order of the texts."""


@dataclass(slots=True)
class Service:
    """One loop's model at work. See `serving.opening`."""

    config: LoopConfig
    store: Store
    log: PredictionLog
    holder: ModelHolder
    edits: EditWatch
    batcher: Batcher
    guard: Guard
    metrics: Metrics
    allowance: FeedbackAllowance
    explainer: Explainer
    registered: dict[int, datetime]
    """When each version that was loaded here was registered."""
    now: Callable[[], datetime]
    randomness: Random
    journal: Workers
    """For the disk: apart from the database, so that answers go out while that one hangs."""
    database: Workers
    explaining: Workers
    """One at a time: the encoder is needed for answers."""
    measuring: Workers
    latest: str | None = None
    """Id of the prediction made last, for the examples in /docs."""

    async def answer(self, texts: Sequence[str], by: str) -> Given:
        """The answers to the texts, all by one model; they are in the log before anybody sees them.

        Raises:
            TooBusy: too many texts wait already.
        """
        with self.metrics.stage("total"):
            if len(texts) == 1:
                prediction, model = await self.batcher.one(texts[0])
                return await self.journal.do(self._note, texts, [prediction], model, by)
            predictions, model = await self.batcher.many(texts)
            return await self.journal.do(self._note, texts, predictions, model, by)

    def measured(self) -> bytes:
        """The page of metrics, at this moment."""
        encoder = self.holder.current.predictor.encoder
        if isinstance(encoder, CachedEncoder):
            self.metrics.cache(encoder.counts())
        self.metrics.trouble(self.holder.trouble)
        self.metrics.log_state(self.log.state())
        self.metrics.waiting(self.batcher.depth)
        return self.metrics.page()

    async def forget_for_ever(self) -> None:
        """Deletes what is older than the config keeps, now and every day."""
        days = self.config.log.retention_days
        while days is not None:
            before = self.now() - timedelta(days=days)
            try:
                gone = await self.database.do(self.store.predictions.forget, self.config.name, before)
            except Unavailable as fault:
                diary.warning("Predictions from before %s are deleted tomorrow, not today: %s", before, fault)
            else:
                if gone:
                    diary.info("%d predictions from before %s were deleted.", gone, before)
            await asyncio.sleep(DAY_S)

    def _note(self, texts: Sequence[str], predictions: Sequence[Prediction], model: Model, by: str) -> Given:
        at, loop, rule = self.now(), self.config.name, self.config.log
        with self.metrics.stage("log"):
            # A tick apart, so that the texts of one request keep their order in the history.
            moments = [at + row * TICK for row in range(len(texts))]
            ids = [new_id(moment, self.randomness) for moment in moments]
            self.log.append(
                [
                    logged(answer, text, id=own, at=moment, loop=loop, source="api", by=by, model=model, rule=rule)
                    for answer, text, own, moment in zip(predictions, texts, ids, moments, strict=True)
                ]
            )
        for prediction in predictions:
            self.metrics.answered(prediction, model, "api")
        self.latest = ids[-1] if ids else self.latest
        return Given(model, at, tuple(zip(ids, predictions, strict=True)))


async def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


Serving = Annotated[Service, Depends(_service)]
"""What a route asks for to get the service."""
