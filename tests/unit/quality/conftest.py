from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from evertopic.records import Tokens


@pytest.fixture(scope="session")
def lee() -> list[list[str]]:
    """300 news texts that come with gensim, one of them emptied and one cut to four words."""
    from gensim.test.utils import datapath

    lines = Path(datapath("lee_background.cor")).read_text(encoding="utf-8").splitlines()
    texts = [line.lower().split() for line in lines]
    texts[3], texts[5] = [], texts[5][:4]
    return texts


class Texts:
    """Texts and words as the library takes them."""

    @staticmethod
    def tokens(texts: Sequence[Sequence[str]]) -> Tokens:
        vocabulary = {word: at for at, word in enumerate(dict.fromkeys(word for text in texts for word in text))}
        ids = np.array([vocabulary[word] for text in texts for word in text], dtype=np.int32)
        return Tokens(tuple(vocabulary), ids, np.cumsum([0, *map(len, texts)]).astype(np.int64))

    @staticmethod
    def grams(tokens: Tokens, words: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """A word that no text holds gets the id of a token that never stands there."""
        ids = {word: at for at, word in enumerate((*tokens.words, *sorted({p for w in words for p in w.split()})))}
        ids |= {word: at for at, word in enumerate(tokens.words)}
        return tuple(tuple(ids[part] for part in word.split()) for word in words)


@pytest.fixture(scope="session")
def made() -> type[Texts]:
    return Texts
