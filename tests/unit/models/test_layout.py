import numpy as np
import pytest

from evertopic.errors import NotEnoughDocuments
from evertopic.models.layout import lay_out
from evertopic.models.neighbours import nearest_neighbours
from evertopic.models.settings import UmapSettings

SETTINGS = UmapSettings(n_neighbors=10, n_components=3, seed=7)


def laid_out(vectors, settings, most=15):
    return lay_out(vectors, *nearest_neighbours(vectors, most), settings)


def test_the_same_seed_gives_the_same_bits(planted):
    """Two runs agree to the last bit, another seed does not, and more neighbours at hand change nothing."""
    vectors, _ = planted(3, 20)
    first = laid_out(vectors, SETTINGS)
    assert first.shape == (60, 3)
    assert first.dtype == np.float32
    assert first.tobytes() == laid_out(vectors, SETTINGS).tobytes()
    assert first.tobytes() == laid_out(vectors, SETTINGS, most=20).tobytes()
    assert first.tobytes() != laid_out(vectors, SETTINGS.model_copy(update={"seed": 8})).tobytes()


def test_shared_neighbours_are_as_good_as_umaps_own(planted):
    """Neighbourhoods survive as well as in an embedding for which UMAP looked for the neighbours itself."""
    from sklearn.manifold import trustworthiness
    from umap import UMAP

    vectors, _ = planted(4, 40, spread=0.15)
    own = UMAP(n_neighbors=10, n_components=3, min_dist=0.0, metric="cosine", random_state=7, n_jobs=1)
    theirs = trustworthiness(vectors, own.fit_transform(vectors), n_neighbors=10, metric="cosine")
    ours = trustworthiness(vectors, laid_out(vectors, SETTINGS), n_neighbors=10, metric="cosine")
    assert ours > 0.8
    assert ours == pytest.approx(theirs, abs=0.02)


def test_more_neighbours_than_documents_still_lay_out(planted):
    """With 12 documents and 15 neighbours asked for, all that there are count, without a warning."""
    vectors, _ = planted(3, 4)
    points = laid_out(vectors, SETTINGS.model_copy(update={"n_neighbors": 15}))
    assert points.shape == (12, 3)
    assert np.isfinite(points).all()


def test_the_fewest_documents_lay_out(planted):
    """One document more than the refused number: as many as the message asks for."""
    vectors, _ = planted(1, 5)
    assert np.isfinite(laid_out(vectors, SETTINGS)).all()


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_few_documents_are_refused(planted, count):
    """The message says how many three dimensions need and how many there are."""
    vectors, _ = planted(1, 4)
    with pytest.raises(NotEnoughDocuments, match=f"3 dimensions needs at least 5 documents, there are {count}"):
        lay_out(vectors[:count], np.zeros((count, 1), np.int32), np.zeros((count, 1), np.float32), SETTINGS)
