"""What people say of the answers."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from evertopic.records import Feedback, LoggedPrediction
from serving.checks import json_only
from serving.problems import Problem, declared, not_valid
from serving.schemas.feedback import JUDGEMENTS, FeedbackTaken, Judgement, Wrong
from serving.security import Caller, labeller
from serving.service import SETTLE_S, Service, Serving

router = APIRouter(tags=["feedback"], dependencies=[Depends(json_only)])


@router.post(
    "/feedback",
    summary="Right or wrong",
    response_description="The feedback is stored.",
    status_code=201,
    responses={
        200: {"model": FeedbackTaken, "description": "You had judged this answer before; this is your last word now."},
        **declared(404, "No such prediction", "There is no such prediction, or it is older than the log keeps."),
    },
)
async def feedback(
    judged: Annotated[Judgement, Body(discriminator="verdict", openapi_examples=JUDGEMENTS)],
    response: Response,
    service: Serving,
    caller: Annotated[Caller, Depends(labeller)],
) -> FeedbackTaken:
    """Says whether an answer was right, and what would have been. It is then shown in /history.

    Sending it again changes nothing; sending another verdict takes the place of your former one.
    """
    created = await service.database.do(_give, service, judged, caller.id)
    response.status_code = 201 if created else 200
    return FeedbackTaken(prediction_id=judged.prediction_id, verdict=judged.verdict, created=created)


def _give(service: Service, judged: Judgement, by: str) -> bool:
    """True when this caller had not judged the answer before."""
    found = _find(service, str(judged.prediction_id))
    wrong = judged if isinstance(judged, Wrong) else None
    if wrong is not None and wrong.topic is not None:
        _check_topic(service, wrong.topic)
    at = service.now()
    with service.allowance.one(by, at):
        return service.store.feedback.give(
            Feedback(
                prediction=found.id,
                loop=found.loop,
                by=by,
                at=at,
                verdict=judged.verdict,
                key=wrong.topic if wrong else None,
                label=wrong.label if wrong else None,
                comment=judged.comment,
            )
        )


def _find(service: Service, prediction: str) -> LoggedPrediction:
    look, loop = service.store.predictions.get, service.config.name
    found = look(loop, prediction)
    if found is None and service.log.state().waiting:
        service.log.settle(SETTLE_S)
        found = look(loop, prediction)
    if found is None:
        raise Problem(404, "No such prediction", f"There is no prediction {prediction}: take the id of an answer.")
    return found


def _check_topic(service: Service, key: str) -> None:
    predictor = service.holder.current.predictor
    known = {topic.key for topic in predictor.topics} | {category.key for category in predictor.rules.categories}
    if key not in known:
        raise not_valid(f"The model has no topic {key!r}: GET /topics lists them; say a new one by `label`.")
