"""When a task is worth trying again."""

from typing import Any

from prefect.client.schemas.objects import State, TaskRun

from evertopic.errors import Unavailable


def when_unavailable(task: Any, run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001 - Prefect passes all three
    """True when something outside did not answer; a fault of the input stays one however often it is read."""
    return isinstance(state.result(raise_on_failure=False), Unavailable)
