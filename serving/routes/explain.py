"""Why a text is answered as it is."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request

from serving.checks import check_text, json_only
from serving.schemas.explanations import WHY, ExplainRequest, ExplanationShown
from serving.security import predictor
from serving.service import Serving

router = APIRouter(tags=["predict"], dependencies=[Depends(json_only), Depends(predictor)])


@router.post("/explain", summary="Why a text has its topic", response_description="What the answer rests on.")
async def explain(
    request: Request, asked: Annotated[ExplainRequest, Body(openapi_examples=WHY)], service: Serving
) -> ExplanationShown:
    """What the answer to a text rests on: the text as the model read it, how near each topic is, the words they share,
    the nearest documents of the training, and the rule if one spoke.

    Explanations are made one at a time, and are not logged as predictions.
    """
    request.state.texts = 1
    check_text(asked.text, service.config.serve.max_characters)
    model = service.holder.current
    found = await service.explaining.do(service.explainer.explain, model, asked.text, asked.neighbours)
    return ExplanationShown.of(found, model)
