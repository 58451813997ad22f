"""Spans of time and other things that callers ask by, as conditions a database understands."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, literal, true, tuple_

from evertopic.errors import BadInput
from evertopic.storage.store.rows import spelled


def within(table: Table, loop: str, since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    """Rows of this loop with `since` <= at < `until`; None leaves that end open.

    Raises:
        BadInput: a time has no zone, or lies outside the years 1 to 9999 in UTC.
    """
    found = table.c.loop == spelled(loop)
    if since is not None:
        found &= table.c.at >= _moment(since)
    if until is not None:
        found &= table.c.at < _moment(until)
    return found


def older(table: Table, cursor: str | None) -> ColumnElement[bool]:
    """Rows that come after the one `cursor` stands for, newest first; all rows for None.

    Raises:
        BadInput: `cursor` was not made by `cursor_of`.
    """
    if cursor is None:
        return true()
    try:
        at, _, own = urlsafe_b64decode(cursor).decode().partition(" ")
        moment = _moment(datetime.fromisoformat(at))
        if cursor_of(moment, own) != cursor:
            raise BadInput(cursor)
    except (ValueError, BadInput) as error:
        raise BadInput(
            f"{cursor!r} is no place in a list: pass on what the page before gave, or begin without one."
        ) from error
    return tuple_(table.c.at, table.c.id) < tuple_(literal(moment, table.c.at.type), literal(spelled(own)))


def cursor_of(at: datetime, own: str) -> str:
    """Where a list goes on after the row of this time and id; opaque, safe in a URL."""
    return urlsafe_b64encode(f"{at.astimezone(UTC).isoformat()} {own}".encode()).decode()


def _moment(at: Any) -> datetime:
    try:
        if at.tzinfo is not None:
            return at.astimezone(UTC)  # type: ignore[no-any-return]
    except OverflowError:
        pass
    raise BadInput(f"The time {at} has no zone, or none in which it can be told in UTC: give one, such as +00:00.")
