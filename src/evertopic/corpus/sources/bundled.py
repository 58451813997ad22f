"""Documents that come with an installed package: real text without a download."""

import re
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Literal

import pandas as pd

from evertopic.corpus.sources.base import SourceKind, as_chunk
from evertopic.digests import digest_bytes
from evertopic.errors import Unavailable

_ENCODINGS = {"lee_background": "utf-8", "lee": "cp1252", "pang_lee_polarity": "cp1252"}
_LABEL = re.compile(r"__label__(\w+) (.*)", re.DOTALL)


class Bundled(SourceKind):
    """A small corpus out of gensim's test data, one document a line.

    `lee_background` (news, column text), `lee` (news, column text), `pang_lee_polarity` (film reviews in sentences,
    columns text and label).
    """

    kind: Literal["bundled"] = "bundled"
    name: Literal["lee_background", "lee", "pang_lee_polarity"] = "lee_background"

    @property
    def label(self) -> str:
        """`bundled:` and the name."""
        return f"bundled:{self.name}"

    def fingerprint(self) -> str:
        """The digest of the file's bytes."""
        return digest_bytes(self._file().read_bytes())

    def read(self, since: datetime | None = None) -> Iterator[pd.DataFrame]:  # noqa: ARG002  # a file cannot filter
        """Chunks of the lines; row 1 is the first line.

        Raises:
            Unavailable: gensim is installed without its test data.
        """
        row = 1
        with self._file().open(encoding=_ENCODINGS[self.name]) as lines:
            while batch := [line.strip() for line in islice(lines, self.chunk_rows)]:
                yield as_chunk(_columns(batch), row)
                row += len(batch)

    def _file(self) -> Path:
        spec = find_spec("gensim")  # finds the folder; importing gensim would take seconds
        folder = Path(spec.origin).parent if spec and spec.origin else Path("gensim")
        path = folder / "test" / "test_data" / f"{self.name}.cor"
        if not path.is_file():
            raise Unavailable(f"{path} is not there: install gensim with its test data, or name a file of your own.")
        return path


def _columns(lines: list[str]) -> dict[str, list[str | None]]:
    labelled = [_LABEL.fullmatch(line) for line in lines]
    if not any(labelled):
        return {"text": list(lines)}
    return {
        "text": [found[2] if found else line for found, line in zip(labelled, lines, strict=True)],
        "label": [found[1] if found else None for found in labelled],
    }
