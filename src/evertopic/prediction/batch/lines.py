"""Rows out of a file with one JSON object a line, each line as it came."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from evertopic.corpus.sources import FAULT, Jsonl
from evertopic.corpus.sources.files import opened
from evertopic.corpus.sources.jsonl import record_of
from evertopic.prediction.batch.kinds import Kinds
from evertopic.prediction.batch.rows import Chunk, Size, Survey, grouped, some_rows


class LinesOrigin:
    """A file of JSON objects, one a line; blank lines are no rows. A line that is no object cannot be read."""

    def __init__(self, source: Jsonl, size: Size, label: str | None = None) -> None:
        self.source, self.size, self.label = source, size, label or source.label

    def survey(self, *, typed: bool) -> Survey:  # noqa: ARG002 - it costs nothing here
        """All keys with what they hold, the number of lines and the digest of the bytes."""
        digest, kinds, rows = self.source.fingerprint(), Kinds(), 0
        for line in self._lines():
            rows += 1
            kinds.see((key, value) for key, value in record_of(line).items() if key != FAULT)
        return some_rows(Survey(rows, digest, kinds.columns()), self.label)

    def chunks(self, survey: Survey, done: int, last: Any) -> Iterator[Chunk]:  # noqa: ARG002 - rows are found by number
        """The lines after the first `done` ones."""
        row = done + 1
        for group in grouped(islice(self._lines(), done, None), self.size, len):
            records = [record_of(line) for line in group]
            yield Chunk(
                names=[str(row + place) for place in range(len(group))],
                rows=[tuple(record.get(name) for name in survey.names) for record in records],
                faults=[record.get(FAULT) for record in records],
                lines=[_text(line) for line in group],
            )
            row += len(group)

    def changed(self, survey: Survey) -> bool:
        """True when the bytes are others."""
        return self.source.fingerprint() != survey.digest

    def _lines(self) -> Iterator[bytes]:
        with opened(self.source.path) as stream:
            yield from (line for line in stream if line.strip())


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").removeprefix("\ufeff").strip()
