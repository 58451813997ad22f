import time

import pytest
from pydantic import ValidationError

from evertopic.corpus.cleaning import Cleaning, clean, count_words, cut_tail, repair_unicode, strip_html, strip_urls

DEFAULT = Cleaning()
PLAIN = {
    "french": "L'été dernier, « Amélie » a vu l’œuvre : quel bonheur !",
    "indonesian": "Warung ini enak sekali, harganya murah meriah, rekomendasi deh.",
    "chinese": "政府星期一宣布，明年将降低税收！“很好”。",
    "arabic": "أعلنت الحكومة يوم الاثنين أن الضرائب ستنخفض",
    "persian": "می‌خواهم کتاب بخوانم",
    "hindi": "सरकार ने सोमवार को घोषणा की।",
    "thai": "รัฐบาลประกาศเมื่อวันจันทร์",
    "family": "👨‍👩‍👧 love ❤️",
    "comparison": "if a < b and b > c & d, then x<y and y>z",
    "template": "Act as <role> and write about {topic}",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_plain_text_comes_back_as_it_was(text: str) -> None:
    """The default steps take nothing from a clean text, in any script."""
    assert clean(text, DEFAULT) == text


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """A cleaned text is clean."""
    once = clean(f"<p>{text}</p>\n\n http://a.org/b?c=1", DEFAULT)
    assert clean(once, DEFAULT) == once


def test_unicode_damage_is_repaired() -> None:
    """Mojibake, NULs, decomposed letters, soft hyphens and lone surrogates."""
    assert repair_unicode("dÃ©jÃ\xa0 vu") == "déjà vu"
    assert repair_unicode("h\x00i\x07") == "hi"
    assert repair_unicode("cafe\u0301") == "café"
    assert repair_unicode("informa\u00adtion piri(cid:173) form") == "information piriform"
    assert repair_unicode("a\ud800b") == "a\ufffdb"
    assert repair_unicode("one\r\ntwo\rthree\x0cfour") == "one\ntwo\nthree\nfour"
    assert repair_unicode("\x1b[31mred\x1b[0m") == "red"


def test_html_goes_and_its_words_stay() -> None:
    """Inline tags vanish, block tags part words, scripts and comments go whole, entities are read."""
    assert strip_html("<b>H</b>ello<br/>you") == "Hello\nyou"
    assert strip_html("a<script>var x = '<p>';</script>b<!-- no -->c") == "a b c"
    assert strip_html('<a href="x">R&amp;D</a> &eacute;&#233;&#xe9; &nosuch; AT&T a=1&copy=2') == (
        "R&D ééé &nosuch; AT&T a=1&copy=2"
    )


def test_unclosed_html_takes_nothing_along() -> None:
    """What is opened and never closed is not followed to the end of the text."""
    assert strip_html("he wrote <!-- and then more") == "he wrote <!-- and then more"
    assert strip_html("see <script> tags") == "see <script> tags"
    assert strip_html("İ<script>x</script> y").endswith(" y")


def test_addresses_go_and_their_neighbours_stay() -> None:
    """The full stop after an address and Chinese right behind it are kept."""
    assert strip_urls("see https://a.org/b_(c)?d=e#f. And www.x.com, too") == "see . And , too"
    assert strip_urls("访问http://x.com查看更多") == "访问查看更多"
    assert clean("mail a.b@c.co.uk now", Cleaning(steps=("emails", "whitespace"))) == "mail now"


BODY = "We study topic models of long documents and report what we found in the data. " * 3


TAILS = """© 2019 Elsevier B.V.
(C) 2004 Elsevier
Copyright 2011 ACM
All rights reserved.
Keywords: a; b
Key words and phrases: a
Mots-clés : sujet
Kata kunci: topik
关键词：主题"""


@pytest.mark.parametrize("tail", TAILS.splitlines())
def test_a_publishers_tail_is_cut(tail: str) -> None:
    """Copyright and keyword lines at the end go, the abstract stays whole."""
    assert clean(BODY + tail, DEFAULT) == BODY.strip()


def test_a_tail_is_cut_only_at_the_end() -> None:
    """In the first 60 % of a text, or more than 1,000 characters before its end, nothing is cut."""
    early = "Keywords: are words. " + BODY
    long = "word " * 2_000 + "© 2019 " + "word " * 250  # 1,250 characters follow
    assert clean(early, DEFAULT) == early.strip()
    assert clean(long, DEFAULT) == long.strip()


def test_stacked_tails_go_together() -> None:
    """A keyword line above a copyright line: both are tails."""
    assert clean(BODY + "\nKeywords: topics\n© 2019 A. All rights reserved.\n", DEFAULT) == BODY.strip()


def test_a_tail_is_the_last_line() -> None:
    """A prompt that asks for keywords, or a copyright line within a letter, is followed by text: nothing is cut."""
    for line in ("Keywords: ${list}", "Keyword: x", "(c) 1993 John"):
        text = f"{BODY}\n{line}\nWas this developed at work?"
        assert clean(text, DEFAULT) == text.replace(" \n", "\n")


def test_tail_patterns_come_from_the_configuration() -> None:
    """Other patterns cut elsewhere, none cut nothing, and a broken one is refused."""
    assert clean(BODY + "Sent from my phone", Cleaning(publisher_tails=("sent from",))) == BODY.strip()
    assert cut_tail(BODY + "© 2019", ()) == BODY + "© 2019"
    with pytest.raises(ValidationError, match="no regular expression"):
        Cleaning(publisher_tails=("(c",))


def test_steps_run_in_the_order_of_the_configuration() -> None:
    """Lower-casing before or after decides whether a tag in entities is seen."""
    assert clean("&lt;B&gt; X", Cleaning(steps=("html", "lower"))) == "<b> x"
    assert clean("&lt;B&gt; X", Cleaning(steps=("html", "html", "lower"))) == " x"
    assert clean(" As  IS ", Cleaning(steps=())) == " As  IS "


def test_unknown_steps_and_keys_are_refused() -> None:
    """A typo in the configuration is not silent."""
    with pytest.raises(ValidationError, match="publisher_tail"):
        Cleaning.model_validate({"steps": ["htlm"]})
    with pytest.raises(ValidationError, match="extra"):
        Cleaning.model_validate({"minwords": 3})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("...!", 0),
        ("😀😀", 0),
        ("one two, three", 3),
        ("l'été d'hier", 2),
        ("政府宣布", 2),
        ("政府宣", 2),
        ("用Python写", 3),
    ],
)
def test_words_are_counted_in_every_script(text: str, words: int) -> None:
    """Two characters count as a word where no blanks are written, rounded up per run."""
    assert count_words(text) == words


HOSTILE = {
    "<script>": 125_000,
    "<!--": 250_000,
    "&": 1_000_000,
    "<a ": 300_000,
    "www.": 250_000,
    "Ã©": 500_000,
    "é \n": 330_000,
    "a@": 500_000,
    "http://" + 100 * ".": 9_000,
    "关键词": 300_000,
    "© \n": 330_000,
    "©": 1_000_000,
}


@pytest.mark.parametrize(("part", "times"), HOSTILE.items())
def test_a_megabyte_in_one_cell_is_cleaned_in_linear_time(part: str, times: int) -> None:
    """Hostile texts of one megabyte take a few seconds of processor time, where quadratic steps would take hours."""
    start = time.process_time()
    clean(part * times, Cleaning(steps=("unicode", "html", "urls", "emails", "publisher_tail", "lower", "whitespace")))
    assert time.process_time() - start < 20
