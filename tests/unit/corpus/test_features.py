from typing import Any

import pandas as pd
import pytest

from evertopic.corpus.features import FEATURES, compute_features, count_sentences

SHARES = [feature.name for feature in FEATURES if feature.unit == "share"]


def one(text: str) -> "pd.Series[Any]":
    return compute_features([text]).iloc[0]


def test_a_hand_count() -> None:
    """Every feature of one small text, counted by hand."""
    row = one("Go, GO 2 www.é.fr! 😀")
    # 20 characters: G o , _ G O _ 2 _ w w w . é . f r ! _ 😀
    assert row["characters"] == 20
    # words: Go GO 2 www é fr: lengths 2 2 1 3 1 2 = 11; distinct in lower case: go 2 www é fr = 5
    assert row["words"] == 6
    assert row["mean_word_length"] == pytest.approx(11 / 6)
    assert row["type_token_ratio"] == pytest.approx(5 / 6)
    assert row["url_count"] == 1
    assert row["sentences"] == 1
    assert row["punctuation_share"] == pytest.approx(4 / 20)  # , . . !
    assert row["uppercase_share"] == pytest.approx(3 / 10)  # G G O among G o G O w w w é f r
    assert row["digit_share"] == pytest.approx(1 / 20)
    assert row["whitespace_share"] == pytest.approx(4 / 20)
    assert row["emoji_share"] == pytest.approx(1 / 20)
    assert row["non_ascii_share"] == pytest.approx(2 / 20)  # é 😀


def test_the_table_describes_the_columns() -> None:
    """One column per feature, in the order of the table, with stable types."""
    table = compute_features(["one", "deux"])
    assert list(table) == [feature.name for feature in FEATURES]
    assert table.dtypes.astype(str).value_counts().to_dict() == {"float64": 8, "int64": 4, "str": 1}
    assert table.dtypes.equals(compute_features([]).dtypes)


def test_an_empty_text_is_zero_everywhere() -> None:
    """Nothing has no share of anything, and no language."""
    row = one("")
    assert row["language"] == "und"
    assert (row.drop("language") == 0).all()


@pytest.mark.parametrize(
    "text", ["\ud800\udc00", "\x00", "😀😀", "政府宣布", "مرحبا بالعالم", "Ça va ?", "1️⃣ ©™"], ids=ascii
)
def test_shares_are_shares_in_every_script(text: str) -> None:
    """No text, damaged or not, leaves [0, 1]."""
    row = one(text)
    assert row["characters"] == len(text)
    assert row[SHARES].astype(float).between(0, 1).all()


def test_emoji_alone_are_all_emoji() -> None:
    """The ends of the emoji scale; digits, © and ™ are none."""
    assert one("😀😀")["emoji_share"] == 1
    assert one("12 ©™")["emoji_share"] == 0


def test_texts_do_not_influence_each_other() -> None:
    """A text has the features it has alone, whatever lies before and behind it and however large."""
    texts = ["", "Héllo wörld!", "x" * 1_100_000, "", "政府 2024", "y " * 600_000, "end."]
    together = compute_features(texts)
    alone = pd.concat([compute_features([text]) for text in texts], ignore_index=True)
    pd.testing.assert_frame_equal(together, alone)


SENTENCES = {
    "": 0,
    "...": 0,
    "One": 1,
    'He said "Go." Then he went.': 2,
    "a\nb\n\nc": 3,
    "好。很好！吗？": 3,
    "v1.2.3 is out": 1,
}


@pytest.mark.parametrize(("text", "sentences"), SENTENCES.items())
def test_sentences_are_stretches_with_words(text: str, sentences: int) -> None:
    """Full stops inside numbers do not count, line breaks do."""
    assert count_sentences(text) == sentences
