"""The FastAPI application, put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version
from random import Random, SystemRandom
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from evertopic.config import LoopConfig
from evertopic.environment import Environment
from evertopic.storage.registry import CHAMPION
from serving.doors import put_doors
from serving.metrics import Metrics
from serving.openapi import document, living
from serving.opening import opened
from serving.problems import add_handlers
from serving.routes import edits, explain, feedback, history, lineage, model, operation, predict, topics, trends
from serving.security import Guard

ROUTES = (predict, explain, topics, lineage, edits, feedback, history, trends, model, operation)


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def create_app(
    config: LoopConfig,
    place: Environment,
    *,
    choice: str = CHAMPION,
    now: Callable[[], datetime] = utc_now,
    randomness: Random | None = None,
) -> FastAPI:
    """The API of one loop. Nothing is opened before it starts; see `serving.opening`.

    Args:
        config: the loop.
        place: where things are on this machine.
        choice: the alias that is followed, or the number of the version that answers.
        now: the clock of everything that is logged, with a zone.
        randomness: where the ids of predictions come from; None: the system's.
    """
    metrics, guard = Metrics(), Guard(place.api_key, config.serve.cors)

    life = partial(opened, config, place, choice, guard=guard, metrics=metrics, now=now)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with life(randomness=randomness or SystemRandom()) as service:
            app.state.service = service
            yield

    app = FastAPIOffline(
        title=f"evertopic: {config.name}",
        version=version("evertopic"),
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        swagger_ui_parameters={"tryItOutEnabled": True},
    )
    for module in ROUTES:
        app.include_router(module.router)
    add_handlers(app)
    put_doors(app, config.serve, guard, metrics)
    _describe(app, config)
    return app


def _describe(app: FastAPI, config: LoopConfig) -> None:
    @cache
    def described() -> dict[str, Any]:
        return document(app, config.serve)

    app.openapi = lambda: living(described(), getattr(app.state, "service", None))  # type: ignore[method-assign]
