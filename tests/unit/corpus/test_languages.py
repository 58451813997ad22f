import pytest

from evertopic.corpus.languages import UNDETERMINED, detect_languages, main_language, particles, split_words, stop_words

SENTENCES = {
    "en": "The government announced on Monday that taxes would fall next year.",
    "fr": "Le gouvernement a annoncé lundi que les impôts baisseraient l'année prochaine.",
    "id": "Pemerintah mengumumkan pada hari Senin bahwa pajak akan turun tahun depan.",
    "zh": "政府星期一宣布明年将降低税收，以支持经济增长。",
    "ar": "أعلنت الحكومة يوم الاثنين أن الضرائب ستنخفض في العام المقبل",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_a_plain_sentence_gets_its_language(code: str) -> None:
    """One ordinary sentence is enough to tell five languages apart."""
    assert detect_languages([SENTENCES[code]]) == (code,)


def test_a_text_without_letters_is_undetermined() -> None:
    """Nothing, digits and emoji have no language; a lone surrogate does not break the detector."""
    assert detect_languages(["", "123 456", "😀😀", "\ud800"]) == (UNDETERMINED,) * 4


def test_no_texts_have_no_languages() -> None:
    """An empty corpus gives an empty answer, and no main language."""
    assert (detect_languages([]), main_language([])) == ((), UNDETERMINED)


def test_codes_have_two_letters_or_are_und() -> None:
    """Only ISO 639-1 codes come out, also where the model knows dialects."""
    assert all(
        len(code) == 2
        for code in detect_languages(
            ["An maray na aldaw saindo gabos", "Wetin dey happen for Nigeria today, abeg", "ok"]
        )
    )


def test_the_main_language_is_the_most_frequent() -> None:
    """Undetermined texts do not vote, and equals are settled by the alphabet."""
    assert main_language(["und", "und", "id"]) == "id"
    assert main_language(["id", "fr"]) == "fr"
    assert main_language(["und"]) == UNDETERMINED


def test_words_keep_accents_marks_and_inner_apostrophes() -> None:
    """A word is one word in Latin, Devanagari, Persian and decomposed script."""
    assert split_words("L’été déjà") == ["L’été", "déjà"]
    assert split_words("हिन्दी भाषा") == ["हिन्दी", "भाषा"]
    assert split_words("می‌خواهم") == ["می‌خواهم"]
    assert split_words("1\ufe0f\u20e3 ok\ufe0f") == ["1", "ok"]  # what makes an emoji of a digit is no mark
    assert split_words("cafe\u0301 'quoted'") == ["cafe\u0301", "quoted"]


def test_ascii_and_other_texts_are_split_alike() -> None:
    """The fast pattern for ASCII and the full one agree wherever both apply."""
    text = "It's a snake_case, 3.5% o'clock -- rock'n'roll! a'b''c"
    assert split_words(text) == split_words(f"{text} é")[:-1]


def test_english_stop_words_leave_content_alone() -> None:
    """Function words and contractions go; what topics are about stays, and nothing is decided about said."""
    english = stop_words("en")
    assert {"the", "don't", "don", "ll", "ve", "isn", "didn", "it's", "did"} <= english
    assert english.isdisjoint({"said", "mr", "microsoft", "computer", "research", "system", "fire", "bill", "won"})


def test_turkish_stop_words_are_written_in_turkish() -> None:
    """The list's wrong letters are put right."""
    assert {"kırk", "şey", "altı"} <= stop_words("tr")


@pytest.mark.parametrize(
    ("code", "word"), [("fr", "avec"), ("id", "yang"), ("id", "untuk"), ("ar", "من"), ("zh", "的"), ("no", "ikke")]
)
def test_other_languages_have_their_list(code: str, word: str) -> None:
    """Stop words come per language."""
    assert word in stop_words(code)


def test_particles_part_words_without_blanks() -> None:
    """Chinese and Japanese have them, and no character of a city's name is one."""
    assert "的" in particles("zh")
    assert particles("zh").isdisjoint("上海有限")
    assert {"の", "は"} <= particles("ja")
    assert particles("en") == particles("th") == frozenset()


def test_an_unknown_language_has_no_stop_words() -> None:
    """Thai, Latin and und have none: nothing is dropped rather than the wrong words."""
    assert stop_words("th") == stop_words("la") == stop_words(UNDETERMINED) == frozenset()
