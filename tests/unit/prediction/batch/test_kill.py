"""kill -9 anywhere: the next run goes on, and ends as if nothing had happened."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine

from evertopic.prediction.batch import TableTarget
from evertopic.prediction.bundle import Bundle, write_bundle
from tests.unit.prediction.batch.batches import models, predicted, rows, tables

ROOT = Path(__file__).parents[4]

# One process imports everything and forks a child for every place to die at. A child dies by its own SIGKILL, with
# files half written, locks held and transactions open, as it would under the kernel's.
CHILDREN = """
import os, re, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from evertopic.prediction.batch import TableTarget
from evertopic.prediction.predictor import Predictor
from tests.unit.prediction.batch.batches import models, predicted

folder, output = Path(sys.argv[1]), sys.argv[2]
predictor = Predictor.load(folder / "bundle")
predictor.predict(["warm"])
target = TableTarget(output, "answers") if "://" in output else Path(output)
load = models(predictor.bundle).load

def doomed(what, nth, pattern):
    times = 0
    def count():
        nonlocal times
        times += 1
        if times == nth:
            os.kill(os.getpid(), signal.SIGKILL)
    if what == "commit":
        event.listen(Engine, "commit", lambda connection: count())
        return
    sys.addaudithook(lambda name, given: name == what and re.search(pattern, str(given[0])) and count())

for line in sys.stdin:
    what, nth, pattern = line.strip().split(" ", 2)
    child = os.fork()
    if not child:
        doomed(what, int(nth), pattern)
        predicted(folder / "news.csv", target, load)
        os._exit(0)
    print(-os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

# An encoder that asks for leave before each block: the test gives it as often as it wants.
PATIENT = """
import sys
from pathlib import Path
from evertopic.prediction.predictor import Predictor
from tests.unit.prediction.batch.batches import Models, a_model, predicted

folder, output = Path(sys.argv[1]), Path(sys.argv[2])
bundle = Predictor.load(folder / "bundle").bundle

class Patient:
    kind, width, fingerprint = bundle.meta.encoder.kind, bundle.meta.encoder.width, bundle.meta.encoder.fingerprint
    def encode(self, texts):
        sys.stdin.readline()
        return bundle.meta.encoder.encode(texts)

predicted(folder / "news.csv", output, Models({1: a_model(bundle, encoder=Patient())}).load)
"""

PLACES = (
    r"open 1 run\.json$",
    r"open 1 \.00000001\.",
    r"os.rename 1 \.00000001\.done",
    r"open 1 \.00000003\.[a-z]+$",
    r"open 1 \.00000003\.done",
    r"os.rename 1 \.00000005\.done",
    r"open 1 \.whole",
    r"os.rename 1 \.whole",
    r"shutil.rmtree 1 parts",
)
"""In the order of a run; each is killed a little further than the one before, which it takes over from."""


@pytest.fixture
def folder(tmp_path: Path, csv_file: Path, bundle: Bundle) -> Path:
    """A model and documents on disk."""
    write_bundle(bundle, tmp_path / "bundle")
    return csv_file.parent


def killed(folder: Path, output: str, places: tuple[str, ...]) -> Iterator[int]:
    """By which signal each run died that had to die at one of these places."""
    command = [sys.executable, "-W", "ignore", "-c", CHILDREN, str(folder), output]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as children:
        assert children.stdin is not None
        assert children.stdout is not None
        for place in places:
            children.stdin.write(f"{place}\n")
            children.stdin.flush()
            yield int(children.stdout.readline() or 0)
        children.stdin.close()


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_files_survive_every_death(folder: Path, bundle: Bundle, ending: str) -> None:
    """Killed while a chunk, its mark, the whole file is written, renamed, tidied up: the same bytes, nothing left."""
    registry = models(bundle)
    predicted(folder / "news.csv", folder / f"whole{ending}", registry.load)
    broken, whole = folder / f"broken{ending}", (folder / f"whole{ending}").read_bytes()
    for place, died in zip(PLACES, killed(folder, str(broken), PLACES), strict=True):
        assert died == signal.SIGKILL, place
        assert broken.exists() == ("rmtree" in place), place
    assert broken.read_bytes() == whole
    outcome = predicted(folder / "news.csv", broken, registry.load)
    assert (outcome.rows, outcome.earlier) == (40, 40)
    assert broken.read_bytes() == whole
    assert not list(folder.glob("*.parts"))


def test_tables_survive_every_death(folder: Path, bundle: Bundle, database_url: str, database: Engine) -> None:
    """Killed before any commit of chunk and mark: every row is in the table once, and the table is there at the end."""
    registry = models(bundle)
    predicted(folder / "news.csv", TableTarget(database_url, "whole"), registry.load)
    places = tuple(f"commit {nth} ." for nth in (1, 2, 3, 4, 3, 2, 2, 4))
    assert list(killed(folder, database_url, places)) == [signal.SIGKILL] * len(places)
    assert tables(database) == {"evertopic_batches", "whole", "answers_parts"}
    outcome = predicted(folder / "news.csv", TableTarget(database_url, "answers"), registry.load)
    assert outcome.rows == 40
    assert 0 < outcome.earlier < 40
    assert tables(database) == {"evertopic_batches", "whole", "answers"}
    whole = rows(database, "select * from whole order by id")
    assert rows(database, "select * from answers order by id") == whole
    assert len(whole) == 40


def test_a_stranger_kills_it_in_the_middle(folder: Path, bundle: Bundle) -> None:
    """A process that is encoding its fourth chunk is killed from outside; the next one ends in the same bytes."""
    registry, parts = models(bundle), folder / "broken.csv.parts"
    predicted(folder / "news.csv", folder / "whole.csv", registry.load)
    command = [sys.executable, "-W", "ignore", "-c", PATIENT, str(folder), str(folder / "broken.csv")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        process.stdin.write("\n" * 3)
        process.stdin.flush()
        while process.poll() is None and not (parts / "00000003.done.json").exists():
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    outcome = predicted(folder / "news.csv", folder / "broken.csv", registry.load)
    assert outcome.earlier == 21
    assert (folder / "broken.csv").read_bytes() == (folder / "whole.csv").read_bytes()
    ids = re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f-]+", (folder / "broken.csv").read_text())
    assert len(set(ids)) == len(ids) == 40
