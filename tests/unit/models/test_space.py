import pytest
from pydantic import ValidationError

from evertopic.models.space import SIZES, HdbscanSpace, UmapSpace, default_sizes


def test_default_sizes_grow_with_the_corpus():
    """First and last size never fall as documents are added, and do rise."""
    sizes = [default_sizes(n) for n in (40, 240, 2_225, 50_000)]
    assert [s[0] for s in sizes] == sorted({s[0] for s in sizes})
    assert [s[-1] for s in sizes] == sorted({s[-1] for s in sizes})
    # a third of the root to the root of 2,225: 15.7 and 47.2
    assert (sizes[2][0], sizes[2][-1], len(sizes[2])) == (16, 47, SIZES)


@pytest.mark.parametrize("documents", [0, 1, 9, 10, 40, 1_000_000])
def test_default_sizes_are_distinct_and_can_be_clusters(documents):
    """At least one, at most eight, ascending, none below 3."""
    sizes = default_sizes(documents)
    assert 1 <= len(sizes) <= SIZES
    assert list(sizes) == sorted(set(sizes))
    assert min(sizes) >= 3


def test_sizes_of_the_config_come_first():
    """What the config names is tried, whatever the corpus."""
    space = HdbscanSpace(min_cluster_size=(7, 9), min_samples=(None,))
    assert [each.min_cluster_size for each in space.all(50_000)] == [7, 9]
    assert len(HdbscanSpace(min_samples=(None, 5)).all(2_225)) == 2 * SIZES


@pytest.mark.parametrize("wrong", [{"n_neighbors": ()}, {"n_neighbors": (1,)}, {"n_components": (0,)}])
def test_spaces_without_a_usable_setting_are_refused(wrong):
    """Nothing to try, one neighbour, no dimension."""
    with pytest.raises(ValidationError):
        UmapSpace(**wrong)
