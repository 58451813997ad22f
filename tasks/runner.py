"""Where mapped tasks run."""

from typing import Any

from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from evertopic.config import Runner
from evertopic.errors import BadConfig


def runner_for(settings: Runner) -> TaskRunner[Any]:
    """The task runner that the config names.

    Raises:
        BadConfig: it needs an extra that is not installed.
    """
    if settings.kind == "threads":
        return ThreadPoolTaskRunner(max_workers=settings.workers)
    if settings.kind == "processes":
        return ProcessPoolTaskRunner(max_workers=settings.workers)
    try:
        return _distributed(settings)
    except ImportError as fault:
        raise BadConfig(f"runner.kind is {settings.kind}: install evertopic[{settings.kind}] ({fault}).") from fault


def _distributed(settings: Runner) -> TaskRunner[Any]:
    if settings.kind == "dask":
        from prefect_dask import DaskTaskRunner

        cluster = None if settings.address else {"n_workers": settings.workers, "threads_per_worker": 1}
        dask: TaskRunner[Any] = DaskTaskRunner(address=settings.address, cluster_kwargs=cluster)
        return dask
    from prefect_ray import RayTaskRunner

    ray: TaskRunner[Any] = RayTaskRunner(address=settings.address, init_kwargs={"num_cpus": settings.workers})
    return ray
