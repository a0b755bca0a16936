"""The phrases that may name a group: above chance in it, no parts of longer ones, near to its meaning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from explorer.analysis.contrast import contrast
from explorer.analysis.phrases import Phrases
from explorer.geometry.vectors import unit_length

CANDIDATES = 40  # of each group
_MOST, _FEWEST = 1_600, 8  # of all groups together, but so many of each
_LOOKED_AT = 80  # of each group, those highest above chance
_ABOVE = 1.0  # standard deviations above chance, from which a phrase may name a group
_END_ABOVE = 0.5  # and its first and last word: "got my lamps" says no more than "lamps"
_COVERS = 0.6  # of its part's texts: from here on a phrase takes the place of its part
_EVERYWHERE = 0.25  # of the siblings' texts: a word that stands in so many is a word of every text
_SELDOM = 0.01  # of the group's texts: a phrase in fewer does not name it


@dataclass(frozen=True, eq=False)
class Candidates:
    """Phrases that may name one group, the most distinct first.

    Attributes
    ----------
    phrase : int64 (c,), their numbers
    contrast : float64 (c,), standard deviations above chance, above 0
    share : float64 (c,), of the group's texts that hold each
    """

    phrase: np.ndarray
    contrast: np.ndarray
    share: np.ndarray


def candidates(
    phrases: Phrases, labels: np.ndarray, unit: np.ndarray | None = None, parts: np.ndarray | None = None
) -> list[Candidates]:
    """The candidates of each group.

    Parameters
    ----------
    labels : int array (texts read,), 0 the first group, negative for texts in none
    unit : float32 array (texts read, d), the vectors of the texts; None where only words count
    parts : int array (texts read,), groups of a finer level: a name should fit all parts of a group
    """
    count = int(labels.max(initial=-1)) + 1
    member = _member(labels, count)
    counts = (member @ phrases.held).tocsr()
    sizes = np.asarray(member.sum(axis=1)).ravel()
    every = np.asarray(phrases.held.sum(axis=0)).ravel().astype(np.float64)
    found = []
    for group in range(count):
        row = counts[group]
        at, mine = row.indices.astype(np.int64), row.data.astype(np.float64)
        order = np.argsort(at)
        at, mine = at[order], mine[order]
        some = _above_chance(phrases, at, mine, float(sizes[group]), every[at], float(len(labels)))
        if parts is not None:
            some = _for_all_parts(phrases, some, parts, labels == group)
        found.append(some)
    many = min(CANDIDATES, max(_MOST // max(count, 1), _FEWEST))
    if unit is not None:
        centers = unit_length(np.asarray(member @ unit, np.float32))
        found = [_of_its_meaning(phrases, each, unit, centers, group, many) for group, each in enumerate(found)]
    return [_first(each, many) for each in found]


def _member(labels: np.ndarray, count: int) -> sparse.csr_matrix:
    grouped = np.flatnonzero(labels >= 0)
    ones = np.ones(len(grouped), np.float32)
    return sparse.csr_matrix((ones, (labels[grouped], grouped)), shape=(count, len(labels)))


def _above_chance(
    phrases: Phrases, at: np.ndarray, mine: np.ndarray, size: float, every: np.ndarray, total: float
) -> Candidates:
    """The phrases of one group that are above chance, of those at these numbers (ascending)."""
    if size < total:
        value = contrast(mine, size, every, total)
        elsewhere = (every - mine) / (total - size)
    else:  # no siblings: the commonest phrases
        value, elsewhere = 2 * np.sqrt(mine), np.zeros(len(at))
    of, held, common = (np.full(len(phrases), fill) for fill in (-np.inf, 0.0, 0.0))
    of[at], held[at], common[at] = value, mine, elsewhere
    first, last = phrases.ends[at].T
    least = np.where(phrases.words[at] > 1, min(max(_SELDOM * size, 3 if size >= 30 else 2), size), _SELDOM * size)
    good = (value >= _ABOVE) & (mine >= np.maximum(least, 2 if size > 3 else 1))
    good &= (of[first] >= _END_ABOVE) & (of[last] >= _END_ABOVE)
    good &= (common[first] < _EVERYWHERE) & (common[last] < _EVERYWHERE)
    if not good.any():  # texts that have nothing in common: what one of them says is better than a number
        good = (value >= _END_ABOVE) & (phrases.words[at] == 1) & (common[at] < _EVERYWHERE)
    keep = np.zeros(len(phrases), bool)
    keep[at[good]] = True
    for length in range(int(phrases.words[at].max(initial=1)), 1, -1):  # the longest first
        long = at[good & (phrases.words[at] == length)]
        for part in (*phrases.inner[long].T, *phrases.ends[long].T):
            keep[part[(part >= 0) & keep[long] & (held[long] >= _COVERS * held[part])]] = False
    chosen = at[keep[at]]
    chosen = chosen[np.lexsort((chosen, -of[chosen]))][:_LOOKED_AT]
    return Candidates(chosen, of[chosen], held[chosen] / max(size, 1))


def _for_all_parts(phrases: Phrases, found: Candidates, parts: np.ndarray, mine: np.ndarray) -> Candidates:
    """Parents are named by what their children share: a phrase of only one child counts less."""
    children, of_text = np.unique(parts[mine], return_inverse=True)
    if len(children) < 2 or not len(found.phrase):
        return found
    sizes = np.bincount(of_text)
    counts = _member(of_text, len(children)) @ phrases.held[np.flatnonzero(mine)][:, found.phrase]
    shares = counts.toarray() / sizes[:, None]
    fits = np.minimum(shares / found.share, 1).T @ sizes / sizes.sum()
    return _sorted(found, found.contrast * fits)


def _of_its_meaning(
    phrases: Phrases, found: Candidates, unit: np.ndarray, centers: np.ndarray, group: int, many: int
) -> Candidates:
    """Those first whose texts, on average, are nearer to the group's center than to any sibling's."""
    if len(found.phrase) <= many or len(centers) < 2:
        return found
    meant = unit_length(np.asarray(phrases.held[:, found.phrase].T @ unit, np.float32))
    near = meant @ centers.T
    margin = near[:, group] - np.delete(near, group, axis=1).max(axis=1)
    spread = float(margin.std()) or 1.0
    order = np.argsort(-(np.log(found.contrast) + (margin - margin.mean()) / spread), kind="stable")[:many]
    return _sorted(Candidates(found.phrase[order], found.contrast[order], found.share[order]), found.contrast[order])


def _sorted(found: Candidates, contrasts: np.ndarray) -> Candidates:
    order = np.lexsort((found.phrase, -contrasts))
    return Candidates(found.phrase[order], contrasts[order], found.share[order])


def _first(found: Candidates, many: int) -> Candidates:
    return Candidates(found.phrase[:many], found.contrast[:many], found.share[:many])
