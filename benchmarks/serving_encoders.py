"""Which encoder to serve with: speed, single texts, likeness to torch, and how many answers change with it.

python -m benchmarks.serving_encoders [--documents N] [--timed N] [--singles N]

Times are seconds of the processor, of one thread: other work on the machine slows them by tenths, not by multiples.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import Corpus, bbc, column, vectors_of
from benchmarks.measure import keep, measure, show, timed
from benchmarks.stages import one_thread
from evertopic.embedding import Encodes, OnnxEncoder, SentenceTransformerEncoder
from evertopic.records import UNASSIGNED, Floats, Integers

BUDGET = 0.05
FITTED, CALIBRATED = 0.4, 0.2
"""Shares of the documents; the rest is judged."""
KMEANS = 12
GOAL = 0.01
ROUNDS = 3
SPLITS = 5
FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_bf16", "amx_int8")


@dataclass(frozen=True, slots=True)
class Together:
    """int8 with texts sharing a pass: what the product does not do."""

    inner: OnnxEncoder
    kind: str = "onnx"

    @property
    def width(self) -> int:
        """As the encoder's."""
        return self.inner.width

    def fingerprint(self) -> str:
        """Not the encoder's: its vectors are others."""
        return f"together-{self.inner.fingerprint()}"

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors that depend on the company, which the encoder itself has no way to ask for."""
        from evertopic.embedding.base import unit_rows

        return unit_rows(self.inner._opened().encode(texts, 32))


REFERENCE = "torch fp32"
ENCODERS: dict[str, Encodes] = {
    REFERENCE: SentenceTransformerEncoder(),
    "torch fp32, 8 a pass": SentenceTransformerEncoder(batch_size=8),
    "torch bf16": SentenceTransformerEncoder(precision="bf16"),
    "onnx fp32": OnnxEncoder(),
    "onnx int8": OnnxEncoder(precision="int8"),
    "onnx int8, batched": Together(OnnxEncoder(precision="int8")),
}
WITHOUT = "torch bf16, no bf16 in hardware"
SAME_VECTORS = {"torch fp32, 8 a pass": REFERENCE}
"""Speed differs, vectors do not."""


def main() -> None:
    """Measure, print the tables, write benchmarks/results/serving_encoders.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_200, help="of each corpus, for the answers")
    parser.add_argument("--timed", type=int, default=100, help="of each corpus, for the speed")
    parser.add_argument("--singles", type=int, default=100, help="texts encoded one by one")
    chosen = parser.parse_args()
    one_thread()
    papers = column("neurips_title_abstract_1987_2018.csv", ["Title", "Abstract"], chosen.documents)
    news = bbc()
    corpora = [Corpus(news.name, news.texts[: chosen.documents], []), papers]
    speed = compare_speed(corpora, chosen.timed, chosen.singles)
    starts = compare_starts()
    answers = [row for corpus in corpora for row in compare_answers(corpus)]
    show_answers(answers)
    facts = {"speed": speed, "starts": starts, "answers": answers, "goal": GOAL, "processor": processor()}
    facts["met"] = {name: worst(answers, name) <= GOAL for name in ENCODERS if name not in SAME_VECTORS}
    print(f"At most {GOAL:.0%} of answers change everywhere: {[name for name, met in facts['met'].items() if met]}")
    print(f"Written to {keep('serving_encoders', facts)}")


def compare_speed(corpora: Sequence[Corpus], count: int, singles: int) -> list[dict[str, Any]]:
    """Texts per processor second in blocks, and milliseconds for one; each encoder in a process of its own."""
    facts: list[dict[str, Any]] = []
    for corpus in corpora:
        texts = corpus.texts[:count]
        for name in (*ENCODERS, WITHOUT):
            best, alone = measure(_speed, name, texts, texts[:singles]).value
            fact: dict[str, Any] = {"corpus": corpus.name, "encoder": name, "docs_per_cpu_s": count / best}
            fact |= {"single_cpu_ms_p50": float(np.percentile(alone, 50))}
            facts.append(fact | {"single_cpu_ms_p99": float(np.percentile(alone, 99))})
    columns = list(facts[0])
    show(f"{count} texts, best of {ROUNDS}; {singles} single texts", columns, [list(fact.values()) for fact in facts])
    return facts


def _speed(name: str, texts: list[str], singles: list[str]) -> tuple[float, list[float]]:
    if name == WITHOUT:  # read by oneDNN when torch first multiplies
        os.environ["ONEDNN_MAX_CPU_ISA"] = "AVX512_CORE"
        name = "torch bf16"
    from evertopic.embedding import encode_all

    encoder = ENCODERS[name]
    encoder.encode(texts[:2])
    best = min(timed(encode_all, encoder, texts).cpu_s for _ in range(ROUNDS))
    return best, [1_000 * timed(encoder.encode, [text]).cpu_s for text in singles]


def compare_starts() -> list[dict[str, Any]]:
    """What a process costs until it has encoded one text: imports, model, first pass; the export is there already."""
    OnnxEncoder().encode(["warm"]), OnnxEncoder(precision="int8").encode(["warm"])
    facts = []
    for name in (REFERENCE, "onnx fp32", "onnx int8"):
        cost = measure(_start, name)
        facts.append({"encoder": name, "cpu_s": cost.cpu_s, "peak_mib": cost.peak_mib, "torch": cost.value})
    show("A process that encodes one text", list(facts[0]), [list(fact.values()) for fact in facts])
    return facts


def _start(name: str) -> bool:
    import sys

    ENCODERS[name].encode(["one short text"])
    return "torch" in sys.modules


def compare_answers(corpus: Corpus) -> list[dict[str, Any]]:
    """For each way to cluster and each encoder: cosine to torch, and the share of judged documents that change topic.

    The topics are those of torch fp32. With the own head, centroids and thresholds come from the encoder's own vectors
    of the same documents, as a training would make them; with the other's head, only the encoder is exchanged.
    """
    vectors = {name: vectors_of(corpus, one) for name, one in ENCODERS.items() if name not in SAME_VECTORS}
    plain, n = vectors[REFERENCE], len(corpus.texts)
    found: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for split in range(SPLITS):
        order = np.random.default_rng(split).permutation(n)
        fitted, calibrated, judged = np.split(order, [round(FITTED * n), round((FITTED + CALIBRATED) * n)])
        for way, labels in clusterings(plain[fitted], split).items():
            their_head = _head(plain, labels, fitted, calibrated)
            wanted = _topics(plain[judged], their_head)
            for name, rows in vectors.items():
                own = _topics(rows[judged], _head(rows, labels, fitted, calibrated))
                changed, theirs = (own != wanted).mean(), (_topics(rows[judged], their_head) != wanted).mean()
                found.setdefault((way, name), []).append((labels.max() + 1, changed, _swapped(own, wanted), theirs))
    facts = []
    for (way, name), rounds in found.items():
        topics, changed, swapped, theirs = np.mean(rounds, axis=0)
        cosine = np.einsum("ij,ij->i", vectors[name], plain)
        fact = {"corpus": corpus.name, "clusters": way, "topics": topics, "encoder": name}
        fact |= {"cosine_mean": float(cosine.mean()), "cosine_min": float(cosine.min())}
        fact |= {"changed": changed, "to_other_topic": swapped, "largest_split": max(each[1] for each in rounds)}
        facts.append(fact | {"changed_their_head": theirs})
    return [{key: each if isinstance(each, str) else float(each) for key, each in fact.items()} for fact in facts]


def clusterings(vectors: Floats, seed: int) -> dict[str, Integers]:
    """Labels of the fitted documents: by k-means, where every document has a cluster, and as the product clusters."""
    from sklearn.cluster import KMeans

    from benchmarks.shared import _cluster, _lay_out

    means = KMeans(KMEANS, n_init=3, random_state=seed).fit_predict(vectors)
    return {
        "k-means": means.astype(np.int32),
        "UMAP + HDBSCAN": _cluster(_lay_out(vectors), round(np.sqrt(len(vectors)) / 2)),
    }


def _head(vectors: Floats, labels: Integers, fitted: Integers, calibrated: Integers) -> Any:
    from evertopic.models.head import cut_for, fit_topics, head_at, standing

    fit = fit_topics(vectors[fitted], labels)
    return head_at(fit, cut_for(standing(vectors[calibrated], fit)[1], BUDGET))


def _topics(vectors: Floats, head: Any) -> Integers:
    from evertopic.models.assignment import assign

    return np.asarray(assign(vectors, head).topic)


def _swapped(own: Integers, wanted: Integers) -> float:
    """The share that has a topic in both, and not the same."""
    return float(((own != wanted) & (own != UNASSIGNED) & (wanted != UNASSIGNED)).mean())


def show_answers(answers: Sequence[dict[str, Any]]) -> None:
    """The table of what changes."""
    show(
        f"Answers that change against torch fp32, mean of {SPLITS} splits",
        list(answers[0]),
        [list(row.values()) for row in answers],
    )


def worst(answers: Sequence[dict[str, Any]], name: str) -> float:
    """The largest share of changed answers over corpora and clusterings, own head."""
    return max(float(row["changed"]) for row in answers if row["encoder"] == name)


def processor() -> dict[str, object]:
    """The processor's name and which of the instructions that matter here it has; empty where Linux does not say."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    lines = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
    lines = {name.strip(): value.strip() for name, value in lines.items()}
    has = set(lines.get("flags", "").split())
    return {"name": lines.get("model name", ""), **{flag: flag in has for flag in FLAGS}}


if __name__ == "__main__":
    main()
