import numpy as np
import pytest

from evertopic.quality.coverage import curve


def points(margin, confirmed, coverages):
    found = curve(np.array(margin, dtype=np.float32), np.array(confirmed, dtype=bool), coverages)
    return [(point.coverage, point.precision) for point in found]


def test_the_surest_documents_come_first():
    """Precision at a coverage is that of the documents with the largest margin, whatever their order."""
    # by margin: 0.9 yes, 0.5 yes, 0.1 no, -0.2 no -> 1/1, 2/2, 2/3, 2/4
    found = points([-0.2, 0.9, 0.1, 0.5], [0, 1, 0, 1], [0.25, 0.5, 0.75, 1.0])
    assert [coverage for coverage, _ in found] == [0.25, 0.5, 0.75, 1.0]
    assert [precision for _, precision in found] == pytest.approx([1.0, 1.0, 2 / 3, 0.5])


def test_equal_margins_count_with_their_mean():
    """All margins equal: the order says nothing, so every coverage has the precision of all."""
    assert points([1, 1, 1, 1], [1, 0, 0, 0], [0.25, 1.0]) == [(0.25, 0.25), (1.0, 0.25)]


def test_at_least_one_document_and_none_without_documents():
    """A coverage below one document takes one; an empty input has an empty curve."""
    assert points([2, 1], [1, 0], [0.01]) == [(0.01, 1.0)]
    assert points([], [], [0.5]) == []


def test_wrong_input_is_refused():
    """Other lengths, nan margins, and coverages outside (0, 1]."""
    for margin, confirmed, coverages in (
        ([1], [1, 0], [0.5]),
        ([np.nan], [1], [0.5]),
        ([1], [1], [0.0]),
        ([1], [1], [1.1]),
    ):
        with pytest.raises(ValueError, match=r"margins|Coverages"):
            points(margin, confirmed, coverages)
