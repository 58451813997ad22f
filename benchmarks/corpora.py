"""The corpora that benchmarks read, and their vectors, computed once and kept under .evertopic/benchmarks/."""

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evertopic.corpus.cleaning import Cleaning, clean
from evertopic.embedding import Encoder, encode_all
from evertopic.records import Floats

ROOT = Path(__file__).resolve().parents[1]
Years = NDArray[np.int64]
DATA = ROOT.parent / "shared" / "data"
KEPT = ROOT / ".evertopic" / "benchmarks"
LEAST_WORDS = 3
MOST_SHORT = 20_000
FIRST_WORDS = 150
NEWSGROUP = 450
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'])")


@dataclass(frozen=True, slots=True)
class Corpus:
    """n texts; where the source has none, labels are empty."""

    name: str
    texts: list[str]
    labels: list[str]


def bbc() -> Corpus:
    """BBC News, lemmatised (OCTIS): 2,225 documents, 5 labels."""
    frame = pd.read_parquet(_there("octis_bbc_news.parquet"))
    return Corpus("octis_bbc_news", frame["text"].tolist(), frame["label"].tolist())


def bbc_news() -> Corpus:
    """BBC News as it was printed, 5 labels: the first 150 words of up to 2,225 documents."""
    return _labelled("bbc_news_raw", pd.read_csv(_there("bbc_news_raw.csv")))


def newsgroups() -> Corpus:
    """20 Newsgroups, a sample (seed 0) of 450 documents a label at most: their first 150 words."""
    frame = pd.read_parquet(_there("20newsgroups_bydate.parquet")).sample(frac=1, random_state=0)
    return _labelled("20newsgroups", frame[frame.groupby("label").cumcount() < NEWSGROUP])


def papers() -> tuple[Corpus, Years]:
    """NeurIPS papers 1987 to 2018, the first 150 words of title and abstract, and the year of each; no labels."""
    frame = pd.read_csv(_there("neurips_title_abstract_1987_2018.csv"))
    joined = frame[["Title", "Abstract"]].fillna("").agg(". ".join, axis=1)
    corpus = _labelled("neurips", pd.DataFrame({"text": joined, "label": frame["Year"]}))
    return corpus, np.array(corpus.labels, np.int64)


def _labelled(name: str, frame: pd.DataFrame) -> Corpus:
    texts = frame["text"].fillna("").map(lambda text: clean(" ".join(text.split()[:FIRST_WORDS]), Cleaning()))
    enough = texts.str.split().str.len() >= 10
    return Corpus(name, texts[enough].tolist(), frame["label"][enough].astype(str).tolist())


def bundled() -> Corpus:
    """The 300 news texts that come with gensim, without labels."""
    from gensim.test.utils import datapath

    lines = Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()
    return Corpus("lee_background", [line for line in lines if line.strip()], [])


def sentences() -> Corpus:
    """The distinct sentences of `bundled`, shuffled (seed 0): 2,532 texts of 3 to 74 words, half of 12 to 30."""
    found = [part for text in bundled().texts for part in _SENTENCE_END.split(text.strip())]
    texts = list(dict.fromkeys(text for text in found if len(text.split()) >= LEAST_WORDS))
    Random(0).shuffle(texts)
    return Corpus("lee_background sentences", texts, [])


def column(file: str, columns: list[str], count: int, *, least_letters: int = 20) -> Corpus:
    """A sample (seed 0) of `count` distinct texts of a file of the data folder, several columns joined."""
    path = _there(file)
    frame = pd.read_parquet(path, columns=columns) if path.suffix == ".parquet" else pd.read_csv(path, usecols=columns)
    texts = frame[columns].fillna("").astype(str).agg("\n\n".join, axis=1).str.strip()
    texts = texts[texts.str.len() >= least_letters].drop_duplicates()
    drawn = texts.sample(min(count, len(texts)), random_state=0).tolist()
    return Corpus(path.stem, drawn, [])


def short_texts(file: str | None) -> Corpus:
    """Up to 20,000 distinct texts of the column `text` of a file of the data folder; None: `sentences`."""
    return sentences() if file is None else column(file, ["text"], MOST_SHORT)


def vectors_of(corpus: Corpus, encoder: Encoder) -> Floats:
    """Unit rows of the corpus, from the last time or encoded now."""
    path = KEPT / f"{corpus.name}-{len(corpus.texts)}-{encoder.fingerprint()}.npy"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        np.save(path, encode_all(encoder, corpus.texts))
    return np.asarray(np.load(path))


def _there(file: str) -> Path:
    path = DATA / file
    if not path.exists():
        raise SystemExit(f"Skipped: {path} is not there. It is a public corpus kept beside the project.")
    return path
