import pytest

from evertopic.errors import Refusal
from evertopic.prediction.parity import parity, require_parity
from evertopic.records import Prediction


def answers(keys, strength=0.5):
    return [Prediction(key, "name", (), strength, ()) for key in keys]


def compared(different, of=1_000, required=0.999):
    return parity(answers(["a"] * of), answers(["b"] * different + ["a"] * (of - different)), required)


@pytest.mark.parametrize(("different", "of"), [(0, 1), (0, 1_000), (1, 1_000), (2, 2_000), (3, 3_000)])
def test_enough_equal_answers_pass(different, of):
    """999 of 1,000 is just enough."""
    measured = compared(different, of)
    assert measured.equal == (of - different) / of
    require_parity(measured, "x")


@pytest.mark.parametrize(("different", "of"), [(1, 1), (2, 1_000), (1, 999)])
def test_too_few_equal_answers_are_refused(different, of):
    """998 of 1,000, or 998 of 999, is not; the message says which models, how many and that nothing moved."""
    with pytest.raises(Refusal, match=rf"old against new: .* of {of} documents .* 99\.9% must.*no alias moved"):
        require_parity(compared(different, of), "old against new")


def test_no_documents_are_no_evidence():
    """Nothing compared is refused, not passed."""
    measured = parity([], [])
    assert (measured.documents, measured.equal) == (0, 0.0)
    with pytest.raises(Refusal):
        require_parity(measured, "x")


def test_unassigned_is_an_answer():
    """None equals None and differs from every key; the strength does not matter."""
    assert parity(answers([None, "a"], 0.1), answers([None, None], 0.9)).equal == 0.5


@pytest.mark.parametrize("lengths", [(1, 2), (2, 1), (0, 1)])
def test_answers_to_other_documents_cannot_be_compared(lengths):
    """Different numbers of answers are an error of the caller."""
    with pytest.raises(ValueError, match="argument 2 is"):
        parity(*(answers(["a"] * length) for length in lengths))


def test_the_config_may_ask_for_less():
    """At 0.5, half is enough."""
    require_parity(compared(500, required=0.5), "x")
