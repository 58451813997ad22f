import time

import pytest

from evertopic.prediction.matching import finder_of, fold, mark, needle_of, span

LONG = 100_000


def fires(pattern: str, text: str) -> bool:
    return bool(finder_of(((pattern,),)).find(text))


def test_a_substring_is_no_word(news: list[str]) -> None:
    """As a substring, as a published system looks for it, `nda` is in a fifth of 300 news texts; as a word in none."""
    substring = sum("nda" in text.lower() for text in news)
    by_hand = sum("nda" in "".join(c if c.isalnum() else " " for c in text.lower()).split() for text in news)
    assert substring > 0.2 * len(news)
    assert sum(fires("nda", text) for text in news) == by_hand == 0
    assert fires("nda", "Sign the NDA before Monday, then the agenda.")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("Refund", "REFUND!"),
        ("refund", "(refund)"),
        ("refund", "refund"),
        ("refund", "no-refund-policy"),
        ("refund", "my_refund_letter"),
        ("money back", "my Money \n\t\u00a0 back, please"),
        ("bank", "the bank's"),
        ("amour", "l’amour"),
        ("can't", "I CAN’T"),
        ("don't worry", "Don\u00b4t worry"),
        ("covid-19", "COVID\u201119"),
        ("straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("İstanbul", "istanbul"),
        ("istanbul", "İSTANBUL"),
        ("cafe\u0301", "CAFÉ"),
        ("ofﬁce", "OFFICE"),
        ("abc", "ＡＢＣ"),
        ("C++", "I write c++."),
        ("C++", "c++11"),
        ("#help", "please #HELP me"),
        ("@acme", "cc @acme, thanks"),
        ("24/7", "open 24/7"),
        ("q&a", "the Q&A page"),
        ("$", "5 $"),
        ("😀", "ok😀😀"),
        ("❤️", "I ❤ it"),
        ("👍", "👍🏽"),
        ("re\u00adfund", "refund"),
        ("می\u200cروم", "میروم"),
        ("хлеб", "Хлеб да соль"),
    ],
)
def test_the_same_word_is_found(pattern: str, text: str) -> None:
    """Case, width, ligatures, blanks, apostrophes, hyphens, joiners and signs: written otherwise, the same word."""
    assert fires(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("nda", "agenda"),
        ("age", "agenda"),
        ("refund", "refunds"),
        ("covid", "covid19"),
        ("5", "15"),
        ("#help", "#helpful"),
        ("C++", "abc++"),
        ("can", "can't"),
        ("t", "can’t"),
        ("re", "you're"),
        ("s", "the bank's"),
        ("money back", "money, back"),
        ("money back", "moneyback"),
        ("cafe", "café"),
        ("cafe", "cafe\u0301"),
        ("хлеб", "хлеба"),
        ("refund", ""),
        ("refund", " \n "),
    ],
)
def test_another_word_is_not(pattern: str, text: str) -> None:
    """A part of a word, a word with an accent, half a contraction, a phrase with a comma in it: not the pattern."""
    assert not fires(pattern, text)


def test_marks_belong_to_their_word() -> None:
    """Hindi vowels and joined letters are inside of the word; Arabic vowel signs are written or not."""
    assert fires("हिन्दी", "यह हिन्दी है")
    assert not fires("हिन", "यह हिन्दी है")
    assert not fires("दी", "यह हिन्दी है")
    assert fires("كتاب", "كِتَابٌ جديد")
    assert fires("كِتَاب", "كتاب")
    assert not fires("كتاب", "الكتاب")
    assert fires("שלום", "שָׁלוֹם")


def test_where_no_blanks_are_written_words_have_no_edges() -> None:
    """Chinese, Japanese, Thai: anywhere, but never a letter without its marks; Latin and digits inside stay whole."""
    assert fires("退款", "我要退款了")
    assert fires("返金", "返金してください")
    assert fires("คืนเงิน", "ขอคืนเงินครับ")
    assert not fires("กี", "กี่")
    assert fires("iphone", "买iPhone手机")
    assert not fires("phone", "买iPhone手机")
    assert fires("5月", "在5月份")
    assert not fires("5月", "在15月份")
    assert fires("ｱｲﾌｫﾝ", "アイフォンを買う")


def test_a_star_is_any_ending() -> None:
    """At the end of a word, the last or another one; also none; never another beginning."""
    assert all(fires("refund*", text) for text in ("refund", "Refunds", "refunding.", "refund's", "refund2"))
    assert not fires("refund*", "prerefunds")
    assert fires("cancel* order*", "cancelled \n orders")
    assert fires("cancel* order*", "cancel order")
    assert fires("bank* order", "the bank's order")
    assert not fires("cancel* order", "cancelled the order")
    assert fires("cancel*, order", "cancelled, order")
    assert fires("กี*", "กี่")
    assert fires("退款* now", "退款 now")
    assert not fires("cancel", "cancelled")


@pytest.mark.parametrize("pattern", ["", "  ", "\u200b", "\ufe0f", "*", " * ", "***", "＊"])
def test_a_pattern_needs_a_word(pattern: str) -> None:
    """Blank, unseen or a star alone: refused, as it would be in every text."""
    with pytest.raises(ValueError, match="a pattern needs a word"):
        needle_of(pattern)


@pytest.mark.parametrize("pattern", ["a*b", "*fund", "f**k", "fund**", "a * b", "C++*", "😀*", "a*'s", "退*款"])
def test_a_star_stands_at_the_end_of_a_word(pattern: str) -> None:
    """Inside, before, twice or behind a sign: refused, with the sentence that says where."""
    with pytest.raises(ValueError, match=r"behind the last letter, as in refund\*"):
        needle_of(pattern)


def test_nothing_written_is_a_regular_expression() -> None:
    """Signs with a meaning elsewhere stand for themselves, beside a star too."""
    assert fires("a.c", "a.c")
    assert not fires("a.c", "abc")
    assert fires("(a|b)+ c* d", "(a|b)+ cc d")
    assert not fires("[a-z] c* d", "q c d")
    assert fires("\\n", "a \\n b")


def test_all_patterns_of_a_text_are_told_by_group() -> None:
    """Overlapping and nested ones too, groups and patterns in their order."""
    finder = finder_of((("money", "money back"), ("refund",), ("back", "money*", "$")))
    assert finder.find("Money back for 5 $") == {0: ["money", "money back"], 2: ["back", "money*", "$"]}
    assert finder.find("nothing") == {}


def test_equal_patterns_are_made_ready_once() -> None:
    """The same patterns in another object share what was compiled."""
    assert finder_of((("one", "two*"),)) is finder_of((("one", "two*"),))


def test_folding_again_changes_nothing(news: list[str]) -> None:
    """Folded texts are folded, so that a pattern may be written in any form."""
    odd = ["ẛ̣ ﬃ İIıi Σςσᾼ ﷺ ½ … ｶﾞ 각 각 ά\u0345", "I\u0307\u0323 J\u030c ŉ ß ẞ", *news[:20]]
    assert [fold(fold(text)) for text in odd] == [fold(text) for text in odd]


def test_marking_adds_only_line_feeds_and_tabs() -> None:
    """Without them the marked text is the folded one, whatever was in it."""
    for text in ("A\nb\tc  d", "can't we’ve x's", "กี่ดี iphone退款 \x1c \u2028 \x85", "'s 't ' \n'\ns\n"):
        folded = fold(text)
        assert mark(folded).text.replace("\n", "").replace("\t", "") == folded
        assert not {"\n", "\t"} & set(folded)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("refund*", "Two  REFUNDS, please", "REFUNDS"),
        ("straße", "Die STRASSE ist", "STRASSE"),
        ("strasse 5", "(Straße \n 5)", "Straße \n 5"),
        ("cafe\u0301", "un cafe\u0301 noir", "cafe\u0301"),
        ("office", "my oﬃce", "oﬃce"),
        ("退款", "我要退款了", "退款"),
        ("ok", "😀 ﷺ İ ok", "ok"),
        ("nda", "agenda", ""),
    ],
)
def test_the_place_in_the_text_itself_is_found(pattern: str, text: str, found: str) -> None:
    """First and last letter as they were written, whatever folding makes longer or shorter before them."""
    start, end = span(pattern, text)
    assert text[start:end] == found


TEDIOUS = {
    "one letter": "a" * LONG,
    "letters and blanks": "a " * (LONG // 2),
    "half a phrase": "cancel " * (LONG // 7),
    "blanks": "cancel" + " " * LONG + "order",
    "marks": "क" + "\u093f" * LONG,
    "a letter of Thai with marks": "ก" + "\u0e35" * LONG,
    "no blanks": "退款" * (LONG // 2),
    "apostrophes": "a'" * (LONG // 2),
    "a word of stars": "退款aa" * (LONG // 4),
}


HARD = (
    *("a* b", "a a a a b", "cancel* order", "cancel* cancel* cancel* x", "退款* 退 x", "退款a* b", "कि* ख", "กี* b"),
    *(f"{'a' * n}* {'a' * n}b" for n in range(1, 101)),
    *(f"word{n}*" for n in range(392)),
)
ANCHORS = " ".join(["b x order ख", *(f"{'a' * n}b" for n in range(1, 101)), ""])
"""The words without which most of these patterns would not be looked for at all."""


@pytest.mark.parametrize("kind", TEDIOUS)
def test_time_grows_with_the_text_alone(kind: str) -> None:
    """500 patterns, many of them with stars, in 100,000 characters made to be tedious: seconds, not minutes."""
    finder = finder_of((HARD,))
    assert len(finder.needles) == 500
    begun = time.process_time()
    finder.find(ANCHORS + TEDIOUS[kind])
    assert time.process_time() - begun < 5
