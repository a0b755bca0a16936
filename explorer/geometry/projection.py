"""Vectors in, coordinates out: UMAP on the shared neighbor graph, PCA, t-SNE.

Each method is an entry of `PROJECTIONS`; each has a defined result for any number of items.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.errors import BadInput
from explorer.geometry.neighbors import Neighbors, nearest_neighbors
from explorer.geometry.vectors import unit_length
from explorer.progress import Counts
from explorer.recipe import Projection

UMAP_FROM = 12  # items; below, UMAP's graph means nothing, and PCA is used instead
TSNE_UP_TO = 20_000  # items; above, scikit-learn's t-SNE takes longer than anyone waits
_EXACT_TSNE_UP_TO = 300  # items
_SPECTRAL_UP_TO = 20_000  # items; above, the spectral start costs more time than it is worth
_SMALL = 10_000  # items; up to so many, umap-learn runs more rounds
_ONE_CALLER = threading.Lock()  # two of our threads must not use numba's threads at once


@dataclass(frozen=True)
class ProjectionMethod:
    """A way to project: its name for people and the function `(unit, neighbors, projection, progress) -> (m, dims)`."""

    title: str
    project: Callable[[np.ndarray, Neighbors, Projection, Counts | None], np.ndarray]


def project(
    unit: np.ndarray, neighbors: Neighbors, projection: Projection, progress: Counts | None = None
) -> np.ndarray:
    """Coordinates of m items, float32 of shape (m, 2 or 3), centered on zero.

    The same input gives the same coordinates on the same machine and versions.

    Parameters
    ----------
    unit : float32 array of shape (m, d), unit length
    neighbors : the graph of these m items
    projection : the method, a key of `PROJECTIONS`, and its settings
    progress : called with (rounds done, rounds) by methods that know how far they are; what it raises stops the work

    Raises
    ------
    BadInput : for an unknown method, dimensions other than 2 or 3, or too many items for the method
    """
    if projection.method not in PROJECTIONS:
        raise BadInput(f"No projection named {projection.method!r}. Choose one of: {', '.join(PROJECTIONS)}.")
    if projection.dimensions not in (2, 3):
        raise BadInput(f"A map has 2 or 3 dimensions, not {projection.dimensions}. Choose 2 or 3.")
    if len(unit) < 2:
        return np.zeros((len(unit), projection.dimensions), np.float32)
    layout = PROJECTIONS[projection.method].project(unit, neighbors, projection, progress)
    return np.ascontiguousarray(layout - layout.mean(axis=0), np.float32)


def warm_up(large: bool = False) -> None:
    """Import and compile what a UMAP layout needs, or load it from the cache, by making a small layout.

    Meant for a time when the user waits for something else anyway.

    Parameters
    ----------
    large : whether to prepare NN-descent too, which compiles for half a minute in each process
    """
    unit = unit_length(np.random.default_rng(0).standard_normal((64, 16)).astype(np.float32))
    project(unit, nearest_neighbors(unit), Projection())
    if large:
        nearest_neighbors(unit, exact_up_to=0)


def pca(
    unit: np.ndarray, neighbors: Neighbors | None, projection: Projection, progress: Counts | None = None
) -> np.ndarray:
    """The directions of greatest variance (Pearson 1901; scikit-learn): (m, dims). The largest loading fixes signs."""
    from sklearn.decomposition import PCA

    layout = np.zeros((len(unit), projection.dimensions), np.float32)
    components = min(projection.dimensions, *unit.shape)
    # Where all rows are the same there is no direction: every point stays at zero.
    if components and float(np.ptp(unit, axis=0).max()) > 1e-7:
        layout[:, :components] = PCA(components, random_state=0).fit_transform(unit)
    return layout


def umap(unit: np.ndarray, neighbors: Neighbors, projection: Projection, progress: Counts | None = None) -> np.ndarray:
    """UMAP (McInnes, Healy and Melville 2018; umap-learn) on the graph we already have, with our descent."""
    if len(unit) < UMAP_FROM or not neighbors.k:
        return pca(unit, neighbors, projection)
    from explorer.geometry.compiled import umap as umap_learn

    n_neighbors = max(min(projection.n_neighbors, len(unit) - 1, neighbors.k + 1), 2)
    model = umap_learn()(
        n_components=projection.dimensions,
        n_neighbors=n_neighbors,
        min_dist=projection.min_dist,
        metric="cosine",
        init="spectral" if len(unit) <= _SPECTRAL_UP_TO else "pca",
        random_state=projection.seed,
        n_jobs=1,  # umap-learn does this for a fixed seed anyway; set explicitly, it does not warn
        precomputed_knn=with_self_first(neighbors, n_neighbors),
        transform_mode="embedding",
        n_epochs=0,  # umap-learn makes the graph, the start and the curve; the descent is ours
    )
    with warnings.catch_warnings():
        # The warning: without a search index it cannot place new items. `geometry.placement` does that here.
        warnings.filterwarnings("ignore", "precomputed_knn", UserWarning)
        start = model.fit_transform(unit)
    layout = _descend(_finite(start), model.graph_, projection, progress)
    # An item without any edge in the graph has no place of its own.
    return _finite(np.where(np.isfinite(start), layout, np.nan))


def _descend(start: np.ndarray, graph: Any, projection: Projection, progress: Counts | None) -> np.ndarray:
    """UMAP's descent from a start, (m, dims), on its graph of memberships, a sparse matrix of shape (m, m)."""
    from scipy.sparse.csgraph import reverse_cuthill_mckee
    from umap.umap_ import find_ab_params

    from explorer.geometry.compiled import umap_epochs

    epochs = 500 if len(start) <= _SMALL else 200  # as umap-learn does
    descent = umap_epochs()
    graph = graph.tocsr()
    graph.data[graph.data < graph.data.max() / epochs] = 0  # edges that would never be taken
    graph.eliminate_zeros()
    # Put neighbors side by side in memory: on large maps an epoch spends most of its time on fetching them.
    order = reverse_cuthill_mckee(graph, symmetric_mode=True)
    graph = graph[order][:, order]
    rates = (graph.data / graph.data.max()).astype(np.float32)
    edges = graph.indptr.astype(np.int32, copy=False), graph.indices.astype(np.int32, copy=False), rates
    a, b = (np.float32(value) for value in find_ab_params(1.0, projection.min_dist))
    before, after = start[order].astype(np.float32), np.empty(start.shape, np.float32)
    random = np.random.default_rng(projection.seed)
    pushing = np.zeros((3, descent.SAMPLE + descent.LANES), np.float32)
    for now in range(epochs):
        alpha = np.float32(1 - now / epochs)
        sampled = random.integers(len(before), size=pushing.shape[1], dtype=np.int32)
        pushing[: before.shape[1]] = before[sampled].T
        with _ONE_CALLER:
            descent.epoch(before, after, *edges, pushing, sampled, now, alpha, a, b, projection.seed)
        before, after = after, before
        if progress:
            progress(now + 1, epochs)
    after[order] = before
    return after


def tsne(
    unit: np.ndarray, neighbors: Neighbors | None, projection: Projection, progress: Counts | None = None
) -> np.ndarray:
    """t-SNE (van der Maaten and Hinton 2008; scikit-learn) from a PCA start."""
    if len(unit) > TSNE_UP_TO:
        raise BadInput(f"t-SNE is offered up to {TSNE_UP_TO:,} items; this has {len(unit):,}. Choose UMAP or PCA.")
    if len(unit) < UMAP_FROM:
        return pca(unit, neighbors, projection)
    from sklearn.manifold import TSNE

    start = pca(unit, neighbors, projection)
    start = start / max(float(start[:, 0].std()), 1e-12) * 1e-4
    perplexity = min(30.0, (len(unit) - 1) / 3)
    # On unit vectors squared Euclidean distance is twice the cosine distance, and far quicker to search.
    # Few items: exact, since Barnes-Hut's threads wait for each other a thousand times, which took minutes for twelve
    # items on a busy machine.
    way = "exact" if len(unit) <= _EXACT_TSNE_UP_TO else "barnes_hut"
    seed = projection.seed
    model = TSNE(projection.dimensions, perplexity=perplexity, init=start, random_state=seed, method=way)
    return _finite(model.fit_transform(unit))


def with_self_first(neighbors: Neighbors, n_neighbors: int) -> tuple[np.ndarray, np.ndarray, None]:
    """The graph as umap-learn wants it: each item its own first neighbor, exactly `n_neighbors` columns.

    umap-learn does not cut a wider graph by itself below 4,096 items.

    Returns
    -------
    indices, distances : int32 and float32 arrays of shape (m, n_neighbors)
    index : None, where umap-learn would have a search index
    """
    count = len(neighbors)
    indices = np.empty((count, n_neighbors), np.int32)
    distances = np.zeros((count, n_neighbors), np.float32)
    indices[:, 0] = np.arange(count)
    indices[:, 1:] = neighbors.indices[:, : n_neighbors - 1]
    distances[:, 1:] = neighbors.distances[:, : n_neighbors - 1]
    return indices, distances, None


def _finite(layout: np.ndarray) -> np.ndarray:
    # umap-learn gives NaN to items without any edge in its graph: put them in the middle.
    return np.where(np.isfinite(layout), layout, np.nanmean(layout, axis=0, keepdims=True))


PROJECTIONS = {
    "umap": ProjectionMethod("UMAP: neighborhoods", umap),
    "pca": ProjectionMethod("PCA: overall shape", pca),
    "tsne": ProjectionMethod("t-SNE: tight neighborhoods", tsne),
}
