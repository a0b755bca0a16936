"""Groups are found where they are. One cloud, whatever its shape, is one group."""

import numpy as np
import pytest
from examples import random_unit
from sklearn.metrics import adjusted_mutual_info_score

from explorer.geometry.clusters import group
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.structure import has_structure
from explorer.geometry.vectors import unit_length
from explorer.recipe import Clustering


def clouds(groups: int, each: int, dimensions: int, apart: float, seed: int = 0):
    """Round clouds whose middles lie `apart` times their radius from the origin: unit vectors and their groups."""
    random = np.random.default_rng(seed)
    middles = apart * unit_length(random.standard_normal((groups, dimensions)))
    belongs = np.repeat(np.arange(groups), each)
    around = random.standard_normal((groups * each, dimensions)) / np.sqrt(dimensions)
    return unit_length((middles[belongs] + around).astype(np.float32)), belongs


def grouped(unit, **settings):
    return group(unit, nearest_neighbors(unit), Clustering(**settings))


@pytest.mark.parametrize("apart", [0, 3, 10])  # around the origin, to one side of it, nearly constant
@pytest.mark.parametrize(("count", "dimensions"), [(12, 5), (30, 384), (60, 50), (200, 5), (400, 384)])
def test_one_cloud_is_one_group(count, dimensions, apart):
    unit, _ = clouds(1, count, dimensions, apart)
    assert grouped(unit).max() == 0


def test_a_long_cloud_is_one_group():
    """Its columns permuted would be a rounder cloud, beside which any long one seems to have groups."""
    random = np.random.default_rng(0)
    long = random.standard_normal((200, 50)) * np.arange(1, 51) ** -0.5
    turned = long @ np.linalg.qr(random.standard_normal((50, 50)))[0]
    aside = turned + 10 * unit_length(random.standard_normal((1, 50)))  # around the origin, a long cloud has two ends
    assert grouped(unit_length(aside.astype(np.float32))).max() == 0


@pytest.mark.parametrize("groups", [2, 3, 8])
@pytest.mark.parametrize(("each", "dimensions"), [(10, 384), (25, 50), (60, 20)])
def test_clouds_apart_are_groups(groups, each, dimensions):
    unit, belongs = clouds(groups, each, dimensions, apart=2)
    assert adjusted_mutual_info_score(belongs, grouped(unit)) > 0.7


def test_a_large_table_is_judged_by_a_sample():
    one, _ = clouds(1, 2500, 64, apart=1)
    assert grouped(one).max() == 0
    eight, belongs = clouds(8, 300, 64, apart=1)
    assert adjusted_mutual_info_score(belongs, grouped(eight)) > 0.9


def test_groups_too_small_for_the_sample_are_left_as_they_are():
    unit, belongs = clouds(300, 10, 64, apart=3)
    assert has_structure(unit, belongs, Clustering())
    assert has_structure(random_unit(3000), belongs, Clustering())  # nothing can be said of them


def test_a_finer_resolution_does_not_make_groups_of_one_cloud():
    unit, _ = clouds(1, 200, 20, apart=1)
    assert [grouped(unit, resolution=each).max() for each in (0.5, 1.25, 4.0)] == [0, 0, 0]


def test_a_number_of_groups_that_a_person_chose_stays():
    unit, _ = clouds(1, 60, 20, apart=1)
    assert grouped(unit, method="kmeans", n_clusters=4).max() + 1 == 4
