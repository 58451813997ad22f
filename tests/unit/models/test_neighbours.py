import numpy as np

from evertopic.models.neighbours import BLOCK, nearest_among, nearest_neighbours


def brute(queries, vectors, k):
    """The k smallest distances of each query, by full sort in double precision."""
    distances = 1.0 - queries.astype(np.float64) @ vectors.astype(np.float64).T
    return np.sort(distances, axis=1)[:, :k]


def test_they_are_those_of_a_full_sort(planted):
    """Distances and neighbours equal those of sorting every pair."""
    vectors, _ = planted(5, 40)
    indices, distances = nearest_neighbours(vectors, 12)
    assert np.allclose(distances, brute(vectors, vectors, 12), atol=1e-6)
    full = np.argsort(1.0 - vectors.astype(np.float64) @ vectors.astype(np.float64).T, axis=1)[:, :12]
    assert (np.sort(indices, axis=1) == np.sort(full, axis=1)).all()
    assert indices.dtype == np.int32
    assert distances.dtype == np.float32


def test_a_document_is_its_own_first_neighbour_among_copies(planted):
    """Thirty equal documents crowd each other out of five places, and still each comes first in its own row."""
    vectors, _ = planted(2, 20)
    vectors[:30] = vectors[0]
    indices, distances = nearest_neighbours(vectors, 5)
    assert (indices[:, 0] == np.arange(len(vectors))).all()
    assert (distances[:, 0] == 0).all()
    assert all(len(set(row)) == 5 for row in indices.tolist())
    assert np.allclose(distances, brute(vectors, vectors, 5), atol=1e-6)


def test_distances_ascend_and_stay_in_range(planted):
    """Nearest first, never below 0 by rounding."""
    vectors, _ = planted(3, 30)
    _, distances = nearest_neighbours(vectors, 20)
    assert (np.diff(distances, axis=1) >= 0).all()
    assert distances.min() >= 0


def test_blocks_do_not_change_the_answer():
    """More queries than a block holds: each row is what that query gets alone, ties included."""
    # Vectors with one 1 have similarities 0 and 1 without rounding: every place is a tie.
    vectors = np.eye(7, dtype=np.float32)[np.arange(BLOCK + 50) % 7]
    indices, distances = nearest_among(vectors, vectors[:40], 4)
    for row in (0, BLOCK - 1, BLOCK, BLOCK + 49):
        alone, alone_distances = nearest_among(vectors[row : row + 1], vectors[:40], 4)
        assert indices[row].tolist() == alone[0].tolist()
        assert distances[row].tolist() == alone_distances[0].tolist()


def test_equal_similarities_are_ordered_by_index():
    """Among neighbours equally near the smaller index comes first."""
    vectors = np.repeat(np.eye(2, dtype=np.float32), 3, axis=0)
    indices, _ = nearest_among(vectors[:1], vectors, 6)
    assert indices.tolist() == [[0, 1, 2, 3, 4, 5]]


def test_more_neighbours_than_documents_are_cut(planted):
    """With k > n all n, with k = 1 only the document itself, of one document itself."""
    vectors, _ = planted(1, 4)
    assert nearest_neighbours(vectors, 9)[0].shape == (4, 4)
    assert nearest_neighbours(vectors, 1)[0].tolist() == [[0], [1], [2], [3]]
    assert nearest_neighbours(vectors[:1], 5)[0].tolist() == [[0]]
