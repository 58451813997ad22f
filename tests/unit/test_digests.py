from pathlib import Path

import pytest
from pydantic import BaseModel

from evertopic.digests import DIGEST_CHARACTERS, digest_bytes, digest_of, digest_of_code, digest_text


class Settings(BaseModel):
    size: int = 3
    folder: Path = Path("a")


def test_known_digests():
    """The digest of nothing is BLAKE2b's of 128 bits, whichever Python computes it."""
    assert digest_bytes(b"") == "cae66941d9efbd404e4d88758ea67670"
    assert digest_text("") == digest_bytes(b"")
    assert len(digest_of()) == DIGEST_CHARACTERS


def test_texts_that_differ_have_different_digests():
    """Also by a blank, a letter's case, a lone surrogate and its replacement."""
    texts = ["rain", "Rain", "rain ", "", "\ud800", "\udfff", "\ufffd", "\x00"]
    assert len({digest_text(text) for text in texts}) == len(texts)


def test_order_of_keys_does_not_matter_and_order_of_parts_does():
    """Mappings are sets of pairs, parts are a row."""
    assert digest_of({"a": 1, "b": {"c": 2, "d": 3}}) == digest_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest_of("a", "b") != digest_of("b", "a")
    assert digest_of("ab") != digest_of("a", "b")
    assert digest_of(1) != digest_of("1")


def test_settings_are_digested_by_their_content():
    """Equal objects agree, a changed setting does not, and a path is its text."""
    assert digest_of(Settings()) == digest_of(Settings(size=3)) == digest_of({"size": 3, "folder": "a"})
    assert digest_of(Settings()) != digest_of(Settings(size=4))
    assert digest_of(Path("a")) == digest_of("a")


@pytest.mark.parametrize("part", [object(), {1, 2}, b"bytes"])
def test_what_has_no_fixed_writing_has_no_digest(part):
    """A set has no order and an object no content: refused, not guessed."""
    with pytest.raises(TypeError, match="has no digest"):
        digest_of(part)


def test_code_is_digested_by_room_and_packages():
    """Two rooms differ, and so does a room that leans on another package."""
    prints = {digest_of_code("models"), digest_of_code("quality"), digest_of_code("models", "numpy")}
    assert len(prints) == 3
    assert digest_of_code("models") in prints
