"""A new point goes where its true neighbors are on the map."""

import numpy as np
import pytest
from examples import random_unit, sentence_ids, sentence_space, three_clouds

from explorer.geometry.placement import place
from explorer.geometry.vectors import nearest_items


def test_nearest_items_by_hand():
    unit = np.array([[0, -1], [0, 1], [0.6, 0.8], [0.6, 0.8], [0.8, 0.6]], np.float32)
    items, similarity = nearest_items(unit, np.array([0, 1], np.float32), 4)
    assert items.tolist() == [1, 2, 3, 4]
    assert similarity == pytest.approx([1, 0.8, 0.8, 0.6])
    assert items.dtype == np.int32


@pytest.mark.parametrize("k", [0, 1, 5, 50])
def test_as_many_as_asked_for_or_all(k):
    unit = random_unit(5)
    items, similarity = nearest_items(unit, unit[3], k)
    assert len(items) == len(similarity) == min(k, 5)
    assert len(set(items.tolist())) == len(items)
    assert (np.diff(similarity) <= 0).all()
    if k:
        assert items[0] == 3


def test_a_neighbor_alone_gives_its_place():
    assert place(np.array([[3, 4], [9, 9]], np.float32), np.array([0]), np.array([0.2])).tolist() == [3, 4]


def test_equally_near_neighbors_give_the_middle():
    layout = np.array([[0, 0], [2, 4]], np.float32)
    assert place(layout, np.array([0, 1]), np.array([0.5, 0.5])) == pytest.approx([1, 2])


def test_a_neighbor_a_tenth_less_similar_weighs_one_eth():
    layout = np.array([[0, 0, 0], [1, 1, 1]], np.float32)
    expected = np.exp(-1) / (1 + np.exp(-1))
    assert place(layout, np.array([0, 1]), np.array([0.6, 0.5])) == pytest.approx([expected] * 3)


def test_one_far_neighbor_does_not_pull_the_point_into_the_middle():
    layout = np.array([[0, 0], [0, 1], [100, 0]], np.float32)
    assert place(layout, np.array([0, 1, 2]), np.array([0.9, 0.9, 0.2]))[0] < 1


def test_a_point_between_its_neighbors_stays_between_them():
    unit, _ = three_clouds()
    layout = unit[:, :2]
    items, similarity = nearest_items(unit, unit[7], 10)
    x, y = place(layout, items, similarity)
    assert layout[items, 0].min() <= x <= layout[items, 0].max()
    assert layout[items, 1].min() <= y <= layout[items, 1].max()


def test_a_new_sentence_lands_among_those_of_its_topic():
    from explorer.embedding.models import encoder

    space = sentence_space()
    query = encoder("minilm").queries(["Astronauts walked on the surface of the moon."])[0]
    items, similarity = nearest_items(space.unit, query, 10)
    where = place(space.layout, items, similarity)
    nearest = np.argsort(((space.layout - where) ** 2).sum(axis=1))[:5]
    assert {sentence_ids()[item][0] for item in nearest} == {"a"}
