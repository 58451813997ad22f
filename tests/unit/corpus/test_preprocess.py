from datetime import datetime

import pandas as pd
import pytest

from evertopic.corpus.cleaning import Cleaning
from evertopic.corpus.preprocess import Preprocessed, histogram, preprocess
from evertopic.corpus.tokens import Tokenizer
from evertopic.digests import digest_text
from evertopic.errors import NotEnoughDocuments


def documents(*texts: str, **columns: list[object]) -> pd.DataFrame:
    frame = pd.DataFrame({"id": [f"d{number}" for number in range(len(texts))]})
    frame["text"] = pd.Series(texts, dtype=object)
    frame["label"] = pd.Series(columns.get("label", [None] * len(texts)), dtype=object)
    frame["timestamp"] = pd.to_datetime(
        pd.Series(columns.get("timestamp", [None] * len(texts))), format="ISO8601"
    ).astype("datetime64[s]")
    return frame


def run(*texts: str, min_words: int = 3, **columns: list[object]) -> Preprocessed:
    return preprocess(documents(*texts, **columns), Cleaning(min_words=min_words), Tokenizer())


def test_rows_carry_text_digests_and_links() -> None:
    """Cleaned text, digests of both texts, and the first document with the same cleaned text."""
    done = run("<p>Taxes will fall again</p>", "Taxes will fall again", "The film is very long")
    frame = done.frame
    assert list(frame) == [
        "id", "text", "text_digest", "source_digest", "label", "timestamp", "language", "duplicate_of"
    ]  # fmt: skip
    assert frame["text"].tolist() == ["Taxes will fall again", "Taxes will fall again", "The film is very long"]
    assert frame["text_digest"].tolist() == [digest_text(text) for text in frame["text"]]
    assert frame["source_digest"][0] == digest_text("<p>Taxes will fall again</p>")
    assert frame["duplicate_of"].isna().tolist() == [True, False, True]
    assert frame["duplicate_of"][1] == "d0"
    assert done.facts.duplicates == 1


def test_tokens_are_aligned_with_the_rows() -> None:
    """Dropped documents have no tokens, kept ones theirs, in the order of the frame."""
    done = run("no", "taxes will fall again", "the film was so long")
    assert done.frame["id"].tolist() == ["d1", "d2"]
    assert len(done.tokens) == 2
    second = done.tokens.ids[done.tokens.offsets[1] :]
    assert [done.tokens.words[index] for index in second] == ["film", "long"]


def test_features_are_of_each_different_original() -> None:
    """One row per different original text that was kept, by its digest."""
    done = run("taxes will fall again", "taxes will fall again", "<b>taxes</b> will fall again", "no")
    assert done.features.index.tolist() == [
        digest_text("taxes will fall again"),
        digest_text("<b>taxes</b> will fall again"),
    ]
    assert done.features["characters"].tolist() == [21, 28]


def test_facts_say_what_became_of_the_documents() -> None:
    """Dropped with reason and examples, lengths, top words, languages, span, labels."""
    facts = run(
        "the government said that taxes will fall and fall again",
        "the taxes will rise next year for everyone here",
        "hm",
        label=["b", "a", "a"],
        timestamp=["2024-01-02", "2024-01-01 10:00:00", "2020-01-01"],
    ).facts
    assert (facts.documents, facts.duplicates) == (2, 0)
    assert facts.dropped[0].reason == "too_few_words"
    assert (facts.dropped[0].rows, facts.dropped[0].examples) == (1, ("d2: 1 words after cleaning, 3 expected",))
    assert facts.lengths == ((5, 1), (10, 1))  # 9 and 10 words
    assert facts.top_words[:2] == (("fall", 2), ("taxes", 2))
    assert facts.languages == (("en", 2),)
    assert (facts.since, facts.until) == (datetime(2024, 1, 1, 10), datetime(2024, 1, 2))  # noqa: DTZ001 - UTC by contract
    assert facts.labels == (("a", 1), ("b", 1))


def test_top_words_are_thirty_and_equals_come_in_alphabetical_order() -> None:
    """Forty words that occur once, behind one that occurs twice."""
    words = [f"word{chr(97 + number // 20)}{chr(97 + number % 20)}" for number in range(40)]
    top = run(" ".join([*reversed(words), "zebra zebra"])).facts.top_words
    assert top == (("zebra", 2), *((word, 1) for word in words[:29]))


def test_without_times_and_labels_the_facts_are_empty_there() -> None:
    """No timestamp, no label: None and nothing, no NaT."""
    facts = run("taxes will fall again").facts
    assert (facts.since, facts.until, facts.labels, facts.dropped) == (None, None, (), ())


@pytest.mark.parametrize(
    "text",
    [
        "Les impôts baisseront l'année prochaine",
        "Pajak akan turun tahun depan",
        "政府宣布降低税收",
        "أعلنت الحكومة أن الضرائب ستنخفض",
        "taxes\x00 will \ud800 fall again",
        "taxes will fall " * 62_500,
    ],
    ids=["french", "indonesian", "chinese", "arabic", "damaged", "megabyte"],
)
def test_texts_of_every_kind_survive(text: str) -> None:
    """No script is dropped, damage and 1 MB in one cell do not stop the batch."""
    done = run(text, "an ordinary english text")
    assert len(done.frame) == 2
    assert len(done.tokens.ids[: done.tokens.offsets[1]]) > 0


def test_damage_survives_without_the_step_that_repairs_it() -> None:
    """Lone surrogates cannot be stored: they are replaced by any cleaning, even one without steps."""
    done = preprocess(documents("taxes \ud800 will fall"), Cleaning(steps=()), Tokenizer())
    assert done.frame["text"].tolist() == ["taxes \ufffd will fall"]


def test_stop_words_alone_are_kept_without_tokens() -> None:
    """They are words: the document stays, empty of content."""
    done = run("the of and to", "taxes will fall again")
    assert done.tokens.offsets.tolist()[:2] == [0, 0]


def test_nothing_left_is_refused_with_its_reason() -> None:
    """Emoji and single words only: the message counts them and says what to change."""
    with pytest.raises(NotEnoughDocuments, match=r"None of 2 documents has 3 words or more .* lower min_words"):
        run("😀😀", "ok")


def test_no_documents_are_refused() -> None:
    """An empty frame is refused before anything is done."""
    with pytest.raises(NotEnoughDocuments, match="0 documents"):
        run()


def test_no_minimum_keeps_everything() -> None:
    """With min_words 0 even an empty text stays."""
    assert len(run("", "😀", min_words=0).frame) == 2


def test_progress_ends_at_the_number_of_different_texts() -> None:
    """Each different text is worked on once, and reported."""
    seen: list[tuple[int, int]] = []
    texts = [f"taxes will fall {number % 600} times" for number in range(1_000)]
    preprocess(documents(*texts), Cleaning(), Tokenizer(), lambda done, of: seen.append((done, of)))
    assert seen == [(500, 600), (600, 600)]


def test_the_input_frame_is_left_alone() -> None:
    """Preprocessing writes into nothing it was given."""
    given = documents("<b>taxes</b> will fall again", "no")
    before = given.copy(deep=True)
    preprocess(given, Cleaning(), Tokenizer())
    pd.testing.assert_frame_equal(given, before)


def test_the_histogram_covers_what_is_there() -> None:
    """Bins run from the first to the last in use; the last edge is open."""
    assert histogram([0, 4, 5]) == ((0, 2), (5, 1))
    assert histogram([123_456]) == ((10_000, 1),)
    assert histogram([]) == ()
