"""UMAP's stochastic gradient descent, on all cores and yet the same each time.

umap-learn's own descent moves both ends of an edge at once, so that on several cores threads write over each other:
with a fixed seed it keeps to one. Here an epoch reads all places as they were before it and each item moves itself
alone: the threads have nothing to do with each other, and how many there are makes no difference. Losses, gradients,
rates and how often an edge is taken are umap-learn's (McInnes, Healy and Melville 2018, section 3.2 and appendix).
"""

from __future__ import annotations

import math

import numba
import numpy as np

NEGATIVES = 5  # other items that push an item away, for each edge that pulls at it
_CLIP = np.float32(4.0)  # the farthest that one push or pull moves an item, before the learning rate
_BITS = np.uint64(0xFFFFFFFF)
_SPREAD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))  # large and odd
_HALF = np.float32(0.5)
_LEAST = np.float32(0.001)  # keeps a push finite where two items lie at one place


@numba.njit(inline="always")
def _clipped(value):
    return min(max(value, -_CLIP), _CLIP)


@numba.njit(inline="always")
def _random(state):
    """The next number of Marsaglia's xorshift32 (2003): 32 bits, kept in 64 as numba's arithmetic would have it."""
    state ^= (state << np.uint64(13)) & _BITS
    state ^= state >> np.uint64(17)
    state ^= (state << np.uint64(5)) & _BITS
    return state


# Not the whole of fastmath: freshly compiled it rounds otherwise than loaded from where it was kept, and the same
# recipe would give two maps.
@numba.njit(parallel=True, fastmath={"nnan", "ninf", "nsz"})
def epoch(before, after, starts, others, rates, now, alpha, a, b, seed):
    """Move every item once.

    Parameters
    ----------
    before, after : places before and after, float32 of shape (m, 2 or 3)
    starts, others : the symmetric graph as CSR: int32 of shapes (m + 1,) and (e,)
    rates : turns of each edge in an epoch, at most 1: float32 of shape (e,)
    now : number of this epoch, from 0
    alpha : learning rate, float32
    a, b : of the curve 1 / (1 + a d^2b) that says how alike two places are, float32
    seed : uint32
    """
    count = before.shape[0]
    deep = before.shape[1] == 3
    for item in numba.prange(count):
        state = np.uint64(item) * _SPREAD[0] ^ np.uint64(now) * _SPREAD[1] ^ np.uint64(seed) * _SPREAD[2]
        state = (state ^ (state >> np.uint64(32))) & _BITS | np.uint64(1)
        for _ in range(3):
            state = _random(state)
        x, y = before[item, 0], before[item, 1]
        z = before[item, 2] if deep else np.float32(0)
        for edge in range(starts[item], starts[item + 1]):
            turn, then = np.float32(now) * rates[edge], np.float32(now + 1) * rates[edge]
            own = math.floor(then) > math.floor(turn)
            # The same edge seen from its other end, half a turn later: umap-learn moves both ends each time.
            others_turn = math.floor(then + _HALF) > math.floor(turn + _HALF)
            if not (own or others_turn):
                continue
            other = others[edge]
            for _ in range(int(own) + int(others_turn)):
                dx, dy = x - before[other, 0], y - before[other, 1]
                dz = z - before[other, 2] if deep else np.float32(0)
                square = dx * dx + dy * dy + dz * dz
                if square > 0:
                    power = math.exp(b * math.log(square))
                    pull = np.float32(-2) * a * b * power / (square * (a * power + np.float32(1)))
                    x += _clipped(pull * dx) * alpha
                    y += _clipped(pull * dy) * alpha
                    z += _clipped(pull * dz) * alpha
            if not own:
                continue
            for _ in range(NEGATIVES):
                state = _random(state)
                other = np.int64((state * np.uint64(count)) >> np.uint64(32))
                if other == item:
                    continue
                dx, dy = x - before[other, 0], y - before[other, 1]
                dz = z - before[other, 2] if deep else np.float32(0)
                square = dx * dx + dy * dy + dz * dz
                if square > 0:
                    power = math.exp(b * math.log(square))
                    push = np.float32(2) * b / ((_LEAST + square) * (a * power + np.float32(1)))
                    x += _clipped(push * dx) * alpha
                    y += _clipped(push * dy) * alpha
                    z += _clipped(push * dz) * alpha
        after[item, 0], after[item, 1] = x, y
        if deep:
            after[item, 2] = z
