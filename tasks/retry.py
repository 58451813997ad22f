"""When a task is worth trying again."""

from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import task_run

from evertopic.errors import Unavailable


def when_unavailable(task: Any, run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 - Prefect passes all three
    """True when something outside did not answer; a fault of the input stays one however often it is read."""
    return isinstance(state.result(raise_on_failure=False), Unavailable)


def is_tried_again(retries: int) -> bool:
    """True in a task with so many retries that fails before its last try; False in the last one, and outside tasks."""
    return (task_run.run_count or 0) in range(1, retries + 1)
