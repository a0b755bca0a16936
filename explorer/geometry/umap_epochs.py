"""UMAP's stochastic gradient descent on all cores, with the same result each time.

umap-learn's own descent moves both ends of an edge at once, so on several cores threads overwrite each other's work;
with a fixed seed it therefore uses one core. Here an epoch reads all places as they were before the epoch, and each
item moves only itself. The threads do not affect each other, and their number makes no difference. Losses, gradients,
rates and how often an edge is taken are umap-learn's (McInnes, Healy and Melville 2018, section 3.2 and appendix).

The items that push others away are drawn anew in each epoch, one sample for all. Each edge uses a few of them that are
adjacent in the sample, which fits into a core's cache and suits its vector instructions. Together with powers to five
digits this makes an epoch about three times as quick.
"""

from __future__ import annotations

import numba
import numpy as np

NEGATIVES = 5  # other items that push an item away, for each edge that pulls at it
SAMPLE = 4096  # items that all the pushes of an epoch come from
LANES = 8  # pushes computed at once; those beyond NEGATIVES do not count
_CLIP = np.float32(4.0)  # the farthest that one push or pull moves an item, before the learning rate
_BITS = np.uint64(0xFFFFFFFF)
_SPREAD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))  # large and odd
_HALF = np.float32(0.5)
_LEAST = np.float32(0.001)  # keeps a push finite where two items lie at one place
# Chebyshev fits: log2 of 1 to 2 and 2 to the power of -1/2 to 1/2, the constant term first.
_LOG2 = tuple(map(np.float32, (-2.7941606, 5.0697778, -3.5202449, 1.6101929, -0.40947993, 0.0439291)))
_EXP2 = tuple(map(np.float32, (1.0000001, 0.69312103, 0.24022107, 0.055922078, 0.0096760419)))
_ABOVE_ZERO, _ABOVE_ZERO_WHOLE = np.float32(512), np.int32(512)  # added to any exponent of a float32
_ONE_BITS, _FRACTION, _FRACTION_LENGTH = np.int32(0x3F800000), np.int32(0x007FFFFF), np.int32(23)


@numba.njit(inline="always")
def _clipped(value):
    return min(max(value, -_CLIP), _CLIP)


@numba.njit(inline="always")
def _random(state):
    """The next number of Marsaglia's xorshift32 (2003): 32 bits, kept in 64 as numba's arithmetic needs."""
    state ^= (state << np.uint64(13)) & _BITS
    state ^= state >> np.uint64(17)
    state ^= (state << np.uint64(5)) & _BITS
    return state


@numba.njit(inline="always")
def power(base, exponent):
    """`base ** exponent` of float32 from 0 up, to five digits: 2 ** (exponent * log2(base)) on the bits of a float."""
    # Each step is cast to 32 bits: numba computes integers in 64, and vector instructions hold half as many of those.
    bits = np.float32(base).view(np.int32)
    whole = np.float32(np.int32(np.int32(bits >> _FRACTION_LENGTH) - np.int32(127)))
    x = np.int32(np.int32(bits & _FRACTION) | _ONE_BITS).view(np.float32)
    log = _LOG2[0] + x * (_LOG2[1] + x * (_LOG2[2] + x * (_LOG2[3] + x * (_LOG2[4] + x * _LOG2[5]))))
    wanted = (whole + log) * exponent
    nearest = np.int32(np.int32(wanted + _ABOVE_ZERO + _HALF) - _ABOVE_ZERO_WHOLE)  # rounded: what is cut is positive
    x = wanted - np.float32(nearest)
    exp = _EXP2[0] + x * (_EXP2[1] + x * (_EXP2[2] + x * (_EXP2[3] + x * _EXP2[4])))
    scale = np.int32(nearest << _FRACTION_LENGTH)
    return np.int32(scale + _ONE_BITS).view(np.float32) * exp


@numba.njit(parallel=True, error_model="numpy", fastmath={"nnan", "ninf", "nsz", "reassoc"})
def epoch(before, after, starts, others, rates, sample, sampled, now, alpha, a, b, seed):
    """Move every item once.

    Parameters
    ----------
    before, after : places before and after, float32 of shape (m, 2 or 3)
    starts, others : the symmetric graph as CSR: int32 of shapes (m + 1,) and (e,)
    rates : turns of each edge in an epoch, at most 1: float32 of shape (e,)
    sample : places before of the items that push, a column each, zero where there is no third dimension: float32 of
        shape (3, SAMPLE + LANES)
    sampled : which items they are: int32 of shape (SAMPLE + LANES,)
    now : number of this epoch, from 0
    alpha : learning rate, float32
    a, b : of the curve 1 / (1 + a d^2b) that says how alike two places are, float32
    seed : uint32
    """
    deep = before.shape[1] == 3
    for item in numba.prange(before.shape[0]):
        state = np.uint64(item) * _SPREAD[0] ^ np.uint64(now) * _SPREAD[1] ^ np.uint64(seed) * _SPREAD[2]
        state = (state ^ (state >> np.uint64(32))) & _BITS | np.uint64(1)
        for _ in range(3):
            state = _random(state)
        x, y = before[item, 0], before[item, 1]
        z = before[item, 2] if deep else np.float32(0)
        for edge in range(starts[item], starts[item + 1]):
            turn, then = np.float32(now) * rates[edge], np.float32(now + 1) * rates[edge]
            own = np.int32(then) > np.int32(turn)
            # The same edge seen from its other end, half a turn later: umap-learn moves both ends each time.
            others_turn = np.int32(then + _HALF) > np.int32(turn + _HALF)
            if not (own or others_turn):
                continue
            other = others[edge]
            for _ in range(int(own) + int(others_turn)):
                dx, dy = x - before[other, 0], y - before[other, 1]
                dz = z - before[other, 2] if deep else np.float32(0)
                square = dx * dx + dy * dy + dz * dz
                if square > 0:
                    raised = power(square, b)
                    pull = np.float32(-2) * a * b * raised / (square * (a * raised + np.float32(1)))
                    x += _clipped(pull * dx) * alpha
                    y += _clipped(pull * dy) * alpha
                    z += _clipped(pull * dz) * alpha
            if not own:
                continue
            state = _random(state)
            first = np.int64((state * np.uint64(SAMPLE)) >> np.uint64(32))
            away_x, away_y, away_z = np.float32(0), np.float32(0), np.float32(0)
            for lane in range(LANES):
                at = first + lane
                dx, dy, dz = x - sample[0, at], y - sample[1, at], z - sample[2, at]
                square = dx * dx + dy * dy + dz * dz
                push = np.float32(2) * b / ((_LEAST + square) * (a * power(square, b) + np.float32(1)))
                if lane >= NEGATIVES or sampled[at] == np.int32(item):
                    push = np.float32(0)
                away_x += _clipped(push * dx)
                away_y += _clipped(push * dy)
                away_z += _clipped(push * dz)
            x += away_x * alpha
            y += away_y * alpha
            z += away_z * alpha
        after[item, 0], after[item, 1] = x, y
        if deep:
            after[item, 2] = z
