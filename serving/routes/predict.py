"""Texts in, topics out."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request

from serving.checks import check_text, json_only, text_problem
from serving.problems import not_valid
from serving.schemas.answers import (
    MANY,
    ONE,
    Answer,
    BatchAnswer,
    BatchItem,
    BatchRequest,
    PredictRequest,
    SingleAnswer,
)
from serving.schemas.base import ModelTag, ProblemBody, topic_names
from serving.security import Caller, predictor
from serving.service import Serving

router = APIRouter(tags=["predict"], dependencies=[Depends(json_only)])


@router.post("/predict", summary="The topic of one text", response_description="The topic, which may be none.")
async def predict(
    request: Request,
    asked: Annotated[PredictRequest, Body(openapi_examples=ONE)],
    service: Serving,
    caller: Annotated[Caller, Depends(predictor)],
) -> SingleAnswer:
    """Answers one text and logs it. Texts of many callers are encoded together, which costs them a few milliseconds.

    Any text has an answer. `unassigned` is an honest one: the text is not near enough to any topic. An empty text,
    or one without a single word, is `unassigned` with strength 0; of a very long one counts what the encoder reads.
    """
    request.state.texts = 1
    check_text(asked.text, service.config.serve.max_characters)
    given = await service.answer([asked.text], caller.id)
    names, tag = topic_names(given.model), ModelTag.of(given.model)
    return SingleAnswer.of(*given.answers[0], names, model=tag, at=given.at)


@router.post(
    "/predict/batch", summary="The topics of many texts", response_description="One item a text, in their order."
)
async def predict_batch(
    request: Request,
    asked: Annotated[BatchRequest, Body(openapi_examples=MANY)],
    service: Serving,
    caller: Annotated[Caller, Depends(predictor)],
) -> BatchAnswer:
    """Answers up to 1,000 texts, in their order, all by the same model, even if another one is released meanwhile.

    A text that cannot be answered, such as a number or one that is too long, has a problem in its place and keeps no
    other from its answer.
    """
    rule = service.config.serve
    request.state.texts = len(asked.texts)
    if len(asked.texts) > rule.max_batch:
        raise not_valid(f"A request may have {rule.max_batch:,} texts (serve.max_batch), not {len(asked.texts):,}.")
    problems = [text_problem(text, rule.max_characters) for text in asked.texts]
    sound = [text for text, problem in zip(asked.texts, problems, strict=True) if problem is None]
    given = await service.answer(sound, caller.id)
    names, answers = topic_names(given.model), iter(given.answers)
    items = tuple(
        BatchItem(answer=Answer.of(*next(answers), names), problem=None)
        if problem is None
        else BatchItem(answer=None, problem=ProblemBody(**problem.body()))
        for problem in problems
    )
    return BatchAnswer(model=ModelTag.of(given.model), at=given.at, items=items)
