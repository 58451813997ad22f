"""What was answered."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from evertopic.records import Feedback, LoggedPrediction, ServedStats
from serving.schemas.history import HistoryItem, HistoryPage, HistoryQuery, Span, Stats
from serving.security import viewer
from serving.service import SETTLE_S, Service, Serving

router = APIRouter(tags=["history"], dependencies=[Depends(viewer)])


@router.get("/history", summary="The answers given", response_description="A page of answers.")
async def history(service: Serving, query: Annotated[HistoryQuery, Query()]) -> HistoryPage:
    """Answers of the API, of batches and of the command line, newest first, each with its feedback.

    What was answered before is here, unless the database was away: then it comes as soon as the log has caught up.
    """
    rows, following, said = await service.database.do(_read, service, query)
    return HistoryPage(items=tuple(HistoryItem.of(row, said.get(row.id, ())) for row in rows), next=following)


@router.get("/stats", summary="The answers counted", response_description="The counts.")
async def stats(service: Serving, span: Annotated[Span, Query()]) -> Stats:
    """How many answers there were, by topic, version, day and rule, and how many people called right or wrong."""
    return Stats.of(await service.database.do(_count, service, span))


def _count(service: Service, span: Span) -> ServedStats:
    service.log.settle(SETTLE_S)
    found = service.store.predictions.stats(service.config.name, span.since, span.until)
    return found.named(service.holder.current.predictor.names)


def _read(
    service: Service, query: HistoryQuery
) -> tuple[Sequence[LoggedPrediction], str | None, Mapping[str, Sequence[Feedback]]]:
    store, loop = service.store, service.config.name
    service.log.settle(SETTLE_S)
    rows, following = store.predictions.page(
        loop,
        since=query.since,
        until=query.until,
        key=query.topic,
        version=query.version,
        after=query.after,
        limit=query.limit,
    )
    return rows, following, store.feedback.of(loop, [row.id for row in rows])
