"""The neighbor graph: right by hand, equal to scikit-learn's, never an item's own neighbor."""

import numpy as np
import pytest
from examples import random_unit, three_clouds
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from explorer.geometry import neighbors as module
from explorer.geometry import projection
from explorer.geometry.neighbors import Neighbors, nearest_neighbors
from explorer.geometry.vectors import unit_length


def on_a_circle(*degrees: float) -> np.ndarray:
    """Directions in the plane."""
    angles = np.radians(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def test_four_directions_by_hand():
    graph = nearest_neighbors(on_a_circle(0, 10, 30, 180), k=2)
    assert graph.indices.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    expected = 1 - np.cos(np.radians([[10, 30], [10, 20], [20, 30], [150, 170]]))
    assert graph.distances == pytest.approx(expected, abs=1e-6)
    assert graph.exact


def test_opposite_directions_are_at_distance_two():
    graph = nearest_neighbors(on_a_circle(0, 180))
    assert graph.indices.tolist() == [[1], [0]]
    assert graph.distances.ravel() == pytest.approx([2, 2], abs=1e-6)
    assert graph.distances.max() <= 2


@pytest.mark.parametrize("block", [512, 7], ids=["one block", "many blocks"])
@pytest.mark.parametrize("group", [64, 4], ids=["few groups", "many groups"])
@pytest.mark.parametrize("threads", [1, 3])
def test_exact_equals_scikit_learn(monkeypatch, block, group, threads):
    monkeypatch.setattr(module, "BLOCK", block)
    monkeypatch.setattr(module, "GROUP", group)
    monkeypatch.setattr(module, "exact_threads", lambda: threads)
    unit = random_unit(301, 24)
    graph = nearest_neighbors(unit, k=12)
    distances, indices = NearestNeighbors(n_neighbors=12, metric="cosine").fit(unit).kneighbors()
    assert (graph.indices == indices).all()
    assert graph.distances == pytest.approx(distances, abs=1e-5)
    assert graph.indices.dtype == np.int32
    assert graph.distances.dtype == np.float32


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_fewer_items_than_neighbors_asked_for(count):
    graph = nearest_neighbors(random_unit(count), k=30)
    assert graph.k == max(count - 1, 0)
    assert graph.distances.shape == graph.indices.shape == (count, max(count - 1, 0))
    for item, others in enumerate(graph.indices.tolist()):
        assert sorted([*others, item]) == list(range(count))


@pytest.mark.parametrize("group", [64, 2], ids=["few groups", "many groups"])
def test_items_that_are_all_alike_have_the_first_others(monkeypatch, group):
    """Ties go to the smaller index, at the end of the list too: the graph must not hang on a sorting method."""
    monkeypatch.setattr(module, "GROUP", group)
    graph = nearest_neighbors(np.tile(np.array([[1, 0]], np.float32), (50, 1)), k=3)
    assert graph.indices[:5].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2]]
    assert (graph.indices[5:] == [0, 1, 2]).all()
    assert (graph.distances == 0).all()


def test_a_tie_at_the_end_of_the_list():
    """Of four others equally far, the two of the smallest index are taken."""
    unit = [[1, 0, 0], [0.6, 0.8, 0], [0.6, 0, 0.8], [0.8, 0.6, 0], [0.6, -0.8, 0], [0.6, 0, -0.8]]
    assert nearest_neighbors(np.array(unit, np.float32), k=3).indices[0].tolist() == [3, 1, 2]


@given(st.integers(20, 60), st.integers(1, 4), st.integers(2, 9))
def test_the_largest_of_many_ties(columns, k, group):
    """Few different values, so that nearly every row has more of the last one taken than it takes."""
    values = np.random.default_rng(columns).integers(0, 4, (30, columns // group * group)).astype(np.float32)
    if values.shape[1] <= k:
        return
    before, module.GROUP = module.GROUP, group
    try:
        places, largest = module._largest(values, k)
    finally:
        module.GROUP = before
    expected = np.argsort(-values, axis=1, kind="stable")[:, :k]
    assert (places == expected).all()
    assert (largest == np.take_along_axis(values, expected, axis=1)).all()


def test_stopping_ends_the_search(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 10)
    seen = []

    def stop(done: int, total: int) -> None:
        seen.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nearest_neighbors(random_unit(500), k=5, progress=stop)
    assert seen == [10]


@given(st.integers(2, 25), st.integers(1, 6), st.randoms(use_true_random=False))
def test_shuffled_items_have_the_same_neighbors(count, dimensions, random):
    unit = random_unit(count, dimensions + 1, seed=count)
    order = np.array(random.sample(range(count), count))
    one, other = nearest_neighbors(unit, k=5), nearest_neighbors(unit[order], k=5)
    assert other.distances == pytest.approx(one.distances[order], abs=1e-5)
    assert (order[other.indices] == one.indices[order]).all()


@pytest.mark.parametrize("scale", [1e-38, 1e-20, 0.3, 1e20, 1e38])
def test_the_length_of_a_vector_does_not_matter(scale):
    vectors = np.random.default_rng(3).uniform(-1, 1, (40, 6)).astype(np.float32)
    scaled = unit_length((vectors * np.float32(scale)).astype(np.float32))
    assert np.linalg.norm(scaled, axis=1) == pytest.approx(np.ones(40), abs=1e-5)
    assert nearest_neighbors(scaled, k=4).distances == pytest.approx(
        nearest_neighbors(unit_length(vectors), k=4).distances, abs=1e-5
    )


def test_unit_length_by_hand():
    unit = unit_length(np.array([[3, 4], [0, 0], [0, -2]], np.float32))
    assert unit.dtype == np.float32
    assert unit == pytest.approx(np.array([[0.6, 0.8], [0, 0], [0, -1]]))


def test_progress_ends_with_every_item(monkeypatch):
    monkeypatch.setattr(module, "BLOCK", 10)
    seen = []
    nearest_neighbors(random_unit(50), k=5, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(10, 50), (20, 50), (30, 50), (40, 50), (50, 50)]


# -- above the exact limit ---------------------------------------------------------------------------


class SomeNeighbors:
    """Stands for pynndescent, whose compilation takes most of a minute: finds what a sloppy search would.

    The last of its columns is wrong everywhere, one item does not find itself, and one finds too few.
    """

    def __init__(self, unit, metric, n_neighbors, random_state):
        assert metric == "dot"
        similarity = unit @ unit.T
        found = np.argsort(-similarity, axis=1, kind="stable")[:, :n_neighbors].astype(np.int32)
        found[:, -1] = np.argsort(similarity, axis=1, kind="stable")[:, 0]
        found[7] = np.argsort(-similarity[7], kind="stable")[1 : n_neighbors + 1]
        found[9, 3:] = -1
        self.neighbor_graph = found, None


@pytest.fixture
def approximate(monkeypatch):
    """The graph of three clouds, found by `SomeNeighbors`; and their vectors."""
    import sys
    from types import SimpleNamespace

    monkeypatch.setitem(sys.modules, "pynndescent", SimpleNamespace(NNDescent=SomeNeighbors))
    monkeypatch.setattr(module, "_RECALL_SAMPLE", 100)
    unit, _ = three_clouds()
    return nearest_neighbors(unit, k=10, exact_up_to=100), unit


def test_an_approximate_graph_measures_its_own_recall(approximate):
    graph, unit = approximate
    truth = nearest_neighbors(unit, k=10)
    hits = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(graph.indices, truth.indices, strict=True)])
    assert 0.88 < hits < 0.92  # of ten, one is wrong
    assert graph.recall == pytest.approx(hits, abs=0.02)
    assert not graph.exact


def test_what_large_files_need_is_warmed_up(monkeypatch):
    """A table is warmed up for with a few vectors, fewer than recall is measured on."""
    import sys
    from types import SimpleNamespace

    asked = []

    class Counted(SomeNeighbors):
        def __init__(self, unit, **settings):
            asked.append(len(unit))
            super().__init__(unit, **settings)

    projection.warm_up()  # imports umap-learn, which needs the real one
    monkeypatch.setitem(sys.modules, "pynndescent", SimpleNamespace(NNDescent=Counted))
    projection.warm_up()
    assert asked == []
    projection.warm_up(large=True)
    (count,) = asked
    assert 30 < count < module._RECALL_SAMPLE


def test_an_approximate_graph_is_whole(approximate):
    graph, unit = approximate
    assert graph.indices.shape == (120, 10)
    assert not (graph.indices == np.arange(120)[:, None]).any()
    assert all(len(set(row)) == 10 and min(row) >= 0 for row in graph.indices.tolist())
    assert (np.diff(graph.distances, axis=1) >= 0).all()
    item, place = 4, 6
    assert graph.distances[item, place] == pytest.approx(1 - unit[item] @ unit[graph.indices[item, place]], abs=1e-6)
    assert graph.indices[9].tolist() == nearest_neighbors(unit, k=10).indices[9].tolist()  # the one that found too few


def test_only_the_exact_way_says_that_it_is_exact(monkeypatch):
    import sys
    from types import SimpleNamespace

    class Lucky:
        def __init__(self, unit, n_neighbors, **_):
            self.neighbor_graph = np.argsort(-(unit @ unit.T), axis=1, kind="stable")[:, :n_neighbors], None

    monkeypatch.setitem(sys.modules, "pynndescent", SimpleNamespace(NNDescent=Lucky))
    monkeypatch.setattr(module, "_RECALL_SAMPLE", 100)
    assert nearest_neighbors(three_clouds()[0], k=10, exact_up_to=100).recall == 0.9999


def test_a_graph_is_as_long_as_its_items():
    assert len(Neighbors(np.zeros((4, 2), np.int32), np.zeros((4, 2), np.float32))) == 4


# -- items of one row ---------------------------------------------------------------------------------


def rows_of_three(rows):
    return np.column_stack([np.repeat(np.arange(rows), 3), np.arange(3 * rows)])


@pytest.mark.parametrize("exact_up_to", [60_000, 0], ids=["exact", "approximate"])
def test_items_of_one_row_are_never_neighbors(exact_up_to):
    links = rows_of_three(200)
    centers = random_unit(200, 16)
    noise = 0.05 * np.random.default_rng(3).standard_normal((600, 16))
    unit = unit_length((np.repeat(centers, 3, axis=0) + noise).astype(np.float32))
    graph = nearest_neighbors(unit, 10, exact_up_to, links=links)
    assert graph.indices.shape == (600, 10)
    assert not (graph.indices // 3 == np.arange(600)[:, None] // 3).any()
    similarity = unit @ unit.T
    similarity[np.arange(600)[:, None] // 3 == np.arange(600) // 3] = -1
    truth = np.argsort(-similarity, axis=1)[:, :10]
    hits = np.mean([len(np.intersect1d(*pair)) for pair in zip(truth, graph.indices, strict=True)]) / 10
    assert hits == 1 if exact_up_to else hits > 0.95
