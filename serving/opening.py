"""Opening the service: what it needs, in the order in which it can be had, and back again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from evertopic.config import LoopConfig, ServeRule
from evertopic.environment import Environment
from evertopic.prediction.cached import EncoderMemory
from evertopic.prediction.explanation import Explainer
from evertopic.prediction.loading import Model, load_model
from evertopic.records import Edit
from evertopic.storage.lake import Lake
from evertopic.storage.prediction_log import PredictionLog
from evertopic.storage.registry import open_registry
from evertopic.storage.store import Store, open_store
from evertopic.storage.vectors import VectorStore
from serving.batching import Batcher
from serving.holder import ModelHolder, Reload
from serving.limits import FeedbackAllowance
from serving.metrics import Metrics
from serving.revising import EditWatch, under
from serving.security import Guard
from serving.service import Service
from serving.work import Workers

if TYPE_CHECKING:
    from evertopic.storage.registry.registry import Registry

PATIENCE_S = 5.0
"""For a locked or silent database: a request that needs it is told soon, and the log goes on trying."""
THREADS = {"journal": 1, "store": 8, "explain": 1, "measure": 1}
"""For the store fewer than the connections it may open, so that the log always gets one."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where versions of the loop's model come from."""

    registry: "Registry"
    lake: Lake
    name: str
    memory: EncoderMemory
    edits: Callable[[], tuple[Edit, ...]]
    now: Callable[[], datetime]
    registered: dict[int, datetime] = field(default_factory=dict)

    def load(self, choice: str) -> Model:
        """The model that `choice` means, warm; when it was registered is kept."""
        model = load_model(self.registry, self.lake, self.name, choice, self.now(), self.memory.wrap, self.edits)
        self.registered[model.version.version] = self.registry.registered_at(model.version)
        return model

    def freshen(self, model: Model) -> Model:
        """The model under the edits of now."""
        return under(model, self.edits())

    def alias_version(self, alias: str) -> int | None:
        """The version that carries the alias."""
        return self.registry.alias_version(self.name, alias)


@asynccontextmanager
async def opened(
    config: LoopConfig,
    place: Environment,
    choice: str,
    *,
    guard: Guard,
    metrics: Metrics,
    now: Callable[[], datetime],
    randomness: Random,
) -> AsyncIterator[Service]:
    """The service; when it ends, what waits is answered first, and the log gets its time to reach the database.

    Raises:
        BadInput: there is no such model, alias or version.
        Corrupted: the model is damaged, or was made with another encoder.
        Unavailable: the store or the registry does not answer.
    """
    async with AsyncExitStack() as stack:
        store = await _store(stack, place, guard)
        log = _log(stack, store, place, config)
        journal, database, explaining, measuring = _workers(stack)
        shelf = await asyncio.to_thread(_shelf, config, place, store, now)
        holder = await _holder(stack, shelf, choice, config.serve.poll_seconds, metrics)
        service = Service(
            config=config,
            store=store,
            log=log,
            holder=holder,
            edits=await _edits(stack, store, shelf, holder, config),
            batcher=_batcher(stack, config.serve, holder, metrics),
            guard=guard,
            metrics=metrics,
            allowance=FeedbackAllowance(store.feedback.count, config.serve.feedback_per_hour),
            explainer=Explainer(shelf.lake),
            registered=shelf.registered,
            now=now,
            randomness=randomness,
            journal=journal,
            database=database,
            explaining=explaining,
            measuring=measuring,
            latest=await asyncio.to_thread(_latest, store, config.name),
        )
        stack.push_async_callback(_ended, asyncio.create_task(service.forget_for_ever()))
        yield service


async def _store(stack: AsyncExitStack, place: Environment, guard: Guard) -> Store:
    store = await asyncio.to_thread(open_store, place.store_url, patience_s=PATIENCE_S)
    stack.callback(store.close)
    await stack.enter_async_context(guard.watching(store.api_keys.digests))
    return store


def _log(stack: AsyncExitStack, store: Store, place: Environment, config: LoopConfig) -> PredictionLog:
    log = PredictionLog(place.home / "journal", store.predictions, memory=config.log.memory)
    stack.push_async_callback(asyncio.to_thread, log.close)
    return log


def _workers(stack: AsyncExitStack) -> list[Workers]:
    workers = [Workers(name, threads) for name, threads in THREADS.items()]
    for each in workers:
        stack.callback(each.close)
    return workers


def _latest(store: Store, loop: str) -> str | None:
    rows, _ = store.predictions.page(loop, limit=1)
    return rows[0].id if rows else None


def _shelf(config: LoopConfig, place: Environment, store: Store, now: Callable[[], datetime]) -> Shelf:
    memory = EncoderMemory(config.serve.cache_texts, VectorStore(place.vectors_url))
    registry = open_registry(place.tracking_uri, place.artifacts_url)
    return Shelf(registry, Lake(place.lake_url), config.model_name, memory, partial(store.edits.list, config.name), now)


async def _holder(
    stack: AsyncExitStack, shelf: Shelf, choice: str, poll_seconds: float, metrics: Metrics
) -> ModelHolder:
    def note(event: Reload) -> None:
        metrics.reload(event.outcome)
        if event.outcome == "swapped":
            metrics.model(holder.current)

    holder = ModelHolder(
        shelf.load,
        shelf.alias_version,
        choice,
        note,
        freshen=shelf.freshen,
        poll_seconds=poll_seconds,
        now=shelf.now,
    )
    await holder.start()
    stack.push_async_callback(holder.close)
    metrics.model(holder.current)
    return holder


async def _edits(
    stack: AsyncExitStack, store: Store, shelf: Shelf, holder: ModelHolder, config: LoopConfig
) -> EditWatch:
    watch = EditWatch(holder, partial(store.edits.stamp, config.name), shelf.edits, config.serve.poll_seconds)
    await stack.enter_async_context(watch.following())
    return watch


def _batcher(stack: AsyncExitStack, rule: ServeRule, holder: ModelHolder, metrics: Metrics) -> Batcher:
    batcher = Batcher(
        holder,
        texts=rule.batch_texts,
        wait_ms=rule.batch_wait_ms,
        waiting=rule.waiting_texts,
        watch=metrics.stage,
    )
    stack.push_async_callback(batcher.close)
    return batcher


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
