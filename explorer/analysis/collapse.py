"""Texts that say different things and have nearly the same vector: a model does that where it cannot read them."""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher

import numpy as np

from explorer.geometry.neighbors import Neighbors

# Measured with MiniLM: forty random texts each in Thai, Tamil, Khmer, Korean, emoji, DNA or proteins fall into sets of
# similarity above 0.999 whose texts have 0.13 to 0.35 in common. One template with other numbers in it lies at 0.85 to
# 0.99, with 0.96 to 0.98 in common.
_NEAR = 0.005  # cosine distance; translations of one sentence lie farther apart
_ALIKE = 0.7  # the part of two texts that is the same, from which a near vector is no surprise
_FEWEST = 5  # different texts, that it is no chance
_PAIRS = 20  # of a set that are compared
_READ = 300  # characters of a text that are compared


def collapsed(neighbors: Neighbors, texts: Callable[[np.ndarray], list[str]]) -> list[np.ndarray]:
    """Sets of at least five different texts with nearly the same vector, the largest first: int64 arrays of items.

    Parameters
    ----------
    neighbors : the graph of the items, which are distinct contents
    texts : gives the texts of some items, an int array of shape (r,)
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count = len(neighbors)
    one, place = np.nonzero(neighbors.distances < _NEAR)
    other = neighbors.indices[one, place]
    pairs = coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    number, of_item = connected_components(pairs, directed=False)
    sizes = np.bincount(of_item, minlength=number)
    random = np.random.default_rng(0)
    found = []
    for which in np.flatnonzero(sizes >= _FEWEST):
        inside = np.flatnonzero(of_item[one] == which)
        inside = random.choice(inside, min(_PAIRS, len(inside)), replace=False)
        firsts, seconds = texts(one[inside]), texts(other[inside])
        if np.median([in_common(*pair) for pair in zip(firsts, seconds, strict=True)]) < _ALIKE:
            found.append(np.flatnonzero(of_item == which))
    return sorted(found, key=len, reverse=True)


def in_common(one: str, other: str) -> float:
    """The part of two texts that is the same, 0 to 1, as they stand or with their words in order of the alphabet: case
    does not count, nor does what follows their first 300 characters."""
    one, other = one[:_READ].lower(), other[:_READ].lower()
    pairs = [(one, other), (" ".join(sorted(one.split())), " ".join(sorted(other.split())))]
    return max(SequenceMatcher(None, *pair, autojunk=False).ratio() for pair in pairs)
