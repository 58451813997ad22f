"""For the machines that watch over the service."""

from fastapi import APIRouter, Depends, Request, Response

from serving.metrics import CONTENT_TYPE
from serving.schemas.model import Live, Readiness
from serving.security import Caller, viewer
from serving.service import Service, Serving

router = APIRouter(tags=["operation"])


@router.get("/health", summary="Is the process alive?", response_description="It is.")
async def health() -> Live:
    """Always 200: asks nothing of nobody. Restart what does not answer."""
    return Live()


@router.get(
    "/ready",
    summary="Should requests be sent here?",
    response_description="They should.",
    responses={503: {"model": Readiness, "description": "Answers could not be recorded any more."}},
)
async def ready(service: Serving, request: Request, response: Response) -> Readiness:
    """200 while texts are answered and recorded, and what is amiss. A database that is away is no reason to send
    requests elsewhere: answers wait on the disk. A new model that cannot be loaded is none either: the old one answers.
    Anybody may ask; the reasons, which may quote a database, are for those with an API key where there are any.
    """
    state = service.log.state()
    away = state.database_away is not None and state.disk_away is not None
    response.status_code = 503 if away else 200
    reasons = _reasons(service)
    status = "not ready" if away else "degraded" if reasons else "ready"
    known = isinstance(request.scope["state"]["entrant"], Caller)
    return Readiness(status=status, reasons=reasons if known else (), version=service.holder.current.version.version)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    dependencies=[Depends(viewer)],
    response_class=Response,
    responses={200: {"content": {CONTENT_TYPE: {"schema": {"type": "string"}}}, "description": "Text format 0.0.4."}},
)
async def metrics(service: Serving) -> Response:
    """Requests, answers by topic and version, latencies by stage, strengths, errors, the log's queue and losses."""
    return Response(await service.measuring.do(service.measured), media_type=CONTENT_TYPE)


def _reasons(service: Service) -> tuple[str, ...]:
    state = service.log.state()
    told = (
        service.holder.trouble,
        service.guard.trouble,
        state.database_away and f"Answers wait on the disk, {state.waiting} so far: {state.database_away}",
        state.disk_away and f"Answers wait in memory, {state.in_memory} so far: {state.disk_away}",
        f"{state.lost} answers were given and are not in the log." if state.lost else None,
    )
    return tuple(reason for reason in told if reason)
