"""One text at a time: the Predictor against the bare encoder, and without the encode against BERTopic's own transform.

python -m benchmarks.serving_latency [--texts N] [--home DIR | --embed JSON]
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.corpora import Corpus, bundled, sentences
from benchmarks.demo import add_options, champion_of, demo_at
from benchmarks.encode import plain_encoder
from benchmarks.measure import keep, measure, show
from benchmarks.published import model_as_published
from benchmarks.stages import one_thread
from evertopic.embedding import Encodes
from evertopic.records import Floats

if TYPE_CHECKING:
    from bertopic import BERTopic

OVER_ENCODER = 1.15
UNDER_TRANSFORM = 10.0
WARM_UP = 5
SMALLEST_TOPIC = 10
BARE, AGAIN, OURS = "encoder", "encoder again", "predict"
PLAIN = "plain library"
"""sentence-transformers as its users call it."""
READY, ANSWER = "predict, ready", "answer"
FITTED, LOADED = "BERTopic", "BERTopic, loaded"


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds a call; CPU is of all threads of the process."""

    wall_p50: float
    wall_p99: float
    cpu_p50: float
    cpu_p99: float

    @classmethod
    def of(cls, spent: Sequence[tuple[float, float]]) -> "Latency":
        """Of these calls, each in seconds of wall and of CPU."""
        quantiles = 1e3 * np.percentile(np.array(spent), [50, 99], axis=0)
        return cls(*quantiles.T.ravel().tolist())


class Known:
    """An encoder that has the vectors already, so that what remains of a prediction can be timed."""

    kind = "known"

    def __init__(self, encoder: Encodes, texts: Sequence[str], vectors: Floats) -> None:
        self._encoder, self._rows = encoder, dict(zip(texts, vectors, strict=True))

    @property
    def width(self) -> int:
        """The encoder's."""
        return self._encoder.width

    def fingerprint(self) -> str:
        """The encoder's."""
        return self._encoder.fingerprint()

    def encode(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts that are known."""
        return np.stack([self._rows[text] for text in texts])


def from_text(home: str, texts: list[str]) -> dict[str, Latency]:
    """From a text to its answer: the Predictor, its encoder alone, twice, to show what noise does, and the library."""
    ours, plain = champion_of(Path(home)), plain_encoder()
    bare = ours.encoder.encode
    return interleaved(
        {
            BARE: lambda row: bare([texts[row]]),
            OURS: lambda row: ours.predict([texts[row]]),
            AGAIN: lambda row: bare([texts[row]]),
            PLAIN: lambda row: plain([texts[row]]),
        },
        len(texts),
    )


def from_vector(home: str, texts: list[str]) -> dict[str, Latency]:
    """From a text whose vector is there to its answer: ours, the fitted BERTopic's and the reloaded one's."""
    from evertopic.corpus.cleaning import clean

    ours = champion_of(Path(home))
    cleaned = [clean(text, ours.bundle.meta.cleaning) for text in texts]
    vectors = ours.encoder.encode(cleaned)
    ready = replace(ours, encoder=Known(ours.encoder, cleaned, vectors))
    fitted = model_as_published(SMALLEST_TOPIC).fit(texts, vectors)
    loaded = _saved_and_loaded(fitted)
    return interleaved(
        {
            READY: lambda row: ready.predict([texts[row]]),
            ANSWER: lambda row: ours.answer(vectors[row : row + 1]),
            FITTED: lambda row: fitted.transform([texts[row]], vectors[row : row + 1]),
            LOADED: lambda row: loaded.transform([texts[row]], vectors[row : row + 1]),
        },
        len(texts),
    )


def interleaved(ways: Mapping[str, Callable[[int], object]], count: int) -> dict[str, Latency]:
    """Each way for each text, one right after the other in random order: noise, and cold caches, meet them alike."""
    names, drawn = list(ways), Random(0)
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for row in range(-WARM_UP, count):
        for name in drawn.sample(names, len(names)):
            cpu, wall = time.process_time(), time.perf_counter()
            ways[name](row % count)
            took = time.perf_counter() - wall, time.process_time() - cpu
            if row >= 0:
                spent[name].append(took)
    return {name: Latency.of(each) for name, each in spent.items()}


def _saved_and_loaded(fitted: "BERTopic") -> "BERTopic":
    from bertopic import BERTopic

    with tempfile.TemporaryDirectory() as folder:
        fitted.save(folder, serialization="safetensors", save_ctfidf=True)
        return BERTopic.load(folder)


def compare(title: str, found: dict[str, Latency], peer: str) -> dict[str, Any]:
    """Print the table; the figures with the ratios to `peer`."""
    facts: dict[str, Any] = {}
    for name, each in found.items():
        ratios = each.wall_p50 / found[peer].wall_p50, each.cpu_p50 / found[peer].cpu_p50
        facts[name] = asdict(each) | {"p50_ratio": ratios[0], "cpu_p50_ratio": ratios[1]}
    columns = ["one text", "p50 ms", "p99 ms", "CPU p50", "CPU p99", "p50 ratio", "CPU ratio"]
    show(title, columns, [[name, *fact.values()] for name, fact in facts.items()])
    return facts


def main() -> None:
    """Measure, print the tables, write benchmarks/results/serving_latency.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=300, help="of each corpus")
    add_options(parser)
    chosen = parser.parse_args()
    one_thread()
    with demo_at(chosen.home, chosen.embed) as home:
        facts = {corpus.name: _both(str(home), corpus, chosen.texts) for corpus in (sentences(), bundled())}
    worst = max(each["from text"][OURS]["p50_ratio"] for each in facts.values())
    least = min(1 / each["from vector"][ANSWER]["p50_ratio"] for each in facts.values())
    cleaned = min(1 / each["from vector"][READY]["p50_ratio"] for each in facts.values())
    print(f"predict takes {worst:.3f} of its encoder's p50 (goal: at most {OVER_ENCODER}).")
    print(f"From a vector: {least:.0f} times as fast as transform, {cleaned:.0f} times where predict cleans the text")
    print(f"  and hears the rules too, which transform does not (goal: at least {UNDER_TRANSFORM:.0f}).")
    goals = {"over_encoder": OVER_ENCODER, "under_transform": UNDER_TRANSFORM}
    met = {"over_encoder": worst <= OVER_ENCODER, "under_transform": least >= UNDER_TRANSFORM}
    print(f"Written to {keep('serving_latency', {**facts, 'goals': goals, 'met': met})}")


def _both(home: str, corpus: Corpus, count: int) -> dict[str, Any]:
    texts = corpus.texts[:count]
    named = f"{len(texts)} texts of {corpus.name}"
    return {
        "texts": len(texts),
        "from text": compare(f"From the text: {named}", measure(from_text, home, texts).value, BARE),
        "from vector": compare(f"From the vector: {named}", measure(from_vector, home, texts).value, FITTED),
    }


if __name__ == "__main__":
    main()
