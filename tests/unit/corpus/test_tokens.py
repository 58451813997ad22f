import pytest
from pydantic import ValidationError

from evertopic.corpus.tokens import Tokenizer, tokenize
from evertopic.records import Tokens

AUTO = Tokenizer()


def words_of(tokens: Tokens) -> list[list[str]]:
    return [
        [tokens.words[index] for index in tokens.ids[start:end]]
        for start, end in zip(tokens.offsets[:-1], tokens.offsets[1:], strict=True)
    ]


def first(text: str, language: str = "en", tokenizer: Tokenizer = AUTO) -> list[str]:
    return words_of(tokenize([text], tokenizer, language))[0]


def test_tokens_are_flat_typed_and_sorted() -> None:
    """Ids int32, offsets int64, vocabulary in alphabetical order, reading order kept."""
    tokens = tokenize(["Zebra meets apple", "", "apple zebra apple"], AUTO, "en")
    # words: apple 0, meets 1, zebra 2
    assert tokens.words == ("apple", "meets", "zebra")
    assert tokens.ids.tolist() == [2, 1, 0, 0, 2, 0]
    assert tokens.offsets.tolist() == [0, 3, 3, 6]
    assert (tokens.ids.dtype.name, tokens.offsets.dtype.name) == ("int32", "int64")


def test_contractions_go_possessives_lose_their_ending() -> None:
    """English apostrophes, straight and curly, with the apostrophe lost, and in a name."""
    assert first("Don't you’ve they'll isn t didn ve government’s O'Neill's said Mr") == [
        "government", "o'neill", "said", "mr"
    ]  # fmt: skip


def test_french_elisions_give_the_noun() -> None:
    """The article goes, the word that merely has an apostrophe stays."""
    found = first("L’homme qu'il aime aujourd'hui, c'est l'hiver d'Amélie", "fr")
    assert found == ["homme", "aime", "aujourd'hui", "hiver", "amélie"]


def test_other_scripts_give_words() -> None:
    """Arabic, Hindi with its marks, decomposed letters, Indonesian."""
    assert first("الحكومة من الضرائب", "ar") == ["الحكومة", "الضرائب"]
    assert first("हिन्दी और भाषा", "hi") == ["हिन्दी", "भाषा"]
    assert first("cafe\u0301", "fr") == ["café"]
    assert first("warung yang enak", "id") == ["warung", "enak"]


def test_scripts_without_blanks_give_pairs_of_characters() -> None:
    """Pairs overlap, particles part them, other scripts inside stay words, Thai marks stay on their letter."""
    assert first("降低税收", "zh") == ["降低", "低税", "税收"]
    assert first("政府的经济", "zh") == ["政府", "经济"]
    assert first("上海有限公司", "zh")[0] == "上海"
    assert first("私は東京に", "ja") == ["東京"]
    assert first("使用Python编程", "zh") == ["使用", "python", "编程"]
    assert first("กี่ดี", "th") == ["กี่ดี"]


def test_numbers_go_unless_kept() -> None:
    """A word without a letter is no content word by default."""
    assert first("2004 4x4 ١٢٣ 15th") == ["4x4", "15th"]
    assert first("2004 in", tokenizer=Tokenizer(keep_numbers=True)) == ["2004"]


def test_length_and_extra_stop_words_come_from_the_configuration() -> None:
    """Short words, the user's own stop words in any case, and encoded junk are dropped."""
    assert first("go goes gone", tokenizer=Tokenizer(min_length=4)) == ["goes", "gone"]
    assert first("Said the fox", tokenizer=Tokenizer(extra_stop_words=("SAID",))) == ["fox"]
    assert first("fox " + "ab" * 21) == ["fox"]
    with pytest.raises(ValidationError):
        Tokenizer(min_length=0)


def test_a_named_language_beats_the_main_one() -> None:
    """`auto` follows the corpus, a code does not."""
    assert first("the avec", "fr") == ["the"]
    assert first("the avec", "fr", Tokenizer(language="en")) == ["avec"]


@pytest.mark.parametrize(
    "text", ["", "\x00", "\ud800 \udfff", "😀😀 ❤️ 1️⃣", "the of and", "''' ’’", "\u0301\u0301", "___"]
)
def test_texts_without_content_have_no_tokens(text: str) -> None:
    """Nothing, damage, emoji, stop words alone: no tokens, no error."""
    assert first(text) == []


def test_damage_inside_a_text_parts_words_and_breaks_nothing() -> None:
    """NULs and lone surrogates are no letters."""
    assert first("alpha\x00beta\ud800gamma_delta") == ["alpha", "beta", "gamma", "delta"]


def test_no_texts_give_no_tokens() -> None:
    """An empty corpus has one offset and no words."""
    tokens = tokenize([], AUTO, "en")
    assert (tokens.words, tokens.ids.tolist(), tokens.offsets.tolist()) == ((), [], [0])


def test_a_megabyte_is_tokenised() -> None:
    """One cell of 1 MB: as many tokens as content words."""
    # 10 characters a repetition; `the` is a stop word, so 100,000 repetitions give 100,000 tokens
    assert len(tokenize(["zebra the " * 100_000], AUTO, "en").ids) == 100_000
    assert len(tokenize(["政" * 300_000], AUTO, "zh").ids) == 299_999
