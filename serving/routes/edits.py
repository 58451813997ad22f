"""What people decide about topics: kept, in force at once, and after every training."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path

from evertopic.identity.drafts import draft_of
from evertopic.prediction.reviewing import review
from evertopic.records import Edit
from serving.checks import json_only
from serving.problems import Problem, declared
from serving.schemas.base import EXAMPLE_EDIT
from serving.schemas.edits import (
    EDITS,
    ConflictList,
    ConflictShown,
    EditAsked,
    EditList,
    EditShown,
    Undone,
)
from serving.security import Caller, labeller, viewer
from serving.service import Service, Serving

router = APIRouter(prefix="/edits", tags=["edits"])


@router.get("", summary="All edits", response_description="The edits.", dependencies=[Depends(viewer)])
async def edits(service: Serving) -> EditList:
    """What people decided about topics, and what they took back."""
    found = await service.database.do(service.store.edits.list, service.config.name, undone=True)
    return EditList(edits=tuple(map(EditShown.of, found)))


@router.post(
    "",
    summary="Edit a topic",
    response_description="The edit is in force.",
    status_code=201,
    dependencies=[Depends(json_only)],
)
async def add_edit(
    asked: Annotated[EditAsked, Body(discriminator="kind", openapi_examples=EDITS)],
    service: Serving,
    caller: Annotated[Caller, Depends(labeller)],
) -> EditShown:
    """Renames, merges, splits, pins or hides a topic, or moves documents to one; no training is needed.

    Answers that come after this one are given under the edit (where the store falls silent right now, within seconds),
    and so are those of every later model.
    """
    made = await service.database.do(_add, service, asked, caller.id)
    await service.edits.look_if_possible()
    return EditShown.of(made)


@router.get(
    "/conflicts",
    summary="Edits to look at",
    response_description="The conflicts.",
    dependencies=[Depends(viewer)],
)
async def conflicts(service: Serving) -> ConflictList:
    """Edits that the model in service contradicts: their topic has split, merged or is gone, or answers nothing."""
    model, lake = service.holder.current, service.explainer.lake
    found = await service.explaining.do(review, model, service.store, lake, service.config.name)
    return ConflictList(conflicts=tuple(map(ConflictShown.of, found)))


@router.post(
    "/{id}/undo",
    summary="Take an edit back",
    response_description="The edit is not in force any more.",
    responses=declared(404, "No such edit", "There is no such edit."),
)
async def undo_edit(
    service: Serving,
    caller: Annotated[Caller, Depends(labeller)],
    id: Annotated[str, Path(examples=[EXAMPLE_EDIT])],  # noqa: A002
) -> Undone:
    """One's own edit; an admin takes back anybody's. It stays in the list, and a second undo changes nothing."""
    undone, fresh = await service.database.do(_undo, service, id, caller)
    await service.edits.look_if_possible()
    return Undone(edit=EditShown.of(undone), undone_now=fresh)


def _add(service: Service, asked: EditAsked, by: str) -> Edit:
    draft = draft_of(asked.model_dump())
    store, loop, model = service.store, service.config.name, service.holder.current
    generation = store.lineage.of_version(loop, model.version.name, model.version.version)
    return store.edits.add(loop, draft, by=by, at=service.now(), randomness=service.randomness, generation=generation)


def _undo(service: Service, id: str, caller: Caller) -> tuple[Edit, bool]:  # noqa: A002
    store, loop = service.store.edits, service.config.name
    found = next((edit for edit in store.list(loop, undone=True) if edit.id == id), None)
    if found is None:
        raise Problem(404, "No such edit", f"There is no edit {id!r}: GET /edits lists them.")
    if found.by != caller.id and not caller.may("admin"):
        raise Problem(403, "Forbidden", f"The edit {id} is {found.by}'s: they or an admin may take it back.")
    return store.undo(loop, id, by=caller.id, at=service.now())
