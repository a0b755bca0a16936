"""What the line of possible outliers flags in made tables without outliers, and what it finds of planted ones.

Beside it the 3 % farthest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.report import Table
from explorer.analysis.outlier_line import SHARE
from explorer.analysis.outliers import OUTLIER_METHODS, find_outliers
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.vectors import unit_length

SIZES = (100, 400, 1500)
SEEDS = range(3)
_DIMENSIONS = (4, 16, 128)
_PLANTED = (0.01, 0.03)


def tables() -> tuple[Table, Table]:
    """Without outliers, and with planted ones."""
    names = (*OUTLIER_METHODS, "all")
    clean: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    planted: dict[str, list[tuple[int, ...]]] = {name: [] for name in names}
    for unit, odd in _made():
        graph = nearest_neighbors(unit)
        for method in OUTLIER_METHODS:
            found = find_outliers(unit, graph, method)
            share = found.scores > np.percentile(found.scores, 100 - SHARE)
            for name in (method, "all"):
                if not odd.any():
                    clean[name].append((share.mean(), found.possible.mean()))
                    continue
                usual = found.scores[~odd]
                apart = odd & (found.scores > usual.max() + (usual.max() - np.median(usual)) / 4)
                planted[name].append(
                    (
                        int(odd.sum()), int(apart.sum()), int((share & apart).sum()), int((share & ~odd).sum()),
                        int((found.possible & apart).sum()), int((found.possible & ~odd).sum()), len(odd),
                    )
                )  # fmt: skip
    return _clean_table(clean), _planted_table(planted)


def _clean_table(counts: dict[str, list[tuple[float, float]]]) -> Table:
    lines = []
    for name, of in counts.items():
        share, line = np.array(of).T
        figures = (f"{1000 * share.mean():.1f}", f"{1000 * line.mean():.1f}", f"{100 * (line > 0).mean():.0f} %")
        lines.append((name, *figures))
    caption = f"{_tables(counts):,} made tables without outliers: rows in 1,000 above the line"
    return Table(caption, ("method", f"{SHARE} % farthest", "the line", "tables with any"), tuple(lines))


def _planted_table(counts: dict[str, list[tuple[int, ...]]]) -> Table:
    lines = []
    for name, of in counts.items():
        odd, apart, share, share_wrong, line, line_wrong, rows = np.sum(of, axis=0)
        found = [f"{right / apart:.2f}" if apart else "–" for right in (share, line)]
        wrong = [f"{1000 * each / rows:.1f}" for each in (share_wrong, line_wrong)]
        lines.append((name, f"{odd}", f"{apart}", found[0], wrong[0], found[1], wrong[1]))
    caption = (
        f"{_tables(counts):,} made tables with planted outliers: the share that is found of those whose score is apart "
        "from all others, and ordinary rows in 1,000 above the line"
    )
    share_columns = (f"{SHARE} % farthest: found", f"{SHARE} % farthest: ordinary")
    columns = ("method", "planted", "apart", *share_columns, "the line: found", "the line: ordinary")
    return Table(caption, columns, tuple(lines))


def _tables(counts: dict[str, list[Any]]) -> int:
    return len(counts["all"]) // len(OUTLIER_METHODS)


def _made() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Vectors of unit length, (m, d) float32, and which of them were planted, bool (m,)."""
    for shape in (_one_group, _unrelated, _equal_groups, _unequal_groups):
        for dimensions in _DIMENSIONS:
            for count in SIZES:
                for seed in SEEDS:
                    random = np.random.default_rng([seed, dimensions, count])
                    usual = unit_length(shape(random, count, dimensions).astype(np.float32))
                    yield usual, np.zeros(len(usual), bool)
                    for part in _PLANTED:
                        for plant in (_elsewhere, _noisy):
                            odd = plant(random, usual, max(int(count * part), 1))
                            both = unit_length(np.vstack([usual, odd]).astype(np.float32))
                            yield both, np.repeat([False, True], [len(usual), len(odd)])


def _one_group(random: np.random.Generator, count: int, dimensions: int, spread: float = 0.5) -> np.ndarray:
    center = unit_length(random.standard_normal((1, dimensions)).astype(np.float32))
    return center + spread / np.sqrt(dimensions) * random.standard_normal((count, dimensions))


def _unrelated(random: np.random.Generator, count: int, dimensions: int) -> np.ndarray:
    return random.standard_normal((count, dimensions))


def _equal_groups(random: np.random.Generator, count: int, dimensions: int) -> np.ndarray:
    return np.vstack([_one_group(random, count // 5, dimensions, 0.4) for _ in range(5)])


def _unequal_groups(random: np.random.Generator, count: int, dimensions: int) -> np.ndarray:
    """Of differing size and spread, each of 14 rows or more, so that ten neighbors are its own."""
    sizes = np.maximum((random.dirichlet(np.full(6, 3.0)) * count).astype(int), 14)
    spreads = np.geomspace(0.2, 0.7, 6)
    return np.vstack(
        [_one_group(random, size, dimensions, spread) for size, spread in zip(sizes, spreads, strict=True)]
    )


def _elsewhere(random: np.random.Generator, usual: np.ndarray, count: int) -> np.ndarray:
    return random.standard_normal((count, usual.shape[1]))


def _noisy(random: np.random.Generator, usual: np.ndarray, count: int) -> np.ndarray:
    some = usual[random.integers(len(usual), size=count)]
    return some + 1.5 / np.sqrt(usual.shape[1]) * random.standard_normal(some.shape)
