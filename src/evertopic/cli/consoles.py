"""Where the command writes: answers to stdout, everything else to stderr."""

import json
import math
import sys
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.text import Text

from evertopic.reporting.formats import harmless


def show(screen: RenderableType) -> None:
    """Writes an answer to stdout."""
    # In a group: a bare text would lose its wish not to be wrapped.
    Console(file=sys.stdout, highlight=False).print(Group(screen), crop=False)


def aside() -> Console:
    """The console on stderr, for progress and faults."""
    return Console(file=sys.stderr, highlight=False)


def complain(message: str) -> None:
    """Writes a fault to stderr, in red where that can be seen."""
    tell(message, "red")


def tell(message: str, style: str = "") -> None:
    """Writes a sentence to stderr, whatever it holds."""
    aside().print(Text(harmless(message), style=style), soft_wrap=True)


def show_json(content: Any) -> None:
    """Writes one JSON object to stdout; what was not measured is null."""
    sys.stdout.write(json.dumps(plain(content), ensure_ascii=False, indent=1) + "\n")


def plain(content: Any) -> Any:
    """Records, tuples, times and paths as JSON knows them; nan and infinities become null.

    >>> plain((1.5, float("nan"), Path("a")))
    [1.5, None, 'a']
    """
    if is_dataclass(content) and not isinstance(content, type):
        return plain(asdict(content))
    if isinstance(content, dict):
        return {str(key): plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [plain(value) for value in content]
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    if isinstance(content, date):
        return content.isoformat()
    return str(content) if isinstance(content, Path) else content
