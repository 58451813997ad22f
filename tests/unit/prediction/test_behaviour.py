"""What is tried on a model before its release."""

from collections.abc import Sequence

from evertopic.prediction.behaviour import behave, slow_twentieth, with_typo
from evertopic.records import Prediction

TEXTS = ["a volcano erupted yesterday", "the captain won the match", "surgeons met patients"]


class Model:
    """Answers by the length of the text, soundly; odd in the way that a test names."""

    def __init__(self, oddity: str = "") -> None:
        self.oddity, self.asked = oddity, 0

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.asked += 1
        return [self.answer(text) for text in texts]

    def answer(self, text: str) -> Prediction:
        strength = 0.0 if not text.strip() and self.oddity != "empty" else 0.5
        if self.oddity == "emoji" and "🚀" in text:
            strength = 3.0
        if self.oddity == "10,000 words" and len(text) > 10_000:
            strength = 2.0
        if self.oddity == "same answer twice" and text.strip():
            strength += self.asked / 100
        key = None if not text.strip() else f"k{hash(text)}" if self.oddity == "typos" else "k"
        return Prediction(key, "name", (), strength, ())


def failed(oddity: str) -> list[str]:
    """The names of what did not go well."""
    return [one.name for one in behave(Model(oddity), TEXTS, 0.7, 0) if not one.well]


def test_a_sound_model() -> None:
    """Everything goes well, and each of the six is tried."""
    tried = behave(Model(), TEXTS, 0.7, 0)
    assert [one.name for one in tried if one.well] == [
        "empty",
        "emoji",
        "10,000 words",
        "several languages",
        "same answer twice",
        "typos",
    ]


def test_each_oddity_is_found() -> None:
    """A model that is odd in one way fails that one alone."""
    for oddity in ("empty", "emoji", "10,000 words", "same answer twice", "typos"):
        assert failed(oddity) == [oddity]


def test_without_recent_texts() -> None:
    """Typos need texts as they come; the rest is tried all the same."""
    assert len(behave(Model(), (), 0.7, 0)) == 5


def test_typos() -> None:
    """Two letters inside the longest word change places; what has no such word stays."""
    assert with_typo("a volcano", 3) != "a volcano"
    assert sorted(with_typo("a volcano", 3)) == sorted("a volcano")
    assert with_typo("a b", 0) == "a b"
    assert with_typo("", 0) == ""


def test_the_slowest_twentieth() -> None:
    """Twenty answers of one second and one of ten: the 95th percentile is one; without texts it is nothing."""
    times = iter([at for start in range(20) for at in (start, start + 1)] + [100, 110])
    assert slow_twentieth(Model(), ["text"] * 21, lambda: float(next(times))) == 1.0
    assert slow_twentieth(Model(), [], lambda: 0.0) == 0.0
