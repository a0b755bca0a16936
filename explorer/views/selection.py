"""The items inside a lasso or a box on a map."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

MOST_CORNERS = 20_000


def inside(shape: Mapping[str, object], xy: np.ndarray) -> np.ndarray:
    """Items inside a shape, ascending, as int32.

    A shape that is not well formed (it comes from a browser) contains nothing. A lasso that crosses itself follows the
    even-odd rule.

    shape : {"type": "box", "x": [a, b], "y": [c, d]} or {"type": "lasso", "x": [...], "y": [...]}, in the coordinates
        of `xy`
    xy : float array of shape (m, 2 or more), of which the first two columns count
    """
    nothing = np.empty(0, np.int32)
    try:
        xs = np.asarray(shape["x"], dtype=np.float64)
        ys = np.asarray(shape["y"], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        return nothing
    if xs.ndim != 1 or xs.shape != ys.shape or not 2 <= len(xs) <= MOST_CORNERS:
        return nothing
    if not (np.isfinite(xs).all() and np.isfinite(ys).all()):
        return nothing
    x, y = xy[:, 0], xy[:, 1]
    within = (x >= xs.min()) & (x <= xs.max()) & (y >= ys.min()) & (y <= ys.max())
    candidates = np.flatnonzero(within)
    if shape.get("type") == "box":
        return candidates.astype(np.int32)
    if shape.get("type") != "lasso" or len(xs) < 3:
        return nothing
    px, py = x[candidates].astype(np.float64), y[candidates].astype(np.float64)
    odd = np.zeros(len(candidates), bool)
    # Count the edges that a ray to the right crosses (the even-odd test). Edge by edge, this needs only a few arrays of
    # the candidates.
    for ax, ay, bx, by in zip(xs, ys, np.roll(xs, -1), np.roll(ys, -1), strict=True):
        if ay != by:
            crosses = (ay > py) != (by > py)
            odd ^= crosses & (px < (bx - ax) * (py - ay) / (by - ay) + ax)
    return candidates[odd].astype(np.int32)
