"""Documents in a CSV file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import pandas as pd

from evertopic.corpus.sources.delimited import Delimited
from evertopic.corpus.sources.files import FileSource, not_empty, opened


class Csv(Delimited, FileSource):
    """A file of delimited text with a header. Bytes outside the encoding cost only their own rows."""

    kind: Literal["csv"] = "csv"

    def read(self, since: datetime | None = None) -> Iterator[pd.DataFrame]:  # noqa: ARG002  # a file cannot filter
        """Chunks of the rows below the header; row 1 is the first of them, however many lines each takes."""
        with opened(self.path) as stream:
            yield from not_empty(self.rows_of(stream), self.label)
