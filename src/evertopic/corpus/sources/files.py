"""What all kinds that read a file share: opening it wherever it is, naming what is there when it is not."""

import errno
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import BadGzipFile
from lzma import LZMAError
from pathlib import PurePosixPath
from typing import BinaryIO, cast
from zipfile import BadZipFile

import fsspec
import pandas as pd
from fsspec.core import url_to_fs

from evertopic.corpus.sources.base import SourceKind, public_name
from evertopic.digests import DIGEST_CHARACTERS
from evertopic.errors import BadConfig, BadInput, Unavailable

NEIGHBOURS = 20
"""How many other files a message about a missing one names."""


class FileSource(SourceKind):
    """A source that is one file: a local path or any fsspec URL. Files ending in .gz, .bz2, .xz, .zip are unpacked."""

    path: str

    @property
    def label(self) -> str:
        """The path, or the URL without password and query."""
        return public_name(self.path)

    def fingerprint(self) -> str:
        """The digest of the bytes at rest, read as a stream; equal to `digest_bytes` of the whole file."""
        with opened(self.path, compression=None) as stream:
            return hashlib.file_digest(stream, _hash).hexdigest()  # type: ignore[arg-type]  # it has readinto


@contextmanager
def opened(path: str, compression: str | None = "infer") -> Iterator[BinaryIO]:
    """The file at a path or URL, open for reading bytes.

    Raises:
        BadInput: it is not there (the message names its neighbours), is a folder, may not be read, or does not unpack.
        BadConfig: the protocol of the URL is unknown or its package is not installed.
        Unavailable: the place did not answer.
    """
    try:
        file = fsspec.open(path, "rb", compression=compression)
    except (ImportError, ValueError) as error:
        raise BadConfig(f"{public_name(path)} cannot be opened: {error}") from error
    try:
        with file as stream:
            yield cast("BinaryIO", stream)
    except FileNotFoundError as error:
        raise BadInput(_missing(path)) from error
    except IsADirectoryError as error:
        raise BadInput(f"{public_name(path)} is a folder: name one file in it.") from error
    except PermissionError as error:
        raise BadInput(f"{public_name(path)} may not be read: give this user the right to.") from error
    except (BadGzipFile, BadZipFile, LZMAError, EOFError, zlib.error) as error:
        raise BadInput(f"{public_name(path)} does not unpack ({error}): copy it again.") from error
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise Unavailable(
            f"{public_name(path)} did not answer ({name}): check the connection and try again."
        ) from error


def not_empty(chunks: Iterator[pd.DataFrame], label: str) -> Iterator[pd.DataFrame]:
    """The same chunks.

    Raises:
        BadInput: there is not one row in them.
    """
    rows = 0
    for chunk in chunks:
        rows += len(chunk)
        yield chunk
    if rows == 0:
        raise BadInput(f"{label} has no rows: the file is empty or holds only a header. Export it again.")


def _hash() -> "hashlib.blake2b":
    return hashlib.blake2b(digest_size=DIGEST_CHARACTERS // 2)


def _missing(path: str) -> str:
    system, inner = url_to_fs(path)
    suffix, folder = PurePosixPath(inner).suffix, str(PurePosixPath(inner).parent)
    if not system.isdir(folder):
        return f"{public_name(path)} is not there, and neither is the folder {folder}: correct the path."
    names = sorted(PurePosixPath(name).name for name in system.ls(folder, detail=False))
    alike = [name for name in names if name.endswith(suffix)] if suffix else names
    more = f" and {len(alike) - NEIGHBOURS} more" if len(alike) > NEIGHBOURS else ""
    there = ", ".join(alike[:NEIGHBOURS]) + more if alike else f"no {suffix or 'other'} file"
    return f"{public_name(path)} is not there; in {folder} there is {there}: correct the path."
