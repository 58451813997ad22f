import dataclasses
import inspect

import numpy as np
import pytest

from evertopic import records
from evertopic.records import Tokens

NOUNS = [noun for _, noun in inspect.getmembers(records, dataclasses.is_dataclass)]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
def test_every_noun_is_frozen_slotted_and_explained(noun):
    """Nothing can be changed or added afterwards, and each says in a sentence what it is."""
    assert noun.__dataclass_params__.frozen
    assert "__slots__" in vars(noun)
    assert not noun.__doc__.startswith(f"{noun.__name__}(")


def test_a_noun_cannot_be_changed():
    """Setting a field fails."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        records.Interval(1, 0, 2).value = 3


@pytest.mark.parametrize("count", [0, 3])
def test_tokens_are_as_long_as_their_documents(count):
    """len() counts documents, not tokens."""
    assert len(Tokens(("a",), np.zeros(2 * count, np.int32), np.arange(0, 2 * count + 1, 2))) == count
