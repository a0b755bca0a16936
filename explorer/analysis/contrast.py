"""What one group holds more often than its siblings: log-odds with an informative prior."""

from __future__ import annotations

import numpy as np

PRIOR = 10.0  # texts: so many are imagined in each group, which hold each phrase as often as all texts do


def contrast(mine: np.ndarray, size: float, every: np.ndarray, total: float) -> np.ndarray:
    """How far each phrase is above chance in a group, in standard deviations: float64 of the shape of `mine`.

    The logarithm of the odds that a text of the group holds the phrase, less that of a text of its siblings, over its
    standard deviation. A prior made of all texts keeps rare phrases from looking certain (Monroe, Colaresi and Quinn
    2008, "Fightin' words").

    Parameters
    ----------
    mine, every : arrays of one shape, how many texts of the group, and of all groups, hold each phrase
    size, total : how many texts the group and all groups have
    """
    prior = PRIOR * np.clip(every / max(total, 1), 1e-9, 1 - 1e-9)
    others = every - mine
    odds = _odds(mine + prior, size + PRIOR) - _odds(others + prior, total - size + PRIOR)
    return odds / np.sqrt(1 / (mine + prior) + 1 / (others + prior))


def _odds(some: np.ndarray, of: float) -> np.ndarray:
    return np.log(some / (of - some))
