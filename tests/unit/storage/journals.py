"""Lines, and what a journal makes of them."""

from pathlib import Path

from evertopic.storage.journal import Journal


def lines(count: int, first: int = 0) -> list[bytes]:
    return [b'{"n": %d}' % number for number in range(first, first + count)]


def drain(journal: Journal) -> list[bytes | None]:
    """Everything that waits, done."""
    found: list[bytes | None] = []
    while (part := journal.read()) is not None:
        found += part.payloads
        assert journal.done(part) == 0
    return found


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.lines"))
