"""What the lines of the release ledger say of a version; newest line first everywhere."""

from collections.abc import Sequence

from evertopic.records import Release


def previous_of(lines: Sequence[Release], model: str) -> int | None:
    """The version to which a rollback leads now; None: there is none."""
    own = [line for line in lines if line.model == model]
    if not own:
        return None
    newest, earlier = own[0], own[1:]
    if newest.previous is not None and newest.version in {line.version for line in earlier}:
        return before(earlier, model, newest.version, never=newest.previous)
    return newest.previous


def rolled_back(lines: Sequence[Release], model: str, version: int) -> Release | None:
    """The line by which this version was rolled back; None: it never was, or it was released again since."""
    for line in lines:
        if line.model == model and line.action == "rolled back" and line.previous == version:
            return line
        if line.model == model and line.version == version:
            return None
    return None


def before(lines: Sequence[Release], model: str, version: int, *, never: int) -> int | None:
    """What answered before this version was first released; None: nothing, `never`, or what was rolled back itself."""
    own = [line for line in lines if line.model == model]
    first = next((line for line in reversed(own) if line.version == version), None)
    former = first.previous if first else None
    if former is None or former in {never, version} or rolled_back(own, model, former):
        return None
    return former
