"""Where something new belongs on a map that is already drawn."""

from __future__ import annotations

import numpy as np

_NEARLY_ALL = 0.9  # of the items: whoever sees so many looks at the whole map
_CLOSEST = 0.02  # of the map: a single item is shown with its surroundings


def place(layout: np.ndarray, items: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    """Coordinates for a new point: the mean of its true neighbors', weighted by how near they are: (2 or 3,).

    UMAP's own `transform` needs a fitted model that cannot be stored without pickle; this needs the layout
    alone. Weights fall to 1/e at a tenth of a unit of similarity below the nearest, so that one far
    neighbor in another part of the map does not pull the point into the empty middle.
    """
    weights = np.exp((similarity - similarity.max()) / 0.1)
    return (layout[items] * weights[:, None]).sum(axis=0) / weights.sum()


def frame_of(layout: np.ndarray, frame: np.ndarray, other: np.ndarray) -> np.ndarray | None:
    """Where to look on another layout of the same items to see those that a frame shows on this one.

    Parameters
    ----------
    layout, other : float arrays of shape (m, 2)
    frame : the corners of what is seen, least and most: (2, 2)

    Returns
    -------
    frame : around the middle nine tenths of these items, as wide for its height as the one given; None where it shows
        nearly all of them, or none
    """
    seen = ((layout >= frame[0]) & (layout <= frame[1])).all(axis=1)
    if not 0 < seen.mean() < _NEARLY_ALL:
        return None
    low, high = np.quantile(other[seen], [0.05, 0.95], axis=0)
    shape = np.maximum(frame[1] - frame[0], 1e-9)
    scale = max(float(((high - low) / shape).max()), _CLOSEST * float((np.ptp(other, axis=0) / shape).max()))
    half = shape * scale * 0.6  # a little air around them
    middle = (low + high) / 2
    return np.stack([middle - half, middle + half])
