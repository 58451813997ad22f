"""Progress of long steps: a bar in Prefect's UI, and log records that a terminal may turn into one."""

import logging
from time import monotonic
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.context import TaskRunContext

LOGGER = logging.getLogger("evertopic.progress")
EVERY_S = 1.0


class Progress:
    """Tells how many of how many are done; call it with both. In Prefect it is told at most once a second."""

    def __init__(self, step: str) -> None:
        self.step = step
        self._artifact: UUID | None = None
        self._told = -EVERY_S

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` (0 of 0 counts as all)."""
        LOGGER.info("%s %d/%d", self.step, done, total, extra={"step": self.step, "done": done, "total": total})
        if TaskRunContext.get() is None or (done < total and monotonic() - self._told < EVERY_S):
            return
        self._told = monotonic()
        percent = 100.0 * done / total if total else 100.0
        if self._artifact is None:
            artifact = create_progress_artifact(percent, description=self.step)
            self._artifact = artifact if isinstance(artifact, UUID) else None
        else:
            update_progress_artifact(self._artifact, percent)
