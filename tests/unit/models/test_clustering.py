import numpy as np
import pytest

from evertopic.models.clustering import by_size, cluster
from evertopic.models.settings import HdbscanSettings


def points(sizes, seed=0):
    """Clouds 100 apart with that many points each, and where each point comes from."""
    draw = np.random.default_rng(seed)
    own = np.repeat(np.arange(len(sizes)), sizes)
    return (own[:, None] * 100 + draw.normal(size=(len(own), 2))).astype(np.float32), own


def test_clusters_are_numbered_from_the_largest():
    """The cloud of 40 is cluster 0, that of 30 cluster 1, that of 20 cluster 2."""
    layout, own = points([20, 40, 30])
    labels = cluster(layout, HdbscanSettings(min_cluster_size=10, min_samples=3))
    assert labels.dtype == np.int32
    assert [np.bincount(labels[(own == cloud) & (labels >= 0)]).argmax() for cloud in range(3)] == [2, 0, 1]


def test_equal_clusters_keep_their_order_and_left_out_stays():
    """Ties keep their order, gaps close, -1 stays -1."""
    assert by_size(np.array([7, -1, 3, 3, 7, 9])).tolist() == [1, -1, 0, 0, 1, 2]


@pytest.mark.parametrize(("labels", "expected"), [([], []), ([-1, -1], [-1, -1]), ([0], [0]), ([5], [0])])
def test_numbering_of_little(labels, expected):
    """Nothing, only documents left out, one document."""
    assert by_size(np.array(labels, dtype=np.int64)).tolist() == expected


@pytest.mark.parametrize("count", [0, 1, 2, 9, 10])
def test_no_more_documents_than_a_cluster_needs_are_all_left_out(count):
    """One cluster of everything would say nothing: -1 everywhere."""
    labels = cluster(points([count])[0], HdbscanSettings(min_cluster_size=10))
    assert labels.tolist() == [-1] * count


def test_what_has_no_dense_region_is_left_out():
    """One even cloud has no two clusters: all -1, and no error."""
    labels = cluster(points([60])[0], HdbscanSettings(min_cluster_size=25))
    assert set(labels.tolist()) == {-1}


def test_identical_points_are_one_place():
    """Forty documents on one point: all get the same answer, whichever it is."""
    labels = cluster(np.ones((40, 3), np.float32), HdbscanSettings(min_cluster_size=5))
    assert len(set(labels.tolist())) == 1


def test_more_samples_than_documents_are_cut():
    """min_samples beyond the documents there are is no error."""
    layout, _ = points([12, 12])
    assert cluster(layout, HdbscanSettings(min_cluster_size=5, min_samples=500)).shape == (24,)
