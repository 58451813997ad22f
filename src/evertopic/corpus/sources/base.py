"""The promise of a source: raw rows in chunks, each with the place it came from."""

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, PositiveInt

from evertopic.errors import BadConfig

FAULT = "_fault"
"""The column in which a source says why a row could not be read: `reason: what was found`. Absent when all could."""

EXCERPT = 80
"""Characters of a damaged row that a message shows."""


class SourceKind(BaseModel, ABC):
    """Where documents come from. One kind is one file; the union in `__init__.py` is the only list of kinds.

    Relative paths are relative to the working directory of the process: whoever reads the configuration makes them
    absolute beside the project first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    chunk_rows: PositiveInt = 50_000

    @property
    @abstractmethod
    def label(self) -> str:
        """What messages call this source: a path, or an address without its password and query."""

    @abstractmethod
    def read(self, since: datetime | None = None) -> Iterator[pd.DataFrame]:
        """Raw chunks of at most `chunk_rows` rows: the source's own columns as objects, and `FAULT` if needed.

        The index is the 1-based number of the row in its origin (a header is not a row). Nothing is opened before
        the first chunk is asked for. `since` is the naive UTC time from which rows matter; a kind that cannot
        filter ignores it. Files without a row raise, queries and addresses without a row yield nothing.

        Raises:
            BadInput: what is there cannot be read as rows.
            Unavailable: something outside did not answer.
        """

    @abstractmethod
    def fingerprint(self) -> str | None:
        """The digest of the content, None where it cannot be known without reading everything as rows.

        Raises:
            BadInput: the file is not there.
        """


def as_chunk(columns: dict[str, list[Any]], first_row: int) -> pd.DataFrame:
    """Columns of equal length as a raw chunk whose rows count from `first_row`.

    >>> as_chunk({"text": ["a", "b"]}, first_row=3).index.tolist()
    [3, 4]
    """
    chunk = pd.DataFrame(columns, dtype=object)
    chunk.index = pd.RangeIndex(first_row, first_row + len(chunk))
    return chunk


def public_name(address: str) -> str:
    """The address without user, password, query and fragment: fit for a message. A plain path stays as it is.

    >>> public_name("https://ann:secret@host:8080/feed?token=1")
    'https://host:8080/feed'
    >>> public_name("data/a b.csv")
    'data/a b.csv'
    """
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    host, slash, path = re.split(r"[?#]", rest)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def expand(text: str) -> str:
    """The text with each `${NAME}` replaced by the environment variable of that name; secrets stay out of files.

    Raises:
        BadConfig: a variable is not set.
    """
    missing = sorted({name for name in re.findall(r"\$\{(\w+)\}", text) if name not in os.environ})
    if missing:
        raise BadConfig(f"The source names {', '.join(missing)}, not set in the environment: export it and try again.")
    return re.sub(r"\$\{(\w+)\}", lambda found: os.environ[found[1]], text)


def excerpt(text: str) -> str:
    r"""The beginning of a text, safe to print and to store: what is not Unicode is escaped.

    >>> print(excerpt("caf\udce9 and\x00nul"))
    caf\udce9 and\x00nul
    """
    return text[:EXCERPT].encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
