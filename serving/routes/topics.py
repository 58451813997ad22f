"""What the model knows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from serving.problems import Problem, declared
from serving.schemas.base import EXAMPLE_KEY, ModelTag
from serving.schemas.topics import RuleEntry, TopicDetail, TopicEntry, TopicList, makers
from serving.security import viewer
from serving.service import Serving

router = APIRouter(prefix="/topics", tags=["topics"], dependencies=[Depends(viewer)])


@router.get("", summary="All topics", response_description="The topics.")
async def topics(service: Serving) -> TopicList:
    """The topics that are answered with now, those with most documents first, and the rules beside them.

    They are those of the model as people have edited them: under their names, without hidden and merged ones.
    """
    model = service.holder.current
    shown, rules, made = model.predictor.topics, model.predictor.rules, makers(model)
    silent = rules.silent(shown)
    largest = sorted(shown, key=lambda topic: (-topic.documents, topic.key))
    return TopicList(
        model=ModelTag.of(model),
        topics=tuple(TopicEntry.of(topic, made.get(topic.key)) for topic in largest),
        rules=tuple(RuleEntry.of(rule, silent=rule in silent) for rule in rules.categories),
    )


@router.get(
    "/{key}",
    summary="One topic",
    response_description="The topic.",
    responses=declared(404, "No such topic", "The model has no such topic."),
)
async def topic(service: Serving, key: Annotated[str, Path(examples=[EXAMPLE_KEY])]) -> TopicDetail:
    """One topic that is answered with now: words, representative documents, quality."""
    model = service.holder.current
    found = next((topic for topic in model.predictor.topics if topic.key == key), None)
    if found is None:
        raise Problem(
            404,
            "No such topic",
            f"Version {model.version.version} of {model.version.name} has no topic {key!r}: GET /topics lists them.",
        )
    told = next((topic for topic in model.card.topics if topic.key == key), None) if model.card else None
    return TopicDetail.full(TopicEntry.of(found, makers(model).get(key)), ModelTag.of(model), told)
