"""Prefect's server, asked directly."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient

from evertopic.errors import Unavailable


class PrefectAway(Unavailable):
    """Prefect's server did not answer, refused, or has not what was asked for."""


@contextmanager
def prefect_api() -> Iterator[SyncPrefectClient]:
    """Prefect's API while it lasts.

    Raises:
        PrefectAway: it does not answer, or refuses.
    """
    try:
        with get_client(sync_client=True) as client:
            yield client
    except httpx.HTTPError as fault:
        raise PrefectAway(_away(fault)) from fault
    except RuntimeError as fault:
        if not isinstance(fault.__cause__, httpx.HTTPError):
            raise
        raise PrefectAway(_away(fault.__cause__)) from fault


def _away(fault: BaseException) -> str:
    said = str(fault).strip().partition("\n")[0] or type(fault).__name__
    return f"Prefect's server did not answer: {said}. Start it (`evertopic up`), or set PREFECT_API_URL."
