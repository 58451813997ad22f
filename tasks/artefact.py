"""Each artefact is made once: found by its digest in the lake, or made and then declared complete."""

from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from evertopic.storage.lake import Lake

Ref = TypeVar("Ref")


def once(lake: Lake, key: str, kind: type[Ref], make: Callable[[str], Ref]) -> Ref:
    """The ref of the artefact at `key`, made by `make(key)` unless it is there.

    `key` names the digest of everything that decides the content. The ref is written last and declares the artefact
    complete: what a killed run left behind without one is made again, to the same bytes. The seconds it took are kept
    beside it.
    """
    ref_key = f"{key}/ref.json"
    if lake.exists(ref_key):
        return lake.read_record(ref_key, kind)
    started = monotonic()
    ref = make(key)
    lake.write_json(f"{key}/seconds.json", round(monotonic() - started, 3))
    lake.write_record(ref_key, ref)
    return ref


def seconds(lake: Lake, key: str) -> float:
    """How long the artefact at `key` took to make, in seconds, whenever that was."""
    return float(lake.read_json(f"{key}/seconds.json"))
