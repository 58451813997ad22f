"""A file that appears when all of it is there; until then its chunks lie beside it."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from evertopic.errors import BadInput, Unavailable
from evertopic.prediction.batch.answers import Answer
from evertopic.prediction.batch.formats import Columnar, Delimited, Format, Layout, Lines
from evertopic.prediction.batch.marks import Mark, Run
from evertopic.prediction.batch.rows import Chunk
from evertopic.storage.places import sync_folder
from evertopic.storage.turns import turn

RUN = "run.json"


@dataclass(frozen=True, slots=True)
class FileTarget:
    """An output file. Its chunks are in OUTPUT.parts, each with a mark that is written last and declares it done."""

    path: Path
    format: Format

    @property
    def label(self) -> str:
        """The path."""
        return str(self.path)

    @property
    def typed(self) -> bool:
        """Whether the format must know what columns hold."""
        return self.format.typed

    @property
    def settings(self) -> tuple[str, ...]:
        """The format with its settings."""
        return (repr(self.format),)

    @property
    def parts(self) -> Path:
        """The folder of the chunks."""
        return self.path.with_name(f"{self.path.name}.parts")

    @contextmanager
    def held(self) -> Iterator[None]:
        """While it lasts no other run writes this file.

        Raises:
            BadInput: the folder of the file is not there.
            Unavailable: another run is at it, or the disk takes nothing.
        """
        if not self.path.parent.is_dir() or self.path.is_dir():
            raise BadInput(f"{self.path} cannot be written: name a file in a folder that is there.")
        with _disk(self.path):
            self.parts.mkdir(exist_ok=True)
        with ExitStack() as held:
            try:
                held.enter_context(turn(self.parts / "lock", 0))
            except sqlite3.OperationalError as fault:
                raise Unavailable(f"Another run is writing {self.path} ({fault}): wait for its end.") from fault
            try:
                yield
            finally:
                if not (self.parts / RUN).exists():
                    shutil.rmtree(self.parts, ignore_errors=True)

    def left_over(self) -> tuple[Run, Mark] | None:
        """What a killed run left here, None where there is nothing to go on with."""
        try:
            run = Run.model_validate_json((self.parts / RUN).read_bytes())
            marks = sorted(self.parts.glob("[0-9]*.done.json"))
            return run, Mark.model_validate_json(marks[-1].read_bytes()) if marks else Mark()
        except (FileNotFoundError, ValidationError):
            return None

    def begin(self, run: Run, layout: Layout) -> None:  # noqa: ARG002 - each part writes its own columns
        """A new run; what was left of another is gone."""
        with _disk(self.path):
            (self.parts / RUN).unlink(missing_ok=True)  # first, so that no run claims the parts of another
            for left in self.parts.iterdir():
                if left.name[0].isdigit() or left.name.startswith("."):
                    left.unlink()
        self._write(RUN, run.model_dump_json(indent=1).encode())

    def put(self, run: Run, layout: Layout, chunk: Chunk, answers: Sequence[Answer], mark: Mark) -> None:  # noqa: ARG002
        """One chunk more."""
        self._write(f"{mark.chunks:08d}{self.format.ending}", self.format.part(layout, chunk, answers))
        self._write(f"{mark.chunks:08d}.done.json", mark.model_dump_json().encode())

    def finish(self, run: Run, layout: Layout, mark: Mark) -> None:  # noqa: ARG002 - the folder says whose it is
        """The whole file, in the place of the one that was there; the chunks are gone."""
        whole = self.parts / f".whole{self.format.ending}"
        with _disk(self.path):
            with whole.open("wb") as file:
                chunks = [self.parts / f"{number:08d}{self.format.ending}" for number in range(1, mark.chunks + 1)]
                self.format.join(layout, chunks, file)
                file.flush()
                os.fsync(file.fileno())
            whole.replace(self.path)
            sync_folder(self.path.parent)
            shutil.rmtree(self.parts)

    def _write(self, name: str, content: bytes) -> None:
        """A file of the folder, whole or not there."""
        beside = self.parts / f".{name}"
        with _disk(self.path):
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.parts / name)
            sync_folder(self.parts)


def file_target(path: Path, delimited: Delimited) -> FileTarget:
    """The output file at `path`, written as its ending says.

    Args:
        path: where the whole file shall be.
        delimited: how a .csv file is written.

    Raises:
        BadInput: nothing is written under such an ending.
    """
    tabs = Delimited(delimiter="\t", ending=".tsv")
    formats: dict[str, Format] = {".csv": delimited, ".tsv": tabs}
    formats |= {".jsonl": Lines(), ".ndjson": Lines(), ".parquet": Columnar()}
    found = formats.get(path.suffix.lower())
    if found is None:
        raise BadInput(f"{path} ends in '{path.suffix}', expected one of {', '.join(formats)}; or a URL with --table.")
    return FileTarget(path, found)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
        advice = "free space on the disk" if full else "check that the folder is there and may be written to"
        raise Unavailable(
            f"{path} could not be written ({fault.strerror or fault}): {advice} and run again, it goes on from there."
        ) from fault
