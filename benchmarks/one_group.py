"""How often one cloud of items is split into groups, and how often groups that were planted are lost."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score

from benchmarks.report import Section, Table
from explorer.geometry.clusters import group
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.vectors import unit_length
from explorer.recipe import Clustering

SEEDS = 20
_LARGE = 1_000  # items, from which a tenth of the seeds is enough


@dataclass(frozen=True)
class Kind:
    """Clouds whose radius is 1.

    Attributes
    ----------
    groups : how many clouds
    apart : the distance of their middles from the origin
    falling : the k-th axis is as long as k to the power of minus this: 0 for round clouds
    """

    title: str
    groups: int
    apart: float
    falling: float = 0.0


KINDS = (
    Kind("one round cloud", 1, 0.0),
    Kind("one cloud, nearly constant", 1, 5.0),
    Kind("one long cloud", 1, 3.0, 0.5),
    Kind("one long cloud, its two ends on opposite sides of the origin", 1, 0.0, 0.5),
    Kind("two clouds", 2, 1.0),
    Kind("two clouds, far apart", 2, 2.0),
    Kind("three clouds", 3, 1.0),
    Kind("eight clouds", 8, 1.0),
    Kind("eight clouds, far apart", 8, 2.0),
)


def run(counts: tuple[int, ...] = (12, 30, 60, 200, 1000, 5000), seeds: int = SEEDS) -> Section:
    """The share of seeds with one group, and the agreement with what was planted where there are several."""
    tables = []
    for dimensions in (5, 50, 384):
        print(f"  {dimensions} dimensions", file=sys.stderr, flush=True)
        lines = []
        for kind in KINDS:
            cells = [_cell(kind, count, dimensions, seeds if count < _LARGE else -(-seeds // 10)) for count in counts]
            lines.append((kind.title, *cells))
        columns = ("made data", *(f"{count:,} items" for count in counts))
        tables.append(Table(f"{dimensions} dimensions", columns, tuple(lines)))
    about = (
        f"How many of {seeds} seeds ({-(-seeds // 10)} from {_LARGE:,} items on) give several groups by Leiden as the "
        "app uses it. Of one cloud that is a false split; of several clouds it is right, and the second figure is the "
        "mean adjusted mutual information of those groups with the clouds."
    )
    return Section("One group or several", about, tuple(tables))


def made(kind: Kind, count: int, dimensions: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors, float32 (count, dimensions), and the cloud of each: int (count,)."""
    random = np.random.default_rng(seed)
    middles = kind.apart * unit_length(random.standard_normal((kind.groups, dimensions)))
    lengths = np.arange(1, dimensions + 1) ** -kind.falling
    lengths /= np.linalg.norm(lengths)
    turn = np.linalg.qr(random.standard_normal((dimensions, dimensions)))[0]
    belongs = np.arange(count) % kind.groups
    around = (random.standard_normal((count, dimensions)) * lengths) @ turn
    return unit_length((middles[belongs] + around).astype(np.float32)), belongs


def _cell(kind: Kind, count: int, dimensions: int, seeds: int) -> str:
    agree = []
    for seed in range(seeds):
        unit, belongs = made(kind, count, dimensions, seed)
        labels = group(unit, nearest_neighbors(unit), Clustering())
        if labels.max() > 0:
            agree.append(adjusted_mutual_info_score(belongs, labels))
    split = f"{len(agree)} of {seeds}"
    return split if kind.groups == 1 or not agree else f"{split}, {np.mean(agree):.2f}"
