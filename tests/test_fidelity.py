"""How far a map can be trusted: equal to scikit-learn's measure, and right by hand."""

import numpy as np
import pytest
from examples import random_unit, sentence_space, three_clouds
from sklearn.manifold import trustworthiness as reference

from explorer.geometry import fidelity
from explorer.geometry.fidelity import neighbor_preservation, trustworthiness
from explorer.geometry.neighbors import Neighbors, nearest_neighbors


@pytest.mark.parametrize("k", [1, 5, 15])
@pytest.mark.parametrize("count", [31, 32, 150])
def test_trustworthiness_equals_scikit_learn(count, k):
    unit = random_unit(count, 20)
    layout = np.random.default_rng(1).standard_normal((count, 2)).astype(np.float32)
    layout[:, 0] += unit[:, 0]
    expected = reference(unit.astype(np.float64), layout, n_neighbors=k, metric="cosine")
    assert trustworthiness(unit, layout, k) == pytest.approx(expected, abs=1e-6)
    assert 0.3 < expected < 0.8  # neither end, where two wrong measures would agree


def test_trustworthiness_of_a_true_layout_equals_scikit_learn():
    unit, _ = three_clouds()
    layout = unit[:, :2]
    expected = reference(unit.astype(np.float64), layout, n_neighbors=15, metric="cosine")
    assert trustworthiness(unit, layout) == pytest.approx(expected, abs=1e-6)


def quarter_circle(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Directions between 0 and 90 degrees, and a layout that is as it should be: the angle itself."""
    angles = np.sort(np.random.default_rng(2).uniform(0, np.pi / 2, count))
    unit = np.column_stack([np.cos(angles), np.sin(angles)])
    return unit, np.column_stack([angles, np.zeros(count)])


def test_a_layout_that_keeps_every_neighborhood_is_trusted_wholly():
    unit, layout = quarter_circle(60)
    graph = nearest_neighbors(unit.astype(np.float64))
    assert trustworthiness(unit, layout) == pytest.approx(1, abs=1e-9)
    assert neighbor_preservation(graph, layout) == pytest.approx(1, abs=1e-9)


def test_a_wrong_layout_is_not_trusted():
    unit, layout = quarter_circle(60)
    shuffled = np.random.default_rng(3).permutation(layout)
    assert trustworthiness(unit, shuffled) < 0.7
    assert neighbor_preservation(nearest_neighbors(unit), shuffled) < 0.5


def test_preservation_by_hand():
    """Five items in a row, two neighbors each; on the map the last one stands beside the first."""
    angles = np.radians([0, 10, 21, 33, 46])
    graph = nearest_neighbors(np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32), k=2)
    assert graph.indices.tolist() == [[1, 2], [0, 2], [1, 3], [2, 4], [3, 2]]
    layout = np.array([[0, 0], [10, 0], [21, 0], [33, 0], [-0.5, 0]], np.float32)
    # On the map 0 has {4, 1} of {1, 2}; 1 has {0, 4} of {0, 2}; 2 has {1, 3}, both; 3 has {2, 1} of {2, 4};
    # 4 has {0, 1}, none of {3, 2}.
    assert neighbor_preservation(graph, layout, k=2) == pytest.approx((1 + 1 + 2 + 1 + 0) / 10)


def test_items_in_one_place_do_not_count_themselves():
    unit = random_unit(40)
    graph = nearest_neighbors(unit, k=5)
    kept = neighbor_preservation(graph, np.zeros((40, 2), np.float32), k=5)
    assert 0 <= kept < 0.5
    assert 0 < trustworthiness(unit, np.zeros((40, 2), np.float32)) < 1


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_items_to_say(count):
    unit = random_unit(count)
    layout = np.zeros((count, 2), np.float32)
    assert np.isnan(neighbor_preservation(nearest_neighbors(unit), layout))
    assert np.isnan(trustworthiness(unit, layout))


def test_trustworthiness_needs_31_items():
    assert np.isnan(trustworthiness(random_unit(30), np.zeros((30, 2), np.float32)))
    assert np.isfinite(trustworthiness(random_unit(31), np.zeros((31, 2), np.float32)))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_preservation_of_few_items_is_whole(count):
    """With k as large as the table, every other item is a neighbor, here and there."""
    unit = random_unit(count)
    assert neighbor_preservation(nearest_neighbors(unit), unit[:, :2]) == 1


def test_a_sample_stands_for_many(monkeypatch):
    unit, _ = three_clouds()
    whole = trustworthiness(unit, unit[:, :2]), neighbor_preservation(nearest_neighbors(unit), unit[:, :2])
    monkeypatch.setattr(fidelity, "_ALL_UP_TO", 119)
    sampled = trustworthiness(unit, unit[:, :2]), neighbor_preservation(nearest_neighbors(unit), unit[:, :2])
    assert sampled != whole
    assert sampled == pytest.approx(whole, abs=0.1)


def test_the_map_of_the_sentences_can_be_trusted():
    space = sentence_space()
    assert trustworthiness(space.unit, space.layout) > 0.9
    assert neighbor_preservation(space.neighbors, space.layout) > 0.7


def test_a_map_that_keeps_two_of_three_neighbors():
    graph = Neighbors(np.array([[1], [0], [0]], np.int32), np.zeros((3, 1), np.float32))
    layout = np.array([[0, 0], [1, 0], [9, 0]], np.float32)  # the third item's nearest here is the second
    assert neighbor_preservation(graph, layout) == pytest.approx(2 / 3)
