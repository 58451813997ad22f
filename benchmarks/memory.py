"""Peak memory of each step of the walk, and how it grows with the number of documents.

python -m benchmarks.memory [--documents N ...] [--limit SECONDS]
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from benchmarks.corpora import ROOT, column
from benchmarks.measure import keep, show
from benchmarks.stages import cpu_seconds, one_thread

SIZES = (2_000, 10_000, 50_000)
CORPUS = "reddit_titles_2006_2013.parquet"
WIDTH = 256
LIMIT_S = 1_500.0


def main() -> None:
    """Measure each size in a process of its own, print the table, write benchmarks/results/memory.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=SIZES)
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds of wall for each size")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        _walk_and_watch(chosen.inside)
        return
    one_thread()
    walks = {size: _in_process(size, chosen.limit) for size in chosen.documents}
    done = {size: steps for size, steps in walks.items() if steps}
    names = list(dict.fromkeys(step["step"] for steps in done.values() for step in steps))
    peaks = {size: {step["step"]: step["peak_mib"] for step in steps} for size, steps in done.items()}
    rows = [[name, *(peaks[size].get(name, 0.0) for size in done)] for name in names]
    rows += [["whole walk", *(max(peaks[size].values()) for size in done)]]
    rows += [["CPU s", *(sum(step["cpu_s"] for step in steps) for steps in done.values())]]
    show(f"Peak resident MiB, {CORPUS}, hashing encoder {WIDTH} wide", ["step", *(f"{s:,}" for s in done)], rows)
    slopes = _slopes({size: max(peaks[size].values()) for size in done})
    for span, slope in slopes.items():
        print(f"{span} documents: {slope:.1f} KiB more for each document.")
    unfinished = [size for size in walks if size not in done]
    if unfinished:
        print(f"Not finished within {chosen.limit:.0f} s: {', '.join(f'{size:,}' for size in unfinished)} documents.")
    facts = {"corpus": CORPUS, "width": WIDTH, "steps": {str(size): steps for size, steps in done.items()}}
    print(f"Written to {keep('memory', {**facts, 'kib_per_document': slopes, 'unfinished': unfinished})}")


def _in_process(size: int, limit: float) -> list[dict[str, Any]]:
    """Steps of one walk over `size` documents; none when it took too long."""
    with tempfile.TemporaryDirectory() as home:
        config = _prepare(size, Path(home))
        command = [sys.executable, "-m", "benchmarks.memory", "--inside", str(config)]
        surroundings = {**os.environ, "EVERTOPIC_HOME": home, "PREFECT_LOGGING_LEVEL": "ERROR"}
        try:
            subprocess.run(command, cwd=ROOT, env=surroundings, timeout=limit, check=True, stdout=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return []
        steps: list[dict[str, Any]] = json.loads((Path(home) / "steps.json").read_text())
        return steps


def _prepare(size: int, home: Path) -> Path:
    """A config of this size beside its documents. Few trials: each holds the memory that any other one does."""
    texts = column(CORPUS, ["text"], size).texts
    frame = pd.DataFrame({"id": [f"{row:06d}" for row in range(len(texts))], "text": texts})
    frame.to_parquet(home / "documents.parquet")
    content = {
        "name": "memory",
        "source": {"kind": "parquet", "path": str(home / "documents.parquet")},
        "columns": {"id": "id", "text": "text"},
        "embed": {"kind": "hashing", "width": WIDTH},
        "model": {"hdbscan": {"min_samples": [5]}},
        "search": {"kind": "grid", "trials": 4, "finalists": 2, "seeds": 1},
        "choice": {"most_topics": 2_000},
    }
    path = home / "memory.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def _walk_and_watch(config: Path) -> None:
    from benchmarks.walk import imports, walk

    steps: list[dict[str, Any]] = []
    cpu, wall = cpu_seconds(), time.perf_counter()

    def after(step: str) -> None:
        nonlocal cpu, wall
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        peak = int(status["VmHWM"].split()[0]) / 1024
        spent = {"cpu_s": cpu_seconds() - cpu, "wall_s": time.perf_counter() - wall}
        steps.append({"step": step, "peak_mib": peak, **spent})
        print(steps[-1], file=sys.stderr, flush=True)
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from what is held now
        cpu, wall = cpu_seconds(), time.perf_counter()

    imports()
    after("imports")
    walk(str(config), after)
    (config.parent / "steps.json").write_text(json.dumps(steps))


def _slopes(peaks: dict[int, float]) -> dict[str, float]:
    """KiB for each further document, from each size to the next."""
    sizes = sorted(peaks)
    return {
        f"{small:,} to {large:,}": (peaks[large] - peaks[small]) * 1024 / (large - small)
        for small, large in pairwise(sizes)
    }


if __name__ == "__main__":
    main()
