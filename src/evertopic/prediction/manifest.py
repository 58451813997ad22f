"""The manifest of a model folder: the SHA-256 of every file, checked before anything is loaded."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from evertopic.errors import Corrupted

MANIFEST = "manifest.json"


class _Manifest(BaseModel):
    sha256: dict[str, str]
    """By the path of each file in the folder."""


def write_manifest(folder: Path) -> None:
    """Writes manifest.json over every other file in `folder`."""
    content = _Manifest(sha256=_sums(folder)).model_dump_json(indent=1)
    (folder / MANIFEST).write_text(content, encoding="utf-8")


def check_manifest(folder: Path) -> None:
    """Passes when `folder` holds exactly the files its manifest names, each with its SHA-256.

    Raises:
        Corrupted: no readable manifest, or a file is missing, added or altered; all of them are named.
    """
    try:
        expected = _Manifest.model_validate_json((folder / MANIFEST).read_bytes()).sha256
    except (OSError, ValidationError) as fault:
        raise Corrupted(f"{folder} has no readable {MANIFEST} ({fault}): fetch the model again.") from fault
    found = _sums(folder)
    altered = sorted(name for name in expected.keys() & found.keys() if expected[name] != found[name])
    faults = [
        *(f"{name} is missing" for name in sorted(expected.keys() - found.keys())),
        *(f"{name} is not in the manifest" for name in sorted(found.keys() - expected.keys())),
        *(f"{name} is not what was written" for name in altered),
    ]
    if faults:
        raise Corrupted(f"The model in {folder} was changed: {'; '.join(faults)}. It was not loaded: fetch it again.")


def _sums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
