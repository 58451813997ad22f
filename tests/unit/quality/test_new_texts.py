import numpy as np
import pytest

from evertopic.quality.new_texts import coherence_now_and_then
from evertopic.records import Tokens

TOPICS = (("goal", "match", "penalty kick"), ("vote", "senate", "ballot"))


def tokens(*texts: str) -> Tokens:
    """The words of the texts, as they stand."""
    words = sorted({word for text in texts for word in text.split()})
    place = {word: at for at, word in enumerate(words)}
    ids = [place[word] for text in texts for word in text.split()]
    lengths = [len(text.split()) for text in texts]
    return Tokens(tuple(words), np.array(ids, np.int32), np.cumsum([0, *lengths]).astype(np.int64))


SOUND = ["goal match penalty kick", "match goal late", "vote senate ballot", "ballot vote count", "other words"]
MIXED = ["goal senate", "match ballot", "vote penalty kick", "goal ballot", "match senate"]


def test_words_that_part() -> None:
    """Where the words of a topic no longer stand together, coherence is below what it was; else it is as it was."""
    found = coherence_now_and_then(TOPICS, tokens(*MIXED * 8), tokens(*SOUND * 8), seed=1)
    same = coherence_now_and_then(TOPICS, tokens(*SOUND * 8), tokens(*SOUND * 8), seed=1)
    assert found is not None
    assert same is not None
    assert found[0].high < found[1].low
    assert same[0] == same[1]


def test_as_many_documents() -> None:
    """A small window is held against small draws: fewer documents alone are no loss of coherence."""
    random = np.random.default_rng(1)
    held = random.choice(SOUND, 400).tolist()
    found = coherence_now_and_then(TOPICS, tokens(*random.choice(SOUND, 30).tolist()), tokens(*held), seed=1)
    again = coherence_now_and_then(TOPICS, tokens(*held), tokens(*random.choice(SOUND, 30).tolist()), seed=1)
    assert found is not None
    assert again is not None
    for now, then in (found, again):
        assert now.low <= then.high
        assert then.low <= now.high


@pytest.mark.parametrize("new", [[], ["other words only"], ["goal"]], ids=["empty", "other", "one word"])
def test_nothing_to_measure(new: list[str]) -> None:
    """Without two words of a topic in the window nothing is said, and nothing warns."""
    assert coherence_now_and_then(TOPICS, tokens(*new), tokens(*SOUND * 4), seed=1) is None
