"""Retrained on the same documents under other seeds: how often would the gate promote what is only different?

    python -m benchmarks.same_data [--tries 20] [--seed 1000]

BBC News (OCTIS), 2,225 documents. One model is the champion; each further one is a whole search of the same documents
under another seed, so that the split, the embeddings and often the settings chosen differ. None of them is better but
by chance: every promotion is a false one.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.corpora import ROOT, Corpus, bbc, vectors_of
from benchmarks.measure import keep, show
from evertopic.corpus.cleaning import Cleaning, clean
from evertopic.digests import digest_text
from evertopic.embedding import OnnxEncoder

if TYPE_CHECKING:
    from evertopic.records import GateReport, ModelVersion
    from tasks.job import Job

ENCODER = OnnxEncoder(max_length=128)
FIRST = 1_000


def main() -> None:
    """Trains the champion and the challengers, and shows what the gate says of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--seed", type=int, default=FIRST, help="of the first challenger; the champion's is one less")
    chosen = parser.parse_args()
    tries, first = chosen.tries, chosen.seed
    with tempfile.TemporaryDirectory() as temporary, _surroundings(Path(temporary)):
        corpus = bbc()
        home = _written(corpus, Path(temporary))
        versions = [_trained(home, seed) for seed in range(first - 1, first + tries)]
        rows = [_tried(home, versions[0], version) for version in versions[1:]]
        chain = [_tried(home, old, new) for old, new in pairwise(versions[1:])]
    facts = {"tries": tries, "promoted": sum(row["passed"] for row in rows), "runs": rows}
    facts |= {"chain": {"tries": len(chain), "promoted": sum(row["passed"] for row in chain), "runs": chain}}
    columns = ("challenger", "topics", "quality", "low", "high", "churn", "passed")
    shown = [tuple(row[name] for name in columns) for row in (*rows, *chain)]
    show("The same documents, other seeds", columns, shown)
    kept = keep("same_data" if first == FIRST else f"same_data_{first}", facts)
    print(f"{facts['promoted']} of {tries} promoted. {kept}")


def _tried(home: Path, champion: "ModelVersion", challenger: "ModelVersion") -> dict[str, Any]:
    from evertopic.storage.registry import open_registry
    from tasks.gate import gated, read_gate

    job = _job(home, FIRST)
    started = perf_counter()
    registry = open_registry(job.place.tracking_uri, job.place.artifacts_url)
    ref = gated(job, registry, champion, challenger, None, None)
    report = read_gate(job.lake(), ref)
    row = _row(report, job, challenger) | {"seconds": perf_counter() - started}
    print({name: value for name, value in row.items() if name != "checks"}, flush=True)
    return row


def _row(report: "GateReport", job: "Job", challenger: "ModelVersion") -> dict[str, Any]:
    from evertopic.storage.cards import read_card

    card = read_card(job.lake(), challenger.digest)
    quality = next(one for one in report.measures if one.name == "quality")
    values = {check.name: check.value for check in report.checks}
    return {
        "champion": report.champion,
        "challenger": report.challenger,
        "topics": card.bundle.topics if card else 0,
        "quality": quality.difference.value,
        "low": quality.difference.low,
        "high": quality.difference.high,
        "churn": values.get("churn"),
        "held_out": report.held_out,
        "passed": report.passed,
        "reason": report.reason,
        "measures": {one.name: [one.before, one.after] for one in report.measures},
        "checks": [asdict(check) for check in report.checks],
    }


def _trained(home: Path, seed: int) -> "ModelVersion":
    """The walk of the flow `train`, without Prefect."""
    from tasks.build import build_model
    from tasks.embed import embed_documents
    from tasks.ingest import ingest_documents, take_snapshot
    from tasks.lineage import align_topics
    from tasks.parity import check_parity
    from tasks.preprocess import preprocess_documents
    from tasks.register import register_model
    from tasks.report import gather, write_report

    job, started = _job(home, seed), perf_counter()
    batch = ingest_documents.fn(job)
    cleaned = preprocess_documents.fn(job, take_snapshot.fn(job, batch))
    vectors = embed_documents.fn(job, cleaned)
    found = _searched(job, cleaned, vectors)
    lineage = align_topics.fn(job, cleaned, found.space, found.choice)
    bundle = build_model.fn(job, cleaned, vectors, found.space, found.choice, lineage)
    training = gather(cleaned, vectors, found, lineage, bundle)
    report = write_report.fn(job, batch, training, check_parity.fn(job, vectors, bundle))
    version = register_model.fn(job, training, report)
    print(
        f"seed {seed}: version {version.version}, {bundle.topics} topics, {perf_counter() - started:.0f} s", flush=True
    )
    return version


def _searched(job: "Job", cleaned: Any, vectors: Any) -> Any:
    from tasks.choice import Found, choose_candidate, plan_reseeding, score_candidates
    from tasks.space import prepare_search
    from tasks.trials import fit_baseline, plan_trials, try_embedding

    space = prepare_search.fn(job, cleaned, vectors)
    tried = [try_embedding.fn(job, space, plan) for plan in plan_trials.fn(job, space)]
    trials = score_candidates.fn(job, space, tried)
    baseline = fit_baseline.fn(job, space, trials)
    again = [try_embedding.fn(job, space, plan) for plan in plan_reseeding.fn(job, trials)]
    return Found(space, trials, choose_candidate.fn(job, space, trials, again, baseline))


def _written(corpus: Corpus, home: Path) -> Path:
    """The corpus as a file, and its vectors where the product looks for them."""
    from evertopic.environment import read_environment
    from evertopic.storage.vectors import VectorStore

    pd.DataFrame({"text": corpus.texts, "label": corpus.labels}).to_parquet(home / "corpus.parquet")
    first = {digest_text(clean(text, Cleaning())): row for row, text in reversed(list(enumerate(corpus.texts)))}
    rows = np.array(list(first.values()))
    store = VectorStore(read_environment(os.environ, ROOT).vectors_url)
    store.add(ENCODER.fingerprint(), list(first), vectors_of(corpus, ENCODER)[rows])
    return home


def _job(home: Path, seed: int) -> "Job":
    from evertopic.config import parse_config
    from evertopic.environment import read_environment
    from tasks.job import Job

    content: dict[str, Any] = {
        "name": "same",
        "source": {"kind": "parquet", "path": str(home / "corpus.parquet")},
        "columns": {"text": "text", "label": "label"},
        "tokenizer": {"language": "en"},
        "embed": ENCODER.model_dump(mode="json"),
        "model": {"umap": {"seeds": 1}, "hdbscan": {"min_cluster_size": [10, 15, 25, 40], "min_samples": [None]}},
        "search": {"kind": "grid", "finalists": 2, "seeds": 3},
        "seed": seed,
    }
    return Job(parse_config(content, "benchmark", ROOT), read_environment(os.environ, ROOT), datetime.now(UTC))


@contextmanager
def _surroundings(home: Path) -> Iterator[None]:
    os.environ["EVERTOPIC_HOME"] = str(home)
    yield


if __name__ == "__main__":
    main()
