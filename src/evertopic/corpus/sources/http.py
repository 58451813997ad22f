"""Documents that an address answers with."""

import json
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from evertopic.corpus.sources.base import FAULT, as_chunk, excerpt, expand, public_name
from evertopic.corpus.sources.delimited import Delimited
from evertopic.errors import BadInput, EvertopicError, Unavailable

if TYPE_CHECKING:
    import httpx

_BUSY = 429
_SERVER = 500


class Http(Delimited):
    """The rows that one GET answers with: a JSON list of objects, an object that holds one, or CSV.

    Refused connections, time-outs, 429 and 5xx are tried again with growing pauses; nothing else is.
    """

    kind: Literal["http"] = "http"
    url: str
    format: Literal["json", "csv"] = "json"
    records_path: str | None = None
    """Where the list is inside a JSON object: `result.items`."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent along; `${NAME}` stands for an environment variable, so that a token stays out of the file."""
    timeout_s: PositiveFloat = 30.0
    """Seconds to wait for the connection and for each piece of the answer."""
    attempts: PositiveInt = 4
    backoff_s: NonNegativeFloat = 1.0
    """Pause after the first failed attempt; each next one is twice as long."""
    max_bytes: PositiveInt = 200_000_000

    @property
    def label(self) -> str:
        """The address without user, password and query."""
        return public_name(self.url)

    def fingerprint(self) -> None:
        """None: only asking tells."""

    def read(self, since: datetime | None = None) -> Iterator[pd.DataFrame]:  # noqa: ARG002  # one address, one answer
        """Chunks of the answer; row 1 is its first element. An empty list is no error.

        Raises:
            BadInput: the answer is refused for good (4xx), too large, or not what `format` says.
            Unavailable: no answer after all attempts.
        """
        body = self._fetched()
        if self.format == "csv":
            yield from self.rows_of(BytesIO(body))
            return
        records = self._records(body)
        for start in range(0, len(records), self.chunk_rows):
            yield _chunk(records[start : start + self.chunk_rows], start + 1)

    def _fetched(self) -> bytes:
        retrying = Retrying(
            stop=stop_after_attempt(self.attempts),
            wait=wait_exponential(multiplier=self.backoff_s, max=60),
            retry=retry_if_exception_type(Unavailable),
            reraise=True,
        )
        return retrying(self._fetch_once)

    def _fetch_once(self) -> bytes:
        import httpx

        headers = {name: expand(value) for name, value in self.headers.items()}
        try:
            with (
                httpx.Client(timeout=self.timeout_s, follow_redirects=True) as client,
                client.stream("GET", expand(self.url), headers=headers) as response,
            ):
                if response.status_code >= 400:
                    raise self._refused(response.status_code)
                return self._body(response)
        except httpx.InvalidURL as error:
            raise BadInput(f"{self.label} is no address: {error}") from error
        except httpx.UnsupportedProtocol as error:
            raise BadInput(f"{self.label} is no http or https address: {error}") from error
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise Unavailable(f"{self.label} does not answer ({said}), tried {self.attempts} times.") from error

    def _refused(self, status: int) -> EvertopicError:
        if status == _BUSY or status >= _SERVER:
            return Unavailable(f"{self.label} answered with status {status}, tried {self.attempts} times.")
        return BadInput(f"{self.label} answered with status {status}: check the address and the headers.")

    def _body(self, response: "httpx.Response") -> bytes:
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > self.max_bytes:
                raise BadInput(f"{self.label} answers with more than {self.max_bytes:,} bytes: raise max_bytes.")
        return bytes(body)

    def _records(self, body: bytes) -> list[Any]:
        try:
            found = json.loads(body.decode("utf-8", "surrogateescape").removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{self.label} did not answer with JSON: {error}. Is format csv?") from error
        for step in self.records_path.split(".") if self.records_path else ():
            if not isinstance(found, dict) or step not in found:
                raise BadInput(f"{self.label} has no {step!r} of records_path {self.records_path!r}: {_there(found)}.")
            found = found[step]
        if not isinstance(found, list):
            raise BadInput(f"{self.label} answers with no list: {_there(found)}. Set records_path.")
        return found


def _there(found: Any) -> str:
    if isinstance(found, dict):
        return f"the keys there are {', '.join(map(str, found))}"
    return f"there is a {type(found).__name__}"


def _chunk(records: list[Any], first_row: int) -> pd.DataFrame:
    objects = [record if isinstance(record, dict) else {} for record in records]
    columns: dict[str, list[Any]] = {
        name: [record.get(name) for record in objects]
        for name in dict.fromkeys(key for record in objects for key in record if key != FAULT)
    }
    if not all(isinstance(record, dict) for record in records):
        columns[FAULT] = [
            None
            if isinstance(record, dict)
            else f"bad_json: {type(record).__name__} instead of an object: {excerpt(str(record))}"
            for record in records
        ]
    return as_chunk(columns, first_row)
