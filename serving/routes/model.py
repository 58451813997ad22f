"""The model in service."""

from fastapi import APIRouter, Depends

from serving.problems import Problem, declared
from serving.schemas.model import ModelShown, ReloadShown
from serving.security import admin, viewer
from serving.service import Serving

router = APIRouter(prefix="/model", tags=["model"])


@router.get("", summary="The model that answers", response_description="The model.", dependencies=[Depends(viewer)])
async def model(service: Serving) -> ModelShown:
    """Which model answers, what it was made of, how good it is, and since when it is here."""
    current, trouble = service.holder.current, service.holder.trouble or service.edits.trouble
    return ModelShown.of(current, service.registered[current.version.version], trouble)


@router.post(
    "/reload",
    summary="Look for another model now",
    response_description="The model asked for is the one that answers.",
    dependencies=[Depends(admin)],
    responses=declared(503, "Not reloaded", "The model asked for cannot be had; the one before goes on answering."),
)
async def reload(service: Serving) -> ReloadShown:
    """Looks at once whether the alias has moved, which the service else does every few seconds.

    The new model is loaded and has answered before the old one is let go; no request fails meanwhile.
    """
    found = await service.holder.reload()
    if found.outcome == "failed":
        raise Problem(503, "Not reloaded", found.reason, headers={"Retry-After": "5"})
    return ReloadShown(outcome=found.outcome, reason=found.reason, version=found.version)
