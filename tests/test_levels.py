"""One tree of groups: the given clustering is one cut of it, and every finer group lies within one coarser."""

import numpy as np
import pytest
from examples import random_unit, sentence_space, three_clouds

from explorer.geometry.clusters import UNGROUPED, group
from explorer.geometry.levels import Levels, levels
from explorer.geometry.neighbors import nearest_neighbors
from explorer.recipe import Clustering


def tree_of(unit, **settings):
    graph, clustering = nearest_neighbors(unit), Clustering(**settings)
    labels = group(unit, graph, clustering)
    return levels(unit, graph, labels, clustering), labels


def nests(fine, coarse):
    """Whether each group of `fine` lies in one of `coarse`."""
    return all(len(set(coarse[fine == number])) == 1 for number in set(fine.tolist()) - {UNGROUPED})


def test_a_tree_by_hand():
    """Four leaves: 0 and 1 join first, then 2 and 3, then both pairs."""
    tree = Levels(np.array([0, 0, 0, 1, 2, 3, -1]), np.array([[0, 1], [2, 3], [4, 5]]), given=2)
    assert tree.leaves == 4
    assert tree.cut(4).tolist() == [0, 0, 0, 1, 2, 3, -1]
    assert tree.cut(3).tolist() == [0, 0, 0, 0, 1, 2, -1]
    assert tree.cut(2).tolist() == [0, 0, 0, 0, 1, 1, -1]
    assert tree.cut(1).tolist() == [0, 0, 0, 0, 0, 0, -1]


@pytest.mark.parametrize("method", ["leiden", "kmeans", "hdbscan"])
def test_every_cut_has_as_many_groups_as_asked_and_children_nest(method):
    tree, labels = tree_of(np.vstack([three_clouds(60)[0], random_unit(100, 16)]), method=method, min_size=6)
    assert tree.given == labels.max() + 1
    assert (tree.cut(tree.given) == labels).all()
    cuts = {count: tree.cut(count) for count in range(1, tree.leaves + 1)}
    for count, cut in cuts.items():
        assert cut.max() + 1 == count
        assert ((cut < 0) == (labels < 0)).all()
        sizes = np.bincount(cut[cut >= 0])
        assert (np.diff(sizes) <= 0).all()
    assert all(nests(cuts[count + 1], cuts[count]) for count in range(1, tree.leaves))


def test_the_clouds_come_apart_last_when_going_to_fewer():
    unit, belongs = three_clouds(60)
    tree, _ = tree_of(unit)
    assert tree.leaves >= 3
    assert nests(tree.cut(3), belongs)


def test_a_count_out_of_range_is_the_nearest_there_is():
    tree, _ = tree_of(three_clouds()[0])
    assert (tree.cut(0) == tree.cut(1)).all()
    assert (tree.cut(10**6) == tree.cut(tree.leaves)).all()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_few_items(count):
    tree, labels = tree_of(random_unit(count))
    assert (tree.cut(max(tree.given, 1)) == labels).all()
    assert tree.leaves >= tree.given


def test_items_all_left_over_make_no_groups():
    unit = random_unit(12)
    tree = levels(unit, nearest_neighbors(unit), np.full(12, UNGROUPED, np.int32), Clustering())
    assert tree.leaves == 0
    assert (tree.cut(5) == UNGROUPED).all()


def test_three_hundred_groups_are_not_made_finer():
    unit = random_unit(1200)
    labels = np.sort(np.arange(1200) % 300).astype(np.int32)
    tree = levels(unit, nearest_neighbors(unit), labels, Clustering())
    assert tree.leaves == tree.given == 300
    assert tree.cut(7).max() + 1 == 7


def test_the_topics_of_the_sentences_are_a_cut():
    space = sentence_space()
    tree = levels(space.unit, space.neighbors, space.clusters.labels, space.recipe.clustering)
    assert (tree.cut(3) == space.clusters.labels).all()
