"""Digests: how everything at rest is named, so that one can follow a model back to its documents."""

import hashlib
import json
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import BaseModel

DIGEST_CHARACTERS = 32


def digest_bytes(content: bytes) -> str:
    """The digest of raw bytes: 32 hexadecimal characters (128 bits of BLAKE2b).

    >>> len(digest_bytes(b""))
    32
    """
    return hashlib.blake2b(content, digest_size=DIGEST_CHARACTERS // 2).hexdigest()


def digest_text(text: str) -> str:
    """The digest of a text, by which vectors and features find it again.

    Lone surrogates (damaged input) are kept apart from their replacement, not refused.
    """
    return digest_bytes(text.encode("utf-8", "surrogatepass"))


def digest_of(*parts: Any) -> str:
    """The digest of settings, names and other digests, in this order.

    Parts are written as JSON with sorted keys, so `{"a": 1, "b": 2}` and `{"b": 2, "a": 1}` agree.
    Raises TypeError for a part that JSON and pydantic cannot write.

    >>> digest_of("layout", {"a": 1, "b": 2}) == digest_of("layout", {"b": 2, "a": 1})
    True
    """
    return digest_bytes(json.dumps(parts, sort_keys=True, ensure_ascii=False, default=_plain).encode())


def _plain(part: Any) -> Any:
    if isinstance(part, BaseModel):
        return part.model_dump(mode="json")
    if isinstance(part, Path):
        return str(part)
    raise TypeError(f"{type(part).__name__} has no digest: pass text, numbers, lists, mappings or a pydantic object.")


@cache
def digest_of_code(room: str, *packages: str) -> str:
    """The digest of the source files of one room of this library and the versions of `packages`.

    It goes into the name of whatever the room computes, so that a change of the code or of a library it leans on
    is a change of the artefact, never a stale hit in the lake.
    """
    folder = Path(__file__).parent / room
    sources = {str(path.relative_to(folder)): digest_bytes(path.read_bytes()) for path in sorted(folder.rglob("*.py"))}
    return digest_of(sources, {name: metadata.version(name) for name in packages})
