"""Twins keep what they say they keep, and lose the rest."""

import numpy as np
import pytest
from examples import random_unit, three_clouds

from explorer.geometry.twin import blended_twin, sample_of, shuffled_twin
from explorer.geometry.vectors import lengths

BOTH = pytest.mark.parametrize("twin", [shuffled_twin, blended_twin])


@pytest.fixture
def oblong():
    """A cloud far from the origin, long in one direction, with columns that go together: (300, 4) float32."""
    base = np.random.default_rng(0).gamma(1.0, size=(300, 4)).astype(np.float32)
    base[:, 1] += 3 * base[:, 0]
    return base + 5


def test_a_shuffled_twin_keeps_each_column_and_no_relation_between_columns(oblong):
    twin = shuffled_twin(oblong, seed=1)
    assert (np.sort(twin, axis=0) == np.sort(oblong, axis=0)).all()
    assert np.corrcoef(oblong.T)[0, 1] > 0.9
    assert abs(np.corrcoef(twin.T)[0, 1]) < 0.2


def test_a_blended_twin_keeps_mean_and_covariance_and_no_lumps(oblong):
    twin = blended_twin(oblong, seed=1)
    assert twin.mean(axis=0) == pytest.approx(oblong.mean(axis=0), rel=1e-4)
    assert np.cov(twin.T) == pytest.approx(np.cov(oblong.T), rel=1e-3, abs=1e-3)
    two = np.repeat(np.float32([[-1, 0], [1, 0]]), 200, axis=0) * 3 + random_unit(400, 2) * 0.1
    assert (abs(two[:, 0]) > 1).all()  # nothing lies between the two lumps
    assert (abs(blended_twin(two, seed=1)[:, 0]) < 1).mean() > 0.1


@BOTH
def test_unit_vectors_have_a_unit_twin_and_a_seed_gives_the_same_one(twin):
    unit, _ = three_clouds()
    made = twin(unit, seed=3)
    assert made.shape == unit.shape
    assert made.dtype == np.float32
    assert lengths(made) == pytest.approx(np.ones(len(unit)), abs=1e-4)
    assert (made == twin(unit, seed=3)).all()
    assert (made != twin(unit, seed=4)).any()


@BOTH
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_vectors_have_a_twin(twin, count):
    made = twin(random_unit(count), seed=0)
    assert made.shape == random_unit(count).shape
    assert np.isfinite(made).all()


def test_vectors_all_alike_are_their_own_twin():
    alike = np.tile(np.float32([[0.6, 0.8]]), (20, 1))
    assert blended_twin(alike, seed=0) == pytest.approx(alike, abs=1e-6)


def test_a_sample_is_all_where_it_may_be_and_ascends_where_not():
    assert sample_of(5, seed=0).tolist() == [0, 1, 2, 3, 4]
    part = sample_of(5000, seed=0, at_most=100)
    assert len(set(part.tolist())) == 100
    assert (np.diff(part) > 0).all()
