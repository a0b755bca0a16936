"""Where a new point belongs on an existing map, and where the same items are on another map."""

from __future__ import annotations

import numpy as np

_NEARLY_ALL = 0.9  # of the items: a frame that shows so many counts as the whole map
_CLOSEST = 0.02  # of the map: the smallest frame, so that a single item is shown with its surroundings


def place(layout: np.ndarray, items: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    """Coordinates for a new point: the mean of its true neighbors', weighted by how near they are: (2 or 3,).

    UMAP's own `transform` needs a fitted model, which cannot be stored without pickle; this needs only the layout. A
    neighbor that is less similar than the nearest by 0.1 has 1/e of its weight, so that one far neighbor in another
    part of the map does not pull the point into the empty middle.

    layout : float array of shape (m, 2 or 3)
    items : int array of shape (k,), the new point's nearest items
    similarity : float array of shape (k,), their cosine similarity to it
    """
    weights = np.exp((similarity - similarity.max()) / 0.1)
    return (layout[items] * weights[:, None]).sum(axis=0) / weights.sum()


def frame_of(layout: np.ndarray, frame: np.ndarray, other: np.ndarray) -> np.ndarray | None:
    """The frame on another layout of the same items that shows the items of a frame on this layout.

    Parameters
    ----------
    layout, other : float arrays of shape (m, 2)
    frame : float array of shape (2, 2), the corners of the visible part: the least x and y, then the greatest

    Returns
    -------
    frame : (2, 2), around the middle nine tenths of these items and with the same proportions as the given one; None
        where the given frame shows nearly all items, or none
    """
    seen = ((layout >= frame[0]) & (layout <= frame[1])).all(axis=1)
    if not 0 < seen.mean() < _NEARLY_ALL:
        return None
    low, high = np.quantile(other[seen], [0.05, 0.95], axis=0)
    shape = np.maximum(frame[1] - frame[0], 1e-9)
    scale = max(float(((high - low) / shape).max()), _CLOSEST * float((np.ptp(other, axis=0) / shape).max()))
    half = shape * scale * 0.6  # with a margin
    middle = (low + high) / 2
    return np.stack([middle - half, middle + half])
