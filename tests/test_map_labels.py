"""Where the names of groups stand: on layouts made by hand, of which a reader can say where the names belong."""

import numpy as np
import pytest
from examples import sentence_space

from explorer.geometry.clusters import Clusters
from explorer.views.map_labels import group_labels, islands


def blob(at: tuple[float, ...], count: int, wide: float, seed: int = 0) -> np.ndarray:
    """So many places around one, normally distributed."""
    return np.random.default_rng(seed).normal(at, wide, (count, len(at)))


def one_group(layout: np.ndarray):
    return group_labels(Clusters(np.zeros(len(layout), np.int32), ("bread",)), layout)


def near(label, at, within: float) -> bool:
    return float(np.hypot(label.x - at[0], label.y - at[1])) < within


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_islands_the_denser_has_the_name_and_the_other_has_it_from_nearby(turned):
    dense, thin = blob((0, 0), 300, 0.4), blob((10, 0), 200, 1.0, 1)
    layout = np.concatenate([thin, dense] if turned else [dense, thin])
    first, second = one_group(layout)
    assert (first.level, second.level) == (0, 1)
    assert near(first, (0, 0), 0.5)
    assert near(second, (10, 0), 1.2)
    assert first.size == 500
    assert 140 < second.size <= 200  # without its strays
    assert first.reach < second.reach


def test_a_name_never_stands_in_the_gap_between_islands_of_one_size():
    layout = np.concatenate([blob((0, 0), 100, 0.5), blob((8, 0), 100, 0.5, 1)])
    assert sorted(round(label.x / 8) for label in one_group(layout)) == [0, 1]
    assert not [label for label in one_group(layout) if 2 < label.x < 6]


def test_a_dense_handful_beside_a_large_island_does_not_take_its_name():
    layout = np.concatenate([blob((0, 0), 400, 1.0), blob((9, 0), 60, 0.02, 1)])
    first, second = one_group(layout)
    assert near(first, (0, 0), 1)
    assert near(second, (9, 0), 0.1)


def test_strays_between_two_islands_are_no_bridge():
    strays = np.stack([np.linspace(1, 9, 12), np.zeros(12)], axis=1)
    layout = np.concatenate([blob((0, 0), 400, 0.4), blob((10, 0), 300, 0.4, 1), strays])
    first, second = one_group(layout)
    assert near(first, (0, 0), 0.5)
    assert near(second, (10, 0), 0.5)


def test_a_few_strays_have_no_name_of_their_own():
    layout = np.concatenate([blob((0, 0), 300, 0.5), blob((9, 9), 12, 0.2, 1)])
    (label,) = one_group(layout)
    assert near(label, (0, 0), 0.5)


def test_the_name_of_a_ring_stands_on_the_ring():
    angle = np.random.default_rng(3).uniform(0, 2 * np.pi, 400)
    (label,) = one_group(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    assert np.hypot(label.x, label.y) == pytest.approx(1)


def test_one_round_island_has_its_name_in_its_middle():
    (label,) = one_group(blob((3, -2), 500, 1.0))
    assert near(label, (3, -2), 0.6)


@pytest.mark.parametrize("count", [1, 2, 3, 400, 4000])
def test_items_at_one_place_have_one_name_there(count):
    (label,) = one_group(np.full((count, 2), 7.0, np.float32))
    assert (label.x, label.y, label.above, label.reach) == (7, 7, 0, 0)


def test_some_at_one_place_and_some_around_are_one_island():
    layout = np.concatenate([np.zeros((300, 2)), blob((0, 0), 100, 0.1)])
    assert near(one_group(layout)[0], (0, 0), 0.1)


def test_islands_are_found_among_many_items_and_in_three_dimensions():
    two = np.concatenate([blob((0, 0), 40_000, 1.0), blob((9, 0), 20_000, 1.0, 1)])
    three = np.concatenate([blob((0, 0, 0), 900, 1.0), blob((9, 0, 0), 500, 1.0, 1)])
    for layout, most in ((two, 40_000), (three, 900)):
        found = islands(layout)
        assert [round(island.at[0] / 9) for island in found] == [0, 1]
        assert found[0].share == pytest.approx(most / len(layout), abs=0.03)


def test_a_place_follows_when_the_map_is_moved_and_grown():
    layout = np.concatenate([blob((0, 0), 300, 0.4), blob((10, 0), 200, 1.0, 1)])
    for before, after in zip(one_group(layout), one_group(100 * layout + 7), strict=True):
        assert (after.x, after.y) == pytest.approx((100 * before.x + 7, 100 * before.y + 7))
        assert after.reach == pytest.approx(100 * before.reach)


def test_every_name_stands_on_an_item_of_its_group():
    space = sentence_space()
    labels = group_labels(space.clusters, space.layout)
    assert {label.text for label in labels if label.level == 0} == set(space.clusters.names)
    for label in labels:
        mine = space.layout[space.clusters.labels == space.clusters.names.index(label.text)]
        assert (np.abs(mine[:, :2] - [label.x, label.y]).max(axis=1) < 1e-5).any()
        assert 0 <= label.above <= mine[:, 1].max() - label.y + 1e-5


def test_what_is_in_no_group_has_no_name():
    layout = blob((0, 0), 20, 1.0)
    labels = np.repeat(np.array([-1, 1], np.int32), 10)
    assert {label.text for label in group_labels(Clusters(labels, ("none here", "here")), layout)} == {"here"}
    assert group_labels(Clusters(np.zeros(0, np.int32), ()), np.zeros((0, 2))) == []
