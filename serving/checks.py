"""What a request must be before anything is done for it."""

from http import HTTPStatus
from typing import Any

from fastapi import Request

from serving.problems import Problem, not_valid


def text_problem(text: Any, most: int) -> Problem | None:
    """Why `text` is not answered, None where it is.

    Args:
        text: anything that JSON can bring.
        most: characters allowed.
    """
    if not isinstance(text, str):
        return not_valid(f"A text should be a string, this is {_named(text)}.")
    if len(text) > most:
        return not_valid(f"A text may have {most:,} characters (serve.max_characters), this one has {len(text):,}.")
    return None


def check_text(text: str, most: int) -> None:
    """Nothing, for a text that is short enough.

    Raises:
        Problem: it is not.
    """
    problem = text_problem(text, most)
    if problem is not None:
        raise problem


async def json_only(request: Request) -> None:
    """A dependency of every route with a body.

    Raises:
        Problem: the body is said to be something else than JSON.
    """
    found = request.headers.get("content-type", "")
    kind = found.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Not JSON",
            f"The body is {found or 'of no type'}: send JSON, with Content-Type: application/json.",
        )


def _named(value: Any) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "null")
