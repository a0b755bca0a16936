"""Vectors in, coordinates out: UMAP on the shared neighbor graph, PCA, t-SNE.

Each method is an entry of `PROJECTIONS`; each gives a defined answer for any number of items.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.data.table import BadInput
from explorer.geometry.neighbors import Neighbors
from explorer.recipe import Projection

UMAP_FROM = 12  # items; below, UMAP's graph says nothing and PCA is drawn instead
TSNE_UP_TO = 20_000  # items; above, scikit-learn's t-SNE takes longer than anyone waits
_EXACT_TSNE_UP_TO = 300  # items
_SPECTRAL_UP_TO = 20_000  # items; above, the spectral start costs more than the layout gains by it


Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Method:
    """A way to project: its name for people and the function `(unit, neighbors, projection, progress) -> (m, dims)`."""

    title: str
    project: Callable[[np.ndarray, Neighbors, Projection, Progress | None], np.ndarray]


def project(
    unit: np.ndarray, neighbors: Neighbors, projection: Projection, progress: Progress | None = None
) -> np.ndarray:
    """Coordinates of m items, float32 of shape (m, 2 or 3), centered on zero.

    The same input gives the same coordinates on the same machine and versions. `progress`, where the method can
    say how far it is, is called with (rounds done, rounds); what it raises stops the work.

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


def pca(
    unit: np.ndarray, neighbors: Neighbors | None, projection: Projection, progress: Progress | None = None
) -> np.ndarray:
    """The directions of greatest variance (Pearson 1901; scikit-learn), signs fixed by the largest loading."""
    from sklearn.decomposition import PCA

    layout = np.zeros((len(unit), projection.dimensions), np.float32)
    components = min(projection.dimensions, *unit.shape)
    # Rows that are all alike have no direction at all: every point stays at zero.
    if components and float(np.ptp(unit, axis=0).max()) > 1e-7:
        layout[:, :components] = PCA(components, random_state=0).fit_transform(unit)
    return layout


def umap(
    unit: np.ndarray, neighbors: Neighbors, projection: Projection, progress: Progress | None = None
) -> np.ndarray:
    """UMAP (McInnes, Healy and Melville 2018; umap-learn) on the graph we already have."""
    if len(unit) < UMAP_FROM:
        return pca(unit, neighbors, projection)
    from umap import UMAP

    n_neighbors = max(min(projection.n_neighbors, len(unit) - 1, neighbors.k + 1), 2)
    model = UMAP(
        n_components=projection.dimensions,
        n_neighbors=n_neighbors,
        min_dist=projection.min_dist,
        metric="cosine",
        init="spectral" if len(unit) <= _SPECTRAL_UP_TO else "pca",
        random_state=projection.seed,
        n_jobs=1,  # what a fixed seed means to umap-learn; said, so that it need not warn
        precomputed_knn=with_self_first(neighbors, n_neighbors),
        transform_mode="embedding",
        tqdm_kwds={"file": _Epochs(progress), "disable": progress is None, "bar_format": "{n}/{total}"},
    )
    with warnings.catch_warnings():
        # It cannot place new items without a search index; `geometry.placement` does that here.
        warnings.filterwarnings("ignore", "precomputed_knn", UserWarning)
        return _finite(model.fit_transform(unit))


class _Epochs:
    """Where umap-learn's progress bar writes to: its only word on how far it is, and the only way to stop it."""

    def __init__(self, progress: Progress | None):
        self._progress = progress

    def write(self, text: str) -> None:
        said = re.search(r"(\d+)/(\d+)", text)
        if said and self._progress is not None:
            progress, self._progress = self._progress, None  # the bar writes again while an exception passes it
            progress(int(said[1]), int(said[2]))
            self._progress = progress

    def flush(self) -> None: ...


def tsne(
    unit: np.ndarray, neighbors: Neighbors | None, projection: Projection, progress: Progress | None = None
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
    # Barnes-Hut's threads wait for each other a thousand times: minutes for twelve items on a busy machine.
    way = "exact" if len(unit) <= _EXACT_TSNE_UP_TO else "barnes_hut"
    seed = projection.seed
    model = TSNE(projection.dimensions, perplexity=perplexity, init=start, random_state=seed, method=way)
    return _finite(model.fit_transform(unit))


def with_self_first(neighbors: Neighbors, n_neighbors: int) -> tuple[np.ndarray, np.ndarray, None]:
    """The graph as umap-learn wants it: each item its own first neighbor, exactly `n_neighbors` columns.

    umap-learn does not cut a wider graph by itself below 4,096 items.
    """
    count = len(neighbors)
    indices = np.empty((count, n_neighbors), np.int32)
    distances = np.zeros((count, n_neighbors), np.float32)
    indices[:, 0] = np.arange(count)
    indices[:, 1:] = neighbors.indices[:, : n_neighbors - 1]
    distances[:, 1:] = neighbors.distances[:, : n_neighbors - 1]
    return indices, distances, None


def _finite(layout: np.ndarray) -> np.ndarray:
    # umap-learn gives NaN to items that its graph leaves without any edge: they go to the middle.
    return np.where(np.isfinite(layout), layout, np.nanmean(layout, axis=0, keepdims=True))


PROJECTIONS = {
    "umap": Method("UMAP: neighborhoods", umap),
    "pca": Method("PCA: overall shape", pca),
    "tsne": Method("t-SNE: tight neighborhoods", tsne),
}
