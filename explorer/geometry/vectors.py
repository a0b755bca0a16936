"""Arithmetic of vectors: lengths, unit length, and the items of highest score."""

from __future__ import annotations

import numpy as np


def lengths(vectors: np.ndarray) -> np.ndarray:
    """The length of each row: (m,) float64, so that no square of a float32 overflows or becomes zero."""
    return np.sqrt(np.einsum("md,md->m", vectors, vectors, dtype=np.float64))


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Vectors of shape (m, d) divided by their lengths, float32; zero vectors stay zero."""
    by = lengths(vectors)[:, None]
    return np.divide(vectors, by, out=np.zeros_like(vectors, np.float32), where=by > 0, casting="same_kind")


def best(scores: np.ndarray, k: int, allowed: np.ndarray | None = None) -> np.ndarray:
    """The k items with the highest scores, best first, the smaller number first among equals: int32 (k,) or fewer.

    scores : float array of shape (m,)
    allowed : bool array of shape (m,), the items to choose from; all by default
    """
    candidates = np.arange(len(scores)) if allowed is None else np.flatnonzero(allowed)
    k = min(k, len(candidates))
    if k < 1:
        return np.zeros(0, np.int32)
    part = scores[candidates]
    top = np.argpartition(-part, k - 1)[:k] if k < len(part) else np.arange(len(part))
    top = top[np.lexsort((top, -part[top]))]
    return candidates[top].astype(np.int32)


def nearest_to_mean(unit: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Some items, sorted by how near they are to the mean of them all, nearest first; equals stay in their order.

    unit : float32 array of shape (m, d), unit length
    items : int array of shape (r,); the result has the same shape
    """
    if not len(items):
        return items
    mine = unit[items]
    return items[np.argsort(-(mine @ mine.mean(axis=0)), kind="stable")]


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
    items = best(similarity, k)
    return items, similarity[items]
