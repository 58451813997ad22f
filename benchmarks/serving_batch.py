"""Batch prediction by the command: rows a second and peak memory, and how both go with the number of rows.

python -m benchmarks.serving_batch [--rows N ...] [--kinds N] [--home FOLDER] [--sentences N]
"""

import argparse
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stdout
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from benchmarks.corpora import ROOT, bundled
from benchmarks.measure import keep, measure, show
from benchmarks.stages import one_thread

ROWS = (10_000, 100_000, 1_000_000)
KINDS = 10_000
ENCODED = 1_000
LIMIT_MIB = 2_048
SENTENCES = (3, 9)
"""Sentences of a row: the fewest, and one more than the most."""
CONFIGS: dict[str, dict[str, Any]] = {
    "hashing": {"embed": {"kind": "hashing", "width": 384}},
    "sentences": {},
}
"""Two loops over the same 300 news: one whose encoder costs nearly nothing, and the default one."""


def main() -> None:
    """Measure, print the tables, write benchmarks/results/serving_batch.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="of the files that are predicted")
    parser.add_argument("--kinds", type=int, default=KINDS, help="rows for the comparison of kinds of input and output")
    parser.add_argument("--sentences", type=int, default=ENCODED, help="rows for the default encoder; 0: none")
    parser.add_argument("--home", type=Path, help="where the models are trained, and found again by the next run")
    chosen = parser.parse_args()
    one_thread()
    with _home(chosen.home) as home, tempfile.TemporaryDirectory(dir=home) as folder:
        place, wanted = Path(folder), ["hashing", *(["sentences"] if chosen.sentences else [])]
        configs = {name: _trained(home, name) for name in wanted}
        sizes = [_sized(configs["hashing"], place, rows) for rows in chosen.rows]
        kinds = _kinds(configs["hashing"], place, chosen.kinds)
        encoders = _encoded(configs["sentences"], place, chosen.sentences) if chosen.sentences else []
    columns = ["batch", "rows", "rows/s", "rows/CPU s", "peak MiB"]
    show("CSV to CSV, hashing encoder", columns, [_row(one) for one in sizes])
    show(f"{chosen.kinds:,} rows from kind to kind, hashing encoder", columns, [_row(one) for one in kinds])
    show("CSV to CSV, default encoder", columns, [_row(one) for one in encoders])
    met = all(one["peak_mib"] <= LIMIT_MIB for one in [*sizes, *kinds, *encoders])
    print(f"No batch took more than {LIMIT_MIB:,} MiB: {'yes' if met else 'NO'}.")
    facts = {"sizes": sizes, "kinds": kinds, "default_encoder": encoders, "limit_mib": LIMIT_MIB, "met": met}
    print(f"Written to {keep('serving_batch', facts)}")


def texts(count: int) -> Iterator[str]:
    """So many texts, each of some sentences of gensim's news, none like another; the same ones every time."""
    random = np.random.default_rng(0)
    sentences = [one.strip() + "." for text in bundled().texts for one in text.split(". ") if len(one) > 20]
    for number in range(count):
        chosen = random.integers(0, len(sentences), random.integers(*SENTENCES))
        yield f"{' '.join(sentences[at] for at in chosen)} ({number})"


def train(config: str, home: str) -> None:
    """The model of a config, registered at `home`."""
    _at(home)
    from benchmarks.walk import walk

    walk(config)


def predict(home: str, arguments: Sequence[str]) -> None:
    """The command `evertopic predict` with these arguments, as a user runs it."""
    _at(home)
    from evertopic.cli.main import app

    with redirect_stdout(StringIO()):
        app(["predict", *arguments, "--json"], standalone_mode=False)


def _sized(config: Path, folder: Path, rows: int) -> dict[str, Any]:
    source, target = folder / f"{rows}.csv", folder / "out.csv"
    _write_csv(source, rows)
    fact = _timed(config, f"{rows:,}", rows, "--input", str(source), "--output", str(target))
    fact["input_mb"], fact["output_mb"] = (path.stat().st_size / 1e6 for path in (source, target))
    source.unlink()
    return fact


def _kinds(config: Path, folder: Path, rows: int) -> list[dict[str, Any]]:
    """The same rows from each kind of input to the same kind of output, and once remembered in the log."""
    frame = pd.DataFrame({"id": range(rows), "text": list(texts(rows))})
    frame.to_csv(folder / "in.csv", index=False)
    frame.to_json(folder / "in.jsonl", orient="records", lines=True)
    frame.to_parquet(folder / "in.parquet", index=False)
    with closing(sqlite3.connect(folder / "rows.db")) as connection:
        frame.to_sql("notes", connection, index=False)
    database = f"sqlite:///{folder / 'rows.db'}"
    asked = ["--input", database, "--query", "select id, text from notes", "--key", "id"]
    ways = {
        kind: ["--input", str(folder / f"in.{kind}"), "--output", str(folder / f"out.{kind}")]
        for kind in ("csv", "jsonl", "parquet")
    }
    ways |= {"csv, logged": [*ways["csv"], "--log"], "sqlite": [*asked, "--output", database, "--table", "answers"]}
    return [_timed(config, kind, rows, *arguments) for kind, arguments in ways.items()]


def _encoded(config: Path, folder: Path, rows: int) -> list[dict[str, Any]]:
    """The default encoder on texts nobody has seen, and once more when the vector store knows them."""
    source = folder / "encoded.csv"
    _write_csv(source, rows)
    arguments = ["--input", str(source), "--output", str(folder / "out.csv")]
    names = ("never seen", "known to the vector store")
    return [_timed(config, name, rows, *arguments) for name in names]


def _timed(config: Path, name: str, rows: int, *arguments: str) -> dict[str, Any]:
    cost = measure(predict, str(config.parent), [str(config), *arguments])
    fact = {
        "batch": name,
        "rows": rows,
        "wall_s": cost.wall_s,
        "cpu_s": cost.cpu_s,
        "rows_per_s": rows / cost.wall_s,
        "rows_per_cpu_s": rows / cost.cpu_s,
        "peak_mib": cost.peak_mib,
    }
    print(fact, flush=True)
    return fact


def _row(fact: dict[str, Any]) -> list[Any]:
    return [fact[name] for name in ("batch", "rows", "rows_per_s", "rows_per_cpu_s", "peak_mib")]


def _write_csv(path: Path, rows: int) -> None:
    """In pieces: the one who measures memory should not run out of it."""
    source, done = texts(rows), 0
    while part := list(islice(source, 50_000)):
        frame = pd.DataFrame({"id": range(done, done + len(part)), "text": part})
        frame.to_csv(path, mode="a", header=not done, index=False)
        done += len(part)


def _trained(home: Path, name: str) -> Path:
    """The config of a loop whose model is registered beside it."""
    path = home / name / f"{name}.yaml"
    if not path.exists():
        path.parent.mkdir()
        content = {
            "name": name,
            "source": {"kind": "bundled"},
            "search": {"kind": "grid", "trials": 4},
            **CONFIGS[name],
        }
        path.with_suffix(".new").write_text(yaml.safe_dump(content))
        print(f"Training {name} ...", flush=True)
        measure(train, str(path.with_suffix(".new")), str(path.parent))
        path.with_suffix(".new").rename(path)
    return path


@contextmanager
def _home(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory() as fresh:
        yield Path(fresh)


def _at(home: str) -> None:
    from evertopic.storage.registry import MLFLOW_DEFAULTS

    os.chdir(ROOT)
    os.environ |= MLFLOW_DEFAULTS | {"EVERTOPIC_HOME": home, "PREFECT_LOGGING_LEVEL": "ERROR"}


if __name__ == "__main__":
    main()
