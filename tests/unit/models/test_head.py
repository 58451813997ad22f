import numpy as np
import pytest

from evertopic.models.assignment import assign, margin, probabilities
from evertopic.models.head import TEMPERATURES, Fit, cut_for, fit_topics, head_at, left_out, standing


def unit(rows):
    return rows / np.linalg.norm(rows)


def calibration_error(chances, own, bins=10):
    """Expected calibration error: mean gap between the stated and the true share of right answers."""
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == own
    bin_of = np.minimum((sure * bins).astype(int), bins - 1)
    return sum(abs(sure[bin_of == b].mean() - right[bin_of == b].mean()) * np.mean(bin_of == b) for b in set(bin_of))


def test_centroids_are_unit_means(planted):
    """Each centroid is the direction of the mean of its documents; documents left out take no part."""
    vectors, own = planted(3, 20)
    labels = np.where(np.arange(60) % 7 == 0, -1, own).astype(np.int32)
    fit = fit_topics(vectors, labels)
    for topic in range(3):
        assert np.allclose(fit.centroids[topic], unit(vectors[labels == topic].mean(axis=0)), atol=1e-6)
    assert {array.dtype for array in (fit.centroids, fit.mean, fit.deviation)} == {np.dtype(np.float32)}


def test_the_mean_is_that_of_leaving_each_document_out(planted):
    """The typical cosine equals that of a loop which makes a centroid without each document in turn."""
    vectors, own = planted(4, 6, spread=0.3)
    for topic in range(4):
        rows = np.flatnonzero(own == topic)
        loop = [unit(vectors[rows[rows != row]].astype(np.float64).sum(axis=0)) @ vectors[row] for row in rows]
        assert fit_topics(vectors, own).mean[topic] == pytest.approx(np.mean(loop), abs=1e-6)


def test_small_topics_are_drawn_to_the_spread_of_all():
    """Deviation by hand: (own squares + 10 * overall variance) / (own documents + 10)."""
    # Topic 0: three documents at 0 and +-30 degrees. Without the middle one the others' mean points at it: cosine 1.
    # Without an outer one the mean of the other two is 15 degrees beyond the middle, 45 from it: cosine .7071.
    # Topic 1: two equal documents, cosine 1 each.
    turn = np.deg2rad([0, 30, -30, 180, 180])
    vectors = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)
    fit = fit_topics(vectors, np.array([0, 0, 0, 1, 1], np.int32))
    loo = np.array([1, np.sqrt(0.5), np.sqrt(0.5)])
    squares = ((loo - loo.mean()) ** 2).sum()
    assert fit.mean == pytest.approx([loo.mean(), 1], abs=1e-6)
    assert fit.deviation == pytest.approx(
        [np.sqrt((squares + 10 * squares / 5) / 13), np.sqrt(10 * squares / 5 / 12)], abs=1e-6
    )


def test_a_topic_of_one_document(planted):
    """Left out of its own centroid nothing remains: cosine 0, not 1 and not nan."""
    vectors, own = planted(2, 10)
    labels = own.copy()
    labels[0] = 2
    fit = fit_topics(vectors, labels)
    assert fit.mean[2] == 0
    assert np.isfinite(fit.deviation).all()
    assert np.allclose(fit.centroids[2], vectors[0], atol=1e-6)


def test_temperature_calibrates(planted):
    """On new documents the stated probabilities are nearer to the truth than at T = 1."""
    vectors, own = planted(5, 200, width=16, spread=0.35)
    fit = fit_topics(vectors[::2], own[::2])
    fitted = head_at(fit, -np.inf)
    plain = head_at(Fit(fit.centroids, fit.mean, fit.deviation, 1.0), -np.inf)
    errors = [calibration_error(probabilities(vectors[1::2], head), own[1::2]) for head in (fitted, plain)]
    assert errors[0] < 0.06
    assert errors[0] < errors[1] / 3
    assert TEMPERATURES[0] < fit.temperature < TEMPERATURES[1]


def test_one_topic_has_temperature_one(planted):
    """Every T gives probability 1."""
    vectors, own = planted(1, 10)
    assert fit_topics(vectors, own).temperature == 1.0


def test_no_topic_has_an_empty_fit(planted):
    """All documents left out: no centroid, and every document stands below any cut."""
    vectors, _ = planted(2, 10)
    fit = fit_topics(vectors, np.full(20, -1, np.int32))
    assert fit.centroids.shape == (0, 32)
    best, typical = standing(vectors, fit)
    assert best.tolist() == [-1] * 20
    assert typical.tolist() == [-np.inf] * 20


def test_the_standing_is_in_deviations_from_the_topics_mean(planted):
    """(cosine - mean) / deviation of the best topic."""
    vectors, own = planted(3, 20)
    fit = fit_topics(vectors, own)
    best, typical = standing(vectors, fit)
    assert np.array_equal(best, own)
    row = 7
    cosine = vectors[row] @ fit.centroids[best[row]]
    assert typical[row] == pytest.approx((cosine - fit.mean[best[row]]) / fit.deviation[best[row]], abs=1e-4)


@pytest.mark.parametrize(("n", "budget"), [(40, 0.05), (99, 0.05), (500, 0.05), (500, 0.1), (2_000, 0.02)])
def test_new_documents_stay_within_the_budget(n, budget):
    """The mean share of new documents below the cut is at most the budget; from 500 on within one point of it."""
    draw = np.random.default_rng(n)
    # A skewed distribution, because the promise holds for any: exponential, whose distribution function is known,
    # so the share of new documents below each cut is exact.
    cuts = [cut_for(draw.exponential(size=n), budget) for _ in range(4_000)]
    shares = 1 - np.exp(-np.maximum(cuts, 0))
    error = 4 * shares.std() / np.sqrt(len(shares))  # four standard errors of the mean over the samples
    assert shares.mean() <= budget + error
    # floor(budget * (n + 1)) / (n + 1) is the exact expectation
    assert shares.mean() == pytest.approx(np.floor(budget * (n + 1)) / (n + 1), abs=error)
    if n >= 500:
        assert shares.mean() >= budget - 0.01


@pytest.mark.parametrize(("n", "budget"), [(0, 0.05), (1, 0.05), (18, 0.05), (500, 0.0)])
def test_nothing_is_cut_where_the_budget_is_less_than_one_document(n, budget):
    """Too few documents to spend the budget, or no budget: no cut."""
    assert cut_for(np.arange(float(n)), budget) == -np.inf


def test_no_budget_leaves_nobody_out(planted):
    """At -inf every document is assigned, also one opposite to the only centroid."""
    vectors, own = planted(1, 200, spread=0.4)
    head = head_at(fit_topics(vectors, own), -np.inf)
    assert (assign(-vectors, head).topic == 0).all()
    assert (assign(-head.weight, head).topic == 0).all()


def test_a_higher_cut_leaves_more_out(planted):
    """The share left out grows with the cut, from none to all."""
    vectors, own = planted(4, 50, spread=0.3)
    fit = fit_topics(vectors, own)
    shares = [np.mean(assign(vectors, head_at(fit, cut)).topic == -1) for cut in (-np.inf, -3, -2, -1, 0, 1, 50)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert len(set(shares)) > 4


def test_the_head_leaves_out_what_stands_below_the_cut(planted):
    """Thresholds and standings are two ways to say the same."""
    vectors, own = planted(4, 50, spread=0.3)
    fit = fit_topics(vectors, own)
    _, typical = standing(vectors, fit)
    cut = cut_for(typical, 0.1)
    away = np.abs(typical - cut) > 1e-4  # on the edge itself rounding decides
    assert np.array_equal((margin(vectors, head_at(fit, cut)) < 0)[away], (typical < cut)[away])


def test_left_out_is_judged_by_the_others():
    """No document takes part in the cut it is held against."""
    standings = np.random.default_rng(0).normal(size=200)
    below = left_out(standings, 0.1, seed=4)
    fold = np.random.default_rng(4).permutation(200) % 5
    for own in range(5):
        others = np.sort(standings[fold != own])
        # 160 others: the 16th smallest, floor(0.1 * 161) = 16
        assert np.array_equal(below[fold == own], standings[fold == own] < others[15])


def test_left_out_is_honest():
    """The share left out is the budget on average, over many samples."""
    draw = np.random.default_rng(1)
    shares = [left_out(draw.normal(size=200), 0.1, seed).mean() for seed in range(300)]
    # Expectation 16 / 161 = .0994; the standard error of the mean is about .0015.
    assert np.mean(shares) == pytest.approx(16 / 161, abs=0.006)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_few_held_out_documents_are_all_kept(n):
    """Fewer documents than folds: no cut, no error."""
    assert left_out(np.arange(float(n)), 0.05, seed=0).tolist() == [False] * n
