"""Twins of vectors: the same numbers without the structure in question. What shows as much on a twin is no finding.

There are two, for two questions:

- `shuffled_twin` permutes each column by itself. Each coordinate keeps its values, so its scale and skew stay, and all
  relations between coordinates go. A measure that is as high there would be as high on unrelated numbers.
- `blended_twin` blends the rows by a random rotation. The mean and the covariance stay, so that the twin is one cloud,
  as long and as flat as the original. What goes is everything beyond: lumps, and gaps between them. A grouping that is
  as clear there cuts one cloud into pieces. Permuted columns cannot show that: they make a rounder cloud than the
  original, in which any long one seems to have groups.
"""

from __future__ import annotations

import numpy as np

from explorer.geometry.vectors import lengths, unit_length

SAMPLE = 1_000  # items: large enough to see groups, small enough for a graph in well under a second
_ROUNDS = 3  # of the blending; after two, each row of the twin holds a part of every row of the original


def sample_of(count: int, seed: int, at_most: int = SAMPLE) -> np.ndarray:
    """Which of so many items to make a twin of: all up to `at_most`, else a random part, ascending: int64."""
    if count <= at_most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, at_most, replace=False))


def shuffled_twin(vectors: np.ndarray, seed: int) -> np.ndarray:
    """The vectors with each column permuted by itself; of unit length where the originals are: float32 (m, d).

    vectors : float array of shape (m, d)
    """
    shuffled = np.random.default_rng(seed).permuted(np.asarray(vectors, np.float32), axis=0)
    return _as_long_as(vectors, shuffled)


def blended_twin(vectors: np.ndarray, seed: int) -> np.ndarray:
    """The vectors with their rows blended by a random rotation that keeps mean and covariance (Langsrud 2005, "Rotation
    tests"); of unit length where the originals are: float32 (m, d).

    vectors : float array of shape (m, d)
    """
    from scipy.fft import dct, idct

    plain = np.asarray(vectors, np.float32)
    if len(plain) < 2:
        return plain.copy()
    mean, random = plain.mean(axis=0), np.random.default_rng(seed)
    # Row 0 of a cosine transform holds the mean; a rotation of the other rows leaves it. A rotation drawn from all of
    # them would take m * m numbers: cosine transforms of rows in random order, with random signs, take none.
    waves = dct(plain - mean, axis=0, norm="ortho")[1:]
    for _ in range(_ROUNDS):
        signs = random.choice(np.array([-1, 1], np.float32), (len(waves), 1))
        waves = dct(waves[random.permutation(len(waves))] * signs, axis=0, norm="ortho")
    blended = idct(np.concatenate([np.zeros_like(mean)[None], waves]), axis=0, norm="ortho")
    return _as_long_as(plain, blended + mean)


def _as_long_as(vectors: np.ndarray, twin: np.ndarray) -> np.ndarray:
    return unit_length(twin) if np.allclose(lengths(vectors), 1, atol=1e-3) else twin
