"""Where something new belongs on a map that is already drawn."""

from __future__ import annotations

import numpy as np


def nearest_items(unit: np.ndarray, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k items nearest to a query by cosine similarity, nearest first.

    Parameters
    ----------
    unit : float32 array of shape (m, d), unit length
    query : float32 array of shape (d,), unit length

    Returns
    -------
    items : int32 array of shape (min(k, m),)
    similarity : float32 array of that shape, -1 to 1
    """
    similarity = unit @ query
    k = min(k, len(similarity))
    near = np.argpartition(similarity, -k)[-k:] if k else np.zeros(0, np.int64)
    near = near[np.lexsort((near, -similarity[near]))]
    return near.astype(np.int32), similarity[near]


def place(layout: np.ndarray, items: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    """Coordinates for a new point: the mean of its true neighbors', weighted by how near they are: (2 or 3,).

    UMAP's own `transform` needs a fitted model that cannot be stored without pickle; this needs the layout
    alone. Weights fall to 1/e at a tenth of a unit of similarity below the nearest, so that one far
    neighbor in another part of the map does not pull the point into the empty middle.
    """
    weights = np.exp((similarity - similarity.max()) / 0.1)
    return (layout[items] * weights[:, None]).sum(axis=0) / weights.sum()
