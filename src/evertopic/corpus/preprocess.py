"""Preprocessing: documents as they came in become cleaned texts, tokens, features and the facts of a corpus."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evertopic.corpus.cleaning import Cleaning, clean, count_words
from evertopic.corpus.features import compute_features
from evertopic.corpus.languages import main_language
from evertopic.corpus.tokens import Tokenizer, tokenize
from evertopic.digests import digest_text
from evertopic.errors import NotEnoughDocuments
from evertopic.records import CorpusFacts, Quarantined, Tokens

Progress = Callable[[int, int], None]
"""Told how many texts are done, of how many."""

CHUNK = 500
TOP_WORDS = 30
EXAMPLES = 5
LENGTH_EDGES = (0, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
TOO_FEW_WORDS = "too_few_words"


@dataclass(frozen=True, slots=True)
class Preprocessed:
    """What is kept of n documents, ready to be embedded and counted."""

    frame: pd.DataFrame
    """(n,) id, text (cleaned), text_digest, source_digest (of the original), label, timestamp, language,
    duplicate_of (id of the first document with the same cleaned text, else missing); corrected, where the documents
    have it (what people said it is)."""
    tokens: Tokens
    """Document i is row i of `frame`."""
    features: pd.DataFrame
    """One row per different original text among the kept ones, indexed by `source_digest`."""
    language: str
    """The main language, by which the tokens were made."""
    facts: CorpusFacts


def preprocess(
    documents: pd.DataFrame, cleaning: Cleaning, tokenizer: Tokenizer, progress: Progress | None = None
) -> Preprocessed:
    """The documents cleaned, tokenised, measured and described, in their order.

    `documents` has the columns id, text, label and timestamp (datetime64[s]), one row per document. Documents with
    fewer than `cleaning.min_words` words after cleaning are dropped and counted; duplicates are kept and linked.
    Each different text is cleaned and measured once.

    Raises:
        NotEnoughDocuments: no document is left.
    """
    if documents.empty:
        raise NotEnoughDocuments("There are 0 documents, at least 1 is needed: check the source and the time window.")
    digests = documents["text"].map(digest_text).rename("source_digest")
    unique = pd.Series(documents["text"].to_numpy(), index=digests.to_numpy(), dtype=object)
    texts = _measure(unique[~unique.index.duplicated()], cleaning, progress)
    own = ["id", "label", "timestamp", *(["corrected"] if "corrected" in documents else [])]
    frame = documents[own].reset_index(drop=True)
    frame["source_digest"] = digests.to_numpy()
    frame = frame.join(texts[["text", "text_digest", "language", "cleaned_words"]], on="source_digest")
    short = frame["cleaned_words"] < cleaning.min_words
    kept = _link(frame[~short].reset_index(drop=True))
    if kept.empty:
        raise NotEnoughDocuments(_nothing_left(len(documents), cleaning))
    language = main_language(kept["language"].tolist())
    tokens = tokenize(kept["text"].tolist(), tokenizer, language)
    return Preprocessed(
        frame=kept.drop(columns="cleaned_words"),
        tokens=tokens,
        features=texts.loc[kept["source_digest"].unique()].drop(columns=["text", "text_digest", "cleaned_words"]),
        language=language,
        facts=_describe(kept, _dropped(frame[short], cleaning), tokens),
    )


def _measure(unique: "pd.Series[Any]", cleaning: Cleaning, progress: Progress | None) -> pd.DataFrame:
    """Features and cleaned text of each different text, by digest."""
    parts = []
    for start in range(0, len(unique), CHUNK):
        part = unique.iloc[start : start + CHUNK]
        cleaned = [clean(text, cleaning) for text in part]
        features = compute_features(part.tolist()).set_index(part.index)
        digests, words = list(map(digest_text, cleaned)), list(map(count_words, cleaned))
        parts.append(features.assign(text=cleaned, text_digest=digests, cleaned_words=words))
        if progress is not None:
            progress(start + len(part), len(unique))
    return pd.concat(parts).rename_axis("source_digest")


def _link(kept: pd.DataFrame) -> pd.DataFrame:
    first = kept.groupby("text_digest", sort=False)["id"].transform("first")
    columns = ["id", "text", "text_digest", "source_digest", "label", "timestamp", "language", "cleaned_words"]
    columns += ["corrected"] if "corrected" in kept else []
    return kept[columns].assign(duplicate_of=first.where(kept["text_digest"].duplicated(), None))


def _nothing_left(documents: int, cleaning: Cleaning) -> str:
    return (
        f"None of {documents:,} documents has {cleaning.min_words} words or more after the steps "
        f"{', '.join(cleaning.steps)}: lower min_words, take out a step, or check the text column."
    )


def _dropped(short: pd.DataFrame, cleaning: Cleaning) -> tuple[Quarantined, ...]:
    if short.empty:
        return ()
    few = short.head(EXAMPLES)
    examples = (
        f"{id_}: {words} words after cleaning, {cleaning.min_words} expected"
        for id_, words in zip(few["id"], few["cleaned_words"], strict=True)
    )
    return (Quarantined(TOO_FEW_WORDS, len(short), tuple(examples)),)


def _describe(kept: pd.DataFrame, dropped: tuple[Quarantined, ...], tokens: Tokens) -> CorpusFacts:
    times = kept["timestamp"].dropna()
    return CorpusFacts(
        documents=len(kept),
        duplicates=int(kept["duplicate_of"].notna().sum()),
        dropped=dropped,
        lengths=histogram(kept["cleaned_words"].tolist()),
        top_words=_top_words(tokens),
        languages=_frequencies(kept["language"]),
        since=times.min().to_pydatetime() if len(times) else None,
        until=times.max().to_pydatetime() if len(times) else None,
        labels=_frequencies(kept["label"].dropna()),
    )


def histogram(lengths: list[int]) -> tuple[tuple[int, int], ...]:
    """How many lengths fall into each bin, as (lower edge, documents), from the first to the last bin in use.

    The edges are roughly even in logarithm, 0 to 10,000 words; the last one is open.

    >>> histogram([3, 12, 15, 60])
    ((0, 1), (5, 0), (10, 2), (20, 0), (50, 1))
    """
    bins = np.searchsorted(LENGTH_EDGES, lengths, side="right") - 1
    counts = np.bincount(bins, minlength=len(LENGTH_EDGES)).tolist()
    used = range(int(bins.min()), int(bins.max()) + 1) if len(bins) else range(0)
    return tuple((LENGTH_EDGES[index], counts[index]) for index in used)


def _top_words(tokens: Tokens) -> tuple[tuple[str, int], ...]:
    counts = np.bincount(tokens.ids, minlength=len(tokens.words))
    best = np.argsort(-counts, kind="stable")[:TOP_WORDS]  # words are sorted: equals come in alphabetical order
    return tuple((tokens.words[index], int(counts[index])) for index in best)


def _frequencies(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))
