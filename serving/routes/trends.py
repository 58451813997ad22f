"""How much of what is answered each topic has, over time."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from evertopic.records import Trend
from serving.schemas.trends import TrendQuery, Trends
from serving.security import viewer
from serving.service import SETTLE_S, Service, Serving

router = APIRouter(tags=["history"], dependencies=[Depends(viewer)])


@router.get("/trends", summary="Topic shares over time", response_description="The shares.")
async def trends(service: Serving, query: Annotated[TrendQuery, Query()]) -> Trends:
    """The share of each topic by day, week or month, and when the model changed.

    A new model answers differently, so shares as they were served may jump the day it is released. With
    `restated=true` one model, the one that answers now, speaks of all that was asked.
    """
    return Trends.of(await service.database.do(_read, service, query))


def _read(service: Service, query: TrendQuery) -> Trend:
    service.log.settle(SETTLE_S)
    version = service.holder.current.version.version if query.restated else None
    found = service.store.trends.shares(
        service.config.name, query.period, version=version, since=query.since, until=query.until
    )
    return found.named(service.holder.current.predictor.names)
