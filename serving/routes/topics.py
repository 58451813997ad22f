"""What the model knows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from serving.problems import Problem, declared
from serving.schemas.base import EXAMPLE_KEY, ModelTag
from serving.schemas.topics import RuleEntry, TopicDetail, TopicEntry, TopicList
from serving.security import viewer
from serving.service import Serving

router = APIRouter(prefix="/topics", tags=["topics"], dependencies=[Depends(viewer)])


@router.get("", summary="All topics", response_description="The topics.")
async def topics(service: Serving) -> TopicList:
    """The topics of the model that answers now, those with most documents first, and the rules beside them."""
    model = service.holder.current
    meta = model.predictor.bundle.meta
    silent = meta.rules.silent(meta.topics)
    return TopicList(
        model=ModelTag.of(model),
        topics=tuple(map(TopicEntry.of, sorted(meta.topics, key=lambda topic: (-topic.documents, topic.key)))),
        rules=tuple(RuleEntry.of(rule, silent=rule in silent) for rule in meta.rules.categories),
    )


@router.get(
    "/{key}",
    summary="One topic",
    response_description="The topic.",
    responses=declared(404, "No such topic", "The model has no such topic."),
)
async def topic(service: Serving, key: Annotated[str, Path(examples=[EXAMPLE_KEY])]) -> TopicDetail:
    """One topic of the model that answers now: words, representative documents, quality."""
    model = service.holder.current
    found = next((topic for topic in model.predictor.bundle.meta.topics if topic.key == key), None)
    if found is None:
        raise Problem(
            404,
            "No such topic",
            f"Version {model.version.version} of {model.version.name} has no topic {key!r}: GET /topics lists them.",
        )
    told = model.card.topics if model.card else ()
    return TopicDetail.full(
        TopicEntry.of(found), ModelTag.of(model), next((topic for topic in told if topic.key == key), None)
    )
