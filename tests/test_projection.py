"""Every projection gives every item a finite place, the same each time, whatever the items are."""

import numpy as np
import pytest
from examples import random_unit, three_clouds
from scipy import sparse

from explorer.errors import BadInput
from explorer.geometry import projection as module
from explorer.geometry.fidelity import trustworthiness
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.projection import PROJECTIONS, UMAP_FROM, project, with_self_first
from explorer.geometry.vectors import unit_length
from explorer.recipe import Projection

METHODS = pytest.mark.parametrize("method", list(PROJECTIONS))
DIMENSIONS = pytest.mark.parametrize("dimensions", [2, 3])


def laid_out(unit, method="umap", **settings):
    return project(unit, nearest_neighbors(unit), Projection(method, **settings))


@METHODS
@DIMENSIONS
@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 11, 12, 40])
def test_every_item_has_a_finite_place(method, dimensions, count):
    layout = laid_out(random_unit(count), method, dimensions=dimensions)
    assert layout.shape == (count, dimensions)
    assert layout.dtype == np.float32
    assert np.isfinite(layout).all()
    if count:
        assert layout.mean(axis=0) == pytest.approx(np.zeros(dimensions), abs=1e-3)
    if count > 1:
        assert len(np.unique(layout, axis=0)) == count


DEGENERATE = {
    "all alike": np.tile(np.array([[0.6, 0.8]], np.float32), (40, 1)),
    "one dimension": np.array([[1]] * 20 + [[-1]] * 20, np.float32),
    "two opposite bundles": unit_length(
        np.array([[1, 0, n / 100] for n in range(20)] + [[-1, 0, n / 100] for n in range(20)], np.float32)
    ),
    "one apart from its copies": np.array([[1, 0]] * 39 + [[-1, 0]], np.float32),
    "twelve alike": np.tile(np.array([[0, 1, 0]], np.float32), (12, 1)),
}


@METHODS
@pytest.mark.parametrize("case", list(DEGENERATE))
def test_degenerate_items_have_a_finite_place_too(method, case):
    layout = laid_out(DEGENERATE[case], method)
    assert layout.shape == (len(DEGENERATE[case]), 2)
    assert np.isfinite(layout).all()


@METHODS
def test_the_same_items_have_the_same_places(method):
    unit = three_clouds()[0]
    assert (laid_out(unit, method) == laid_out(unit, method)).all()


@METHODS
def test_clouds_stay_together(method):
    """On the map, each item's nearest other is of its own cloud."""
    unit, belongs = three_clouds()
    layout = laid_out(unit, method)
    nearest = np.argsort(((layout[:, None] - layout[None]) ** 2).sum(axis=2), axis=1)[:, 1]
    assert (belongs[nearest] == belongs).all()


def test_another_seed_is_another_umap_and_the_same_pca():
    unit = three_clouds()[0]
    assert (laid_out(unit, seed=1) != laid_out(unit, seed=2)).any()
    assert (laid_out(unit, "pca", seed=1) == laid_out(unit, "pca", seed=2)).all()


def test_pca_by_hand():
    """Four directions around a common one: the wider pair gives the first axis, the narrower the second."""
    unit = unit_length(np.array([[0.5, 0, 1], [-0.5, 0, 1], [0, 0.2, 1], [0, -0.2, 1]], np.float32))
    layout = laid_out(unit, "pca")
    assert np.abs(layout[:2]) == pytest.approx(np.array([[0.5, 0], [0.5, 0]]) / np.hypot(0.5, 1), abs=1e-6)
    assert np.abs(layout[2:, 1]) == pytest.approx(np.array([0.2, 0.2]) / np.hypot(0.2, 1), abs=1e-6)
    assert np.sign(layout[0, 0]) == -np.sign(layout[1, 0])


def test_few_items_are_drawn_by_pca():
    unit = random_unit(UMAP_FROM - 1)
    assert (laid_out(unit, "umap") == laid_out(unit, "pca")).all()
    assert (laid_out(unit, "tsne") == laid_out(unit, "pca")).all()


# -- umap-learn gets our graph -----------------------------------------------------------------------


def test_with_self_first_by_hand():
    graph = nearest_neighbors(unit_length(np.array([[1, 0], [1, 0.1], [1, 0.3], [1, 0.9]], np.float32)))
    indices, distances, index = with_self_first(graph, 3)
    assert indices.tolist() == [[0, 1, 2], [1, 0, 2], [2, 1, 0], [3, 2, 1]]
    assert distances[:, 0].tolist() == [0, 0, 0, 0]
    assert (distances[:, 1:] == graph.distances[:, :2]).all()
    assert index is None


@pytest.mark.parametrize(("asked", "columns"), [(15, 15), (5, 5), (2, 2), (1, 2), (200, 31)])
def test_umap_gets_our_graph_with_self_first_and_no_wider(monkeypatch, asked, columns):
    import umap

    seen = {}

    class Recorder:
        def __init__(self, **settings):
            seen.update(settings)

        def fit_transform(self, unit):
            self.graph_ = sparse.eye(len(unit), format="csr")
            return np.zeros((len(unit), 2))

    monkeypatch.setattr(umap, "UMAP", Recorder)
    unit = random_unit(60)
    graph = nearest_neighbors(unit)
    project(unit, graph, Projection(n_neighbors=asked, min_dist=0.3, seed=7))
    indices, distances, _ = seen["precomputed_knn"]
    assert seen["n_neighbors"] == indices.shape[1] == distances.shape[1] == columns
    assert (indices[:, 0] == np.arange(60)).all()
    assert (indices[:, 1:] == graph.indices[:, : columns - 1]).all()
    assert (seen["min_dist"], seen["random_state"], seen["n_components"]) == (0.3, 7, 2)


def test_umap_follows_the_graph_and_not_the_vectors():
    """Given another set's graph, the map shows that set: umap-learn does not search for itself."""
    unit, belongs = three_clouds()
    shuffled = np.random.default_rng(0).permutation(len(unit))
    layout = project(unit, nearest_neighbors(unit[shuffled]), Projection())
    nearest = np.argsort(((layout[:, None] - layout[None]) ** 2).sum(axis=2), axis=1)[:, 1]
    assert (belongs[shuffled][nearest] == belongs[shuffled]).all()


@pytest.mark.parametrize("dimensions", [2, 3])
def test_umap_is_the_same_on_one_core_and_on_all(dimensions):
    import numba

    unit = three_clouds()[0]
    numba.set_num_threads(1)
    try:
        alone = laid_out(unit, dimensions=dimensions)
    finally:
        numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
    assert (alone == laid_out(unit, dimensions=dimensions)).all()


@pytest.mark.parametrize("exponent", [0.3, 0.79, 0.9, 1.9])
def test_powers_are_right_to_four_digits_however_they_are_compiled(exponent):
    """Compiled as the descent is: the compiler may put sums in another order, and must not take the rounding out."""
    import numba

    from explorer.geometry import umap_epochs

    @numba.njit(fastmath=umap_epochs.epoch.targetoptions["fastmath"])
    def powers(bases, exponent):
        raised = np.empty_like(bases)
        for place, base in enumerate(bases):
            raised[place] = umap_epochs.power(base, exponent)
        return raised

    bases = np.logspace(-12, 8, 20_000).astype(np.float32)
    exponent = np.float32(exponent)
    assert powers(bases, exponent) == pytest.approx(bases.astype(float) ** float(exponent), rel=1e-4)


def test_umap_keeps_neighborhoods_as_well_as_umap_learns_own_descent():
    from sklearn.datasets import load_digits
    from umap import UMAP

    unit = unit_length(load_digits().data[:900].astype(np.float32))
    theirs = UMAP(metric="cosine", random_state=42, n_jobs=1).fit_transform(unit)
    assert trustworthiness(unit, laid_out(unit)) > trustworthiness(unit, theirs) - 0.01


def test_umap_tells_its_rounds_and_can_be_stopped():
    unit = three_clouds()[0]
    reports = []

    def progress(done, total):
        reports.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project(unit, nearest_neighbors(unit), Projection(), progress)
    assert reports == [(1, 500), (2, 500), (3, 500)]


# -- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("projection", "sentence"),
    [
        (Projection("mds"), "No projection named 'mds'. Choose one of: umap, pca, tsne."),
        (Projection(dimensions=4), "A map has 2 or 3 dimensions, not 4. Choose 2 or 3."),
        (Projection(dimensions=0), "A map has 2 or 3 dimensions, not 0. Choose 2 or 3."),
    ],
)
def test_what_cannot_be_drawn_is_refused(projection, sentence):
    unit = random_unit(5)
    with pytest.raises(BadInput) as refusal:
        project(unit, nearest_neighbors(unit), projection)
    assert str(refusal.value) == sentence


def test_tsne_of_too_many_items_is_refused(monkeypatch):
    monkeypatch.setattr(module, "TSNE_UP_TO", 30)
    with pytest.raises(BadInput, match=r"up to 30 items; this has 31\. Choose UMAP or PCA\."):
        laid_out(random_unit(31), "tsne")
