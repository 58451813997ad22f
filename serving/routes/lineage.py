"""What became of topics from model to model."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from serving.problems import Problem, declared
from serving.schemas.base import EXAMPLE_KEY
from serving.schemas.lineage import Lineage, LineageItem, LineageQuery, TopicLineage
from serving.security import viewer
from serving.service import Service, Serving

router = APIRouter(tags=["topics"], dependencies=[Depends(viewer)])


@router.get("/lineage", summary="The lineage of all topics", response_description="Generations and events.")
async def lineage(service: Serving, query: Annotated[LineageQuery, Query()]) -> Lineage:
    """Every model's topics against those of all models before: which went on, split, merged, came and went."""
    return await service.database.do(_lineage, service, query)


@router.get(
    "/topics/{key}/lineage",
    summary="The life of one topic",
    response_description="Its events.",
    responses=declared(404, "No such topic", "No model of this loop ever had such a topic."),
)
async def topic_lineage(
    service: Serving, key: Annotated[str, Path(examples=[EXAMPLE_KEY])], query: Annotated[LineageQuery, Query()]
) -> TopicLineage:
    """What every model made of this topic, with the evidence; also of a topic that the present model has not."""
    events = await service.database.do(service.store.lineage.events, service.config.name, key, query.as_of)
    if not events:
        raise Problem(
            404, "No such topic", f"No model of {service.config.name} had a topic {key!r} by then: GET /lineage."
        )
    return TopicLineage(key=key, events=tuple(map(LineageItem.of, events)))


def _lineage(service: Service, query: LineageQuery) -> Lineage:
    ledger, loop = service.store.lineage, service.config.name
    return Lineage.of(ledger.generations(loop, query.as_of), ledger.events(loop, until=query.as_of))
