"""The strangeness of items: right by hand, and the sentences that belong nowhere come first."""

import numpy as np
import pytest
from examples import ODDITIES, random_unit, sentence_ids, sentence_space

from explorer.analysis.outliers import distance_to_neighbors, strange_above
from explorer.geometry.neighbors import Neighbors, nearest_neighbors


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
def test_an_item_alone_is_not_strange(count):
    assert distance_to_neighbors(nearest_neighbors(random_unit(count))).tolist() == [0] * count


def test_two_items_are_as_strange_as_each_other():
    scores = distance_to_neighbors(nearest_neighbors(random_unit(2)))
    assert scores[0] == scores[1]


def test_the_score_of_opposites_is_two():
    graph = Neighbors(np.array([[1], [0]], np.int32), np.array([[2], [2]], np.float32))
    assert distance_to_neighbors(graph).tolist() == [2, 2]


def test_the_threshold_by_hand():
    """Scores 1 to 21 have the median 11 and the median deviation 5."""
    assert strange_above(np.arange(1.0, 22.0)) == pytest.approx(11 + 2 * 1.4826 * 5)


def test_the_odd_ones_do_not_hide_themselves():
    usual = np.linspace(0.4, 0.6, 98)
    for odd in (1.0, 100.0):
        assert 0.6 < strange_above(np.array([*usual, odd, odd])) < 0.7


def test_of_a_long_tail_only_the_last_three_in_a_hundred_are_strange():
    scores = np.exp(np.linspace(0, 5, 1000))
    assert (scores > strange_above(scores)).sum() == 30


@pytest.mark.parametrize("count", [0, 1, 19])
def test_too_few_to_say_what_is_usual(count):
    assert strange_above(np.linspace(0, 1, count)) == float("inf")
