"""Outlier scores: right by hand, and the sentences about something else come first; the words of a reason follow the
scores of the dataset."""

import numpy as np
import pytest
from examples import ODDITIES, random_unit, sentence_ids, sentence_space, three_clouds

from explorer.analysis.outlier_line import CHOSEN, FARTHEST
from explorer.analysis.outlier_scores import distance_from_all, distance_to_neighbors, local_outlier_factor
from explorer.analysis.outliers import (
    OUTLIER_METHODS,
    Outliers,
    find_outliers,
    reasons,
    repeats,
    votes,
)
from explorer.errors import BadInput
from explorer.geometry.neighbors import Neighbors, nearest_neighbors
from explorer.geometry.vectors import unit_length


def test_six_directions_by_hand():
    """At 0, 2, 4, 6, 8 and 90 degrees, two neighbors each: the mean of two cosine distances."""
    angles = np.radians([0, 2, 4, 6, 8, 90])
    graph = nearest_neighbors(np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32))
    two, four = 1 - np.cos(np.radians(2)), 1 - np.cos(np.radians(4))
    far = 1 - np.cos(np.radians([82, 84])).mean()
    scores = distance_to_neighbors(graph, k=2)
    assert scores == pytest.approx([(two + four) / 2, two, two, two, (two + four) / 2, far], abs=1e-6)
    assert scores.argmax() == 5


def test_the_oddities_of_the_sentences_rank_first():
    space = sentence_space()
    order = np.argsort(-space.outlier_scores)
    assert {sentence_ids()[item] for item in order[:2]} == ODDITIES
    assert {sentence_ids()[item] for item in np.flatnonzero(space.strange)} == ODDITIES


def test_the_score_is_that_of_the_ten_nearest():
    graph = nearest_neighbors(random_unit(40))
    assert distance_to_neighbors(graph) == pytest.approx(graph.distances[:, :10].mean(axis=1))


@pytest.mark.parametrize("count", [0, 1])
def test_an_item_alone_has_no_score(count):
    assert distance_to_neighbors(nearest_neighbors(random_unit(count))).tolist() == [0] * count


def test_two_items_score_the_same():
    scores = distance_to_neighbors(nearest_neighbors(random_unit(2)))
    assert scores[0] == scores[1]


def test_the_score_of_opposites_is_two():
    graph = Neighbors(np.array([[1], [0]], np.int32), np.array([[2], [2]], np.float32))
    assert distance_to_neighbors(graph).tolist() == [2, 2]


# ---- density ---------------------------------------------------------------------------------------------


def on_a_line(*places: float, k: int = 2) -> Neighbors:
    """A graph of points on a line, their distances taken for cosine ones."""
    apart = np.abs(np.subtract.outer(places, places)) + np.diag(np.full(len(places), np.inf))
    near = np.argsort(apart, axis=1, kind="stable")[:, :k].astype(np.int32)
    return Neighbors(near, np.take_along_axis(apart, near, axis=1).astype(np.float32))


def test_the_local_outlier_factor_by_hand():
    """At 0, 1, 2 and 5 with two neighbors the mean reachability distances are 1.5, 2, 1.5 and 3.5.

    So the densities are 2/3, 1/2, 2/3 and 2/7, and each factor is the mean density of the two neighbors over
    the own one: of the last (2/3 + 1/2) / 2 over 2/7.
    """
    scores = local_outlier_factor(on_a_line(0, 1, 2, 5), k=2)
    assert scores == pytest.approx([7 / 8, 4 / 3, 7 / 8, 49 / 24])


def test_the_local_outlier_factor_is_scikit_learns():
    from sklearn.neighbors import LocalOutlierFactor

    unit = random_unit(60)
    theirs = -LocalOutlierFactor(10, metric="cosine").fit(unit).negative_outlier_factor_
    assert local_outlier_factor(nearest_neighbors(unit)) == pytest.approx(theirs, rel=1e-4)


def test_density_does_not_depend_on_scale():
    near, far = on_a_line(0, 1, 2, 5), on_a_line(0, 10, 20, 50)
    assert local_outlier_factor(near, 2) == pytest.approx(local_outlier_factor(far, 2))


def test_items_on_one_spot_are_as_dense_as_each_other():
    graph = Neighbors(np.array([[1, 2], [0, 2], [0, 1]], np.int32), np.zeros((3, 2), np.float32))
    assert local_outlier_factor(graph) == pytest.approx([1, 1, 1])


def test_just_outside_a_tight_topic_density_sees_what_distance_does_not():
    """A tight bundle, a loose one, and five items that stand off the tight one but nearer than the loose are apart."""
    numbers = np.random.default_rng(0)
    centers = np.eye(2, 32)
    spread = np.repeat([0.03, 0.15, 0.08], [200, 200, 5])
    belongs = np.repeat([0, 1, 0], [200, 200, 5])
    unit = unit_length((centers[belongs] + spread[:, None] * numbers.standard_normal((405, 32))).astype(np.float32))
    graph = nearest_neighbors(unit)
    farthest = {name: set(find_outliers(unit, graph, name).ranking[:5]) for name in ("distance", "density")}
    assert farthest["density"] == {400, 401, 402, 403, 404}
    assert not farthest["distance"] & farthest["density"]


# ---- unlike the whole --------------------------------------------------------------------------------------


def test_the_distance_from_all_by_hand():
    """At (±2, 0) and (0, ±1) the variances are 2 and 0.5, their mean 1.25.

    The squared distance of the covariance to the sphere is 4.25 - 2 × 1.25² = 1.125; its uncertainty is
    (34 / 4 - 4.25) / 4 = 1.0625; so 17/18 of the way is gone to the sphere.
    """
    points = np.array([[2, 0], [-2, 0], [0, 1], [0, -1]], np.float32)
    wide, narrow = 2 / 18 + 1.25 * 17 / 18, 0.5 / 18 + 1.25 * 17 / 18
    assert distance_from_all(points) == pytest.approx([2 / wide**0.5, 2 / wide**0.5, 1 / narrow**0.5, 1 / narrow**0.5])


def test_the_distance_from_all_is_that_of_ledoit_and_wolf():
    from sklearn.covariance import LedoitWolf

    unit = random_unit(300, 24) * np.linspace(0.2, 1, 24, dtype=np.float32)
    theirs = np.sqrt(LedoitWolf().fit(unit.astype(float)).mahalanobis(unit.astype(float)))
    assert distance_from_all(unit) == pytest.approx(theirs, rel=1e-4)


def test_fifteen_odd_items_that_are_alike_hide_from_neighbors_but_not_from_the_whole():
    """Each of them has ten of its own kind near, so that no method that asks neighbors can tell."""
    numbers = np.random.default_rng(1)
    usual = random_unit(400, 16)
    usual[:, 12:] *= 0.05  # directions that nothing usual takes
    odd = np.eye(16)[15] + 0.05 * numbers.standard_normal((15, 16))
    unit = unit_length(np.vstack([usual, odd]).astype(np.float32))
    found = find_outliers(unit, nearest_neighbors(unit), "covariance")
    assert set(found.ranking[:15]) == set(range(400, 415))
    assert not find_outliers(unit, nearest_neighbors(unit), "distance").flagged[400:].any()


# ---- every method ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", OUTLIER_METHODS)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 12, 40])
def test_every_method_scores_any_number_of_items(method, count):
    unit = random_unit(count)
    graph = nearest_neighbors(unit)
    found = find_outliers(unit, graph, method)
    assert found.scores.shape == found.flagged.shape == (count,)
    assert np.isfinite(found.scores).all()
    assert sorted(found.ranking) == list(range(count))
    sentences = reasons(found, graph, found.ranking)
    assert len(sentences) == count
    assert all(sentences)


@pytest.mark.parametrize("method", OUTLIER_METHODS)
def test_every_method_takes_items_that_are_all_but_the_same(method):
    unit = np.repeat(random_unit(1), 30, axis=0)
    graph = nearest_neighbors(unit)
    found = find_outliers(unit, graph, method)
    assert np.isfinite(found.scores).all()
    assert not found.flagged.any()
    assert len(reasons(found, graph, range(30))) == 30


@pytest.mark.parametrize("method", OUTLIER_METHODS)
def test_the_order_of_the_items_changes_nothing(method):
    unit = random_unit(80)
    order = np.random.default_rng(3).permutation(80)
    one, other = (find_outliers(part, nearest_neighbors(part), method).scores for part in (unit, unit[order]))
    assert other == pytest.approx(one[order], rel=1e-4)


@pytest.mark.parametrize("method", OUTLIER_METHODS)
def test_a_method_says_what_its_score_means(method):
    about = OUTLIER_METHODS[method]
    assert about.title
    assert about.unit
    assert "miss" in about.about


def test_an_unknown_method_is_refused_by_name():
    unit = random_unit(30)
    with pytest.raises(BadInput, match="No outlier method is named 'magic'"):
        find_outliers(unit, nearest_neighbors(unit), "magic")


def test_another_threshold_flags_others_and_ranks_the_same():
    found = Outliers(np.array([0.1, 0.4, 0.2, 0.4]), 0.3, "distance")
    assert found.flagged.tolist() == [False, True, False, True]
    assert found.ranking.tolist() == [1, 3, 2, 0]
    lower = found.with_threshold(0.15)
    assert lower.flagged.tolist() == [False, True, True, True]
    assert (found.threshold, lower.line) == (0.3, CHOSEN)
    assert not found.with_threshold(0.4).flagged.any()  # above, not at


def test_votes_count_the_methods_that_flag():
    one = Outliers(np.array([0.0, 1, 1, 0]), 0.5, "distance")
    other = Outliers(np.array([9.0, 1, 8, 0]), 5, "density")
    assert votes([one, other]).tolist() == [1, 1, 2, 0]


def test_the_planted_outliers_of_the_tickets():
    """Half of the farthest are planted, yet their scores go on where those of the others end: nothing stands out."""
    from benchmarks.outliers import _tickets

    tickets, foreign = _tickets()
    graph = nearest_neighbors(tickets.unit)
    found = [find_outliers(tickets.unit, graph, name) for name in OUTLIER_METHODS]
    assert (len(tickets.odd), tickets.odd.sum(), foreign.sum()) == (433, 12, 8)
    assert (found[0].flagged & tickets.odd).sum() >= 6
    assert found[0].line == FARTHEST
    assert not found[0].possible.any()
    agreed = votes(found) >= 2
    assert (agreed & tickets.odd).sum() / agreed.sum() >= 0.5
    assert (agreed & foreign).sum() <= 2


# ---- reasons -----------------------------------------------------------------------------------------------


def test_the_reason_of_an_item_far_from_everything_names_its_numbers():
    space = sentence_space()
    found = find_outliers(space.unit, space.neighbors)
    item = sentence_ids().index("x01")
    nearest = 1 - space.neighbors.distances[:, 0]
    (reason,) = reasons(found, space.neighbors, [item])
    near = f"nearest similarity {nearest[item]:.2f}, typical {np.median(nearest):.2f}"
    assert reason.startswith(f"far from everything: {near}, two random rows ")
    pairs = (space.unit @ space.unit.T)[np.triu_indices(58, 1)]
    assert float(reason.split()[-1]) == pytest.approx(np.median(pairs), abs=0.03)
    usual = sentence_ids().index("c07")  # it has a near duplicate
    assert reasons(found, space.neighbors, [usual])[0].startswith("no farther than usual: nearest similarity 0.9")


def test_a_digit_that_is_close_to_another_is_not_far_from_everything():
    """Digits are all alike: the farthest has a similarity of 0.87 to its nearest, two random ones 0.69."""
    from explorer.library.samples import open_sample
    from explorer.space import Space
    from explorer.store.store import Store

    space = Space(open_sample("digits")[1], Store())
    found = find_outliers(space.unit, space.neighbors)
    order, nearest = found.ranking, 1 - space.neighbors.distances[:, 0]
    why = reasons(found, space.neighbors, order)
    assert (
        why[0] == f"the farthest of all: nearest similarity {nearest[order[0]]:.2f}, typical {np.median(nearest):.2f}"
    )
    assert why[100].startswith("farther than 94 % of the others")
    assert not any("everything" in reason for reason in why if "similarity 0.8" in reason)


@pytest.mark.parametrize("seed", range(3))
def test_what_has_nothing_in_common_with_any_row_is_far_from_everything(seed):
    """Three tight bundles, and two directions that no row takes."""
    unit, _ = three_clouds(seed=seed)
    unit = np.vstack([unit, np.eye(16, dtype=np.float32)[14:]])
    graph = nearest_neighbors(unit)
    found = find_outliers(unit, graph)
    why = reasons(found, graph, np.arange(len(unit)))
    assert [reason.startswith("far from everything") for reason in why] == [False] * 120 + [True] * 2


def test_two_outliers_that_are_alike_are_said_to_have_a_lookalike():
    """Thirty items within a fan, and two at a right angle to it that are nearly the same."""
    angles = np.radians([*np.linspace(0, 58, 30), 150, 150.5])
    unit = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    graph = nearest_neighbors(unit)
    found = find_outliers(unit, graph)
    assert found.possible[31]
    assert reasons(found, graph, [31])[0].startswith("has a lookalike (similarity 1.00), but its 10 nearest are")


def test_the_reason_of_a_sparse_item_holds_the_two_numbers_that_make_its_score():
    """By hand: its mean reachability is 3.5, the harmonic mean of its neighbors' 1.5 and 2 is 12/7 = 1.71."""
    graph = on_a_line(0, 1, 2, 5)
    found = Outliers(local_outlier_factor(graph, 2), 1.5, "density")
    assert reasons(found, graph, [3, 0]) == [
        "the sparsest of all: 3.50 from its neighbors, which are 1.71 from theirs",
        "no sparser than usual: 1.50 from its neighbors, which are 1.71 from theirs",
    ]


def test_the_reason_of_an_item_unlike_the_average():
    found = Outliers(np.array([1.0, 2, 9.04, 3, 2]), 5.0, "covariance")
    graph = nearest_neighbors(random_unit(5))
    assert reasons(found, graph, [2, 0, 3]) == [
        "the farthest of all: 9.0 standard deviations from the average, typical 2.0",
        "no farther than usual: 1.0 standard deviations from the average, typical 2.0",
        "farther than 75 % of the others: 3.0 standard deviations from the average, typical 2.0",
    ]


def test_rows_that_hold_the_same_text_are_named():
    assert repeats(4) == "4 rows hold this text"
    assert repeats(1_200, "content") == "1,200 rows hold this content"
    assert repeats(1) == ""
