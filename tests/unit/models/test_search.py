from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from evertopic.models.search import GridSearch, RandomSearch
from evertopic.models.settings import HdbscanSettings, UmapSettings
from evertopic.models.space import BertopicSpace, HdbscanSpace, UmapSpace

NOW = datetime(2024, 1, 1, tzinfo=UTC)
SPACE = BertopicSpace(
    umap=UmapSpace(n_neighbors=(10, 20), n_components=(2, 5), seeds=1),
    hdbscan=HdbscanSpace(min_cluster_size=(5, 10, 15, 20, 25), min_samples=(None,)),
)


def flat(plans):
    return [(plan.umap, each) for plan in plans for each in plan.clusterings]


def test_a_grid_tries_everything_once():
    """2 x 2 embeddings with 5 clusterings each, in the order of the config, under the seed given."""
    plans = GridSearch().plan(SPACE, 1_000, 9, NOW)
    assert [(plan.umap.n_neighbors, plan.umap.n_components) for plan in plans] == [(10, 2), (10, 5), (20, 2), (20, 5)]
    assert {plan.umap.seed for plan in plans} == {9}
    assert all([each.min_cluster_size for each in plan.clusterings] == [5, 10, 15, 20, 25] for plan in plans)


def test_a_short_grid_is_spread_evenly():
    """Five of twenty: the first, the last, and three as far apart as can be."""
    every = flat(GridSearch().plan(SPACE, 1_000, 9, NOW))
    # linspace(0, 19, 5) = 0, 4.75, 9.5, 14.25, 19, rounded half to even
    assert flat(GridSearch(trials=5).plan(SPACE, 1_000, 9, NOW)) == [every[at] for at in (0, 5, 10, 14, 19)]


@pytest.mark.parametrize(("trials", "count"), [(1, 1), (20, 20), (500, 20)])
def test_a_grid_is_no_longer_than_there_are_settings(trials, count):
    """One, all, and more than all."""
    tried = flat(GridSearch(trials=trials).plan(SPACE, 1_000, 9, NOW))
    assert len(tried) == len(set(tried)) == count


def test_random_draws_without_replacement():
    """No setting twice, all of them when asked for all, each drawn by some seed."""
    every = set(flat(GridSearch().plan(SPACE, 1_000, 9, NOW)))
    tried = flat(RandomSearch(trials=8).plan(SPACE, 1_000, 9, NOW))
    assert len(tried) == len(set(tried)) == 8
    assert set(tried) < every
    assert set(flat(RandomSearch(trials=99).plan(SPACE, 1_000, 9, NOW))) == every


def test_random_is_stable_by_seed():
    """The same seed draws the same, another seed something else, and more trials keep the earlier ones."""
    settings = [
        {
            (umap.n_neighbors, umap.n_components, each)
            for umap, each in flat(RandomSearch(trials=t).plan(SPACE, 9, s, NOW))
        }
        for t, s in ((8, 1), (8, 1), (8, 2), (12, 1))
    ]
    assert settings[0] == settings[1]
    assert settings[0] != settings[2]
    assert settings[0] < settings[3]


@pytest.mark.parametrize("search", [GridSearch(), RandomSearch(trials=11)])
def test_each_embedding_is_planned_once(search):
    """All clusterings of one embedding stand together."""
    plans = search.plan(SPACE, 1_000, 9, NOW)
    assert len({plan.umap for plan in plans}) == len(plans)


def test_a_setting_named_twice_is_tried_once():
    """A list that repeats itself costs nothing."""
    twice = BertopicSpace(hdbscan=HdbscanSpace(min_cluster_size=(5, 5), min_samples=(3,)))
    clusterings = (HdbscanSettings(min_cluster_size=5, min_samples=3),)
    plan = GridSearch().plan(twice, 1_000, 9, NOW)[0]
    assert (plan.umap, plan.clusterings) == (UmapSettings(seed=9), clusterings)


def test_minutes_end_at_one_moment_and_spare_the_first_embedding():
    """The first embedding runs in any case, no other starts later than so many minutes from now."""
    plans = GridSearch(minutes=1.5).plan(SPACE, 1_000, 9, NOW)
    assert [plan.until for plan in plans] == [None, *[NOW + timedelta(seconds=90)] * 3]
    assert {plan.until for plan in GridSearch().plan(SPACE, 1_000, 9, NOW)} == {None}


@pytest.mark.parametrize("share", [0.0, 0.51, 1.0, -0.1])
def test_what_is_held_out_is_at_most_half(share):
    """None, or more than is fitted, is refused."""
    with pytest.raises(ValidationError, match="held_out"):
        GridSearch(held_out=share)


def test_chance_is_a_setting_too():
    """Each combination is embedded under as many seeds as asked for, all combinations of one seed first."""
    space = BertopicSpace(umap=UmapSpace(n_neighbors=(10, 20), seeds=2), hdbscan=HdbscanSpace(min_cluster_size=(5,)))
    plans = GridSearch().plan(space, 1_000, 9, NOW)
    assert [(plan.umap.seed, plan.umap.n_neighbors) for plan in plans] == [(9, 10), (9, 20), (10, 10), (10, 20)]
