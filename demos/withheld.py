"""The 300 news that come with gensim, with one subject kept back: sport."""

import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random

LINES = (
    "6 15 16 17 25 27 37 39 46 47 52 55 59 72 96 104 111 112 118 132 139 146 152 158 165 182 191 196 207 215 "
    "224 232 241 246 258 266 275 283 299"
)
SPORT = frozenset(int(line) for line in LINES.split())
"""Lines of the corpus, read and sorted by a person: cricket, tennis, swimming, football, sailing races."""
TRAINED = 180


@dataclass(frozen=True, slots=True)
class Parts:
    """What is trained on, what is ordinary traffic, what is the new subject."""

    trained: tuple[str, ...]
    ordinary: tuple[str, ...]
    sport: tuple[str, ...]


def parts() -> Parts:
    """The three parts; the same on every machine."""
    from gensim.test.utils import datapath

    lines = Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()
    texts = [line.strip() for line in lines if line.strip()]
    others = [text for number, text in enumerate(texts) if number not in SPORT]
    Random(0).shuffle(others)
    return Parts(
        trained=tuple(others[:TRAINED]),
        ordinary=tuple(others[TRAINED:]),
        sport=tuple(text for number, text in enumerate(texts) if number in SPORT),
    )


def write(texts: tuple[str, ...], path: Path) -> None:
    """Writes the texts as a CSV file with a column `text`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["text"])
        out.writerows([text] for text in texts)
