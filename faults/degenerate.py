"""Degenerate data in every algorithm: too few vectors, all the same, not numbers. Also runs `faults.refusals`.

Every case must give a defined answer (finite, of the right shape, within its range) or one clear sentence.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from explorer.analysis import outliers
from explorer.geometry import clusters, fidelity, levels, placement, projection, vectors
from explorer.geometry.neighbors import K, Neighbors, nearest_neighbors
from explorer.geometry.vectors import unit_length
from explorer.media.vector import vector_items
from explorer.recipe import Clustering, Projection
from faults import Result, refusals

COUNTS = (0, 1, 2, 3, 4, 5, 9, 10, 11, 14, 15, 16, 30, 31)
WIDTHS = (1, 2, 8)
WIDE = (20_000, (1, 2, 5))  # dimensions, counts

Case = tuple[str, np.ndarray, Neighbors]


def _random(count: int, width: int) -> np.ndarray:
    return np.random.default_rng(count * 31 + width).standard_normal((count, width))


def _some(count: int, width: int, value: float) -> np.ndarray:
    """Random vectors, every third of which holds `value`."""
    vectors = _random(count, width)
    vectors[::3, 0] = value
    return vectors


def _zeros(count: int, width: int) -> np.ndarray:
    vectors = _random(count, width)
    vectors[::2] = 0
    return vectors


def _constant_columns(count: int, width: int) -> np.ndarray:
    vectors = np.full((count, width), 3.0)
    vectors[:, 0] = np.arange(count)
    return vectors


VECTORS: dict[str, Callable[[int, int], np.ndarray]] = {
    "random": _random,
    "NaN in some": lambda count, width: _some(count, width, np.nan),
    "infinity in some": lambda count, width: _some(count, width, -np.inf),
    "zero vectors": _zeros,
    "all zero": lambda count, width: np.zeros((count, width)),
    "constant columns": _constant_columns,
    "all the same": lambda count, width: np.full((count, width), 0.3),
    "one direction": lambda count, width: np.arange(1, count + 1)[:, None] * np.ones(width),
    "two distinct": lambda count, width: np.where(np.arange(count)[:, None] % 2, 1.0, -1.0) * np.ones(width),
    "one far away": lambda count, width: np.vstack([_random(count, width)[:-1] * 1e-6 + 1, -np.ones((1, width))])[
        :count
    ],
    "huge (1e30)": lambda count, width: _random(count, width) * 1e30,
    "tiny (1e-30)": lambda count, width: _random(count, width) * 1e-30,
    "float64 overflow (1e300)": lambda count, width: _some(count, width, 1e300),
    "huge and tiny": lambda count, width: _random(count, width) * np.where(np.arange(width) % 2, 1e30, 1e-30),
    "integers": lambda count, width: (_random(count, width) * 4).astype(np.int64),
}

LAYOUTS = [Projection(method, dimensions) for method in projection.PROJECTIONS for dimensions in (2, 3)]
LAYOUTS += [Projection("umap", 2, 200, 0.0), Projection("umap", 3, 2, 0.99)]
CLUSTERINGS = [
    *(Clustering("leiden", resolution=value) for value in (1e-9, 1.25, 1e9)),
    *(Clustering("kmeans", n_clusters=value) for value in (1, 2, 10, 10**6)),
    *(Clustering("hdbscan", min_size=value) for value in (2, 5, 10**6)),
]


def run(short: bool) -> list[Result]:
    """Every fault of this module; the short version has a few sizes and kinds."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        cases = list(_cases(short))
        results = [
            _items(short),
            _over("neighbors", cases, _neighbors),
            _over("maps", cases, lambda unit, graph: _layouts(unit, graph, short)),
            _over("clusters", cases, _clusters),
            _over("levels of clusters", cases, _levels),
            _over("outliers", cases, _outliers),
            _over("placing and nearest items", cases, _placement),
        ]
        from faults import degenerate_tables

        results += degenerate_tables.run(short)
    return results + refusals.run(short)


def _shapes(short: bool) -> Iterator[tuple[int, int]]:
    counts, widths = ((0, 1, 2, 3, 13), (1, 8)) if short else (COUNTS, WIDTHS)
    yield from product(counts, widths)
    yield from ((count, WIDE[0]) for count in (WIDE[1][-1:] if short else WIDE[1]))


def _cases(short: bool) -> Iterator[Case]:
    """Each kind of vectors, without those that `vector_items` rejects."""
    kinds = ["random", "all the same", "two distinct", "constant columns", "huge and tiny"] if short else list(VECTORS)
    for kind, (count, width) in product(kinds, _shapes(short)):
        vectors = VECTORS[kind](count, width).astype(np.float32)
        unit = unit_length(vectors[vector_items(vectors).first_rows])
        yield f"{kind}, {count} × {width}", unit, nearest_neighbors(unit)
        if count and kind in ("all the same", "one direction"):  # contents that all have the same direction
            alike = unit_length(np.ones((count, width), np.float32))
            yield f"{kind}, kept apart, {count} × {width}", alike, nearest_neighbors(alike)


def _over(what: str, cases: list[Case], check: Callable[[np.ndarray, Neighbors], int]) -> Result:
    """Run one check over all cases. The note counts the answers that were checked."""
    result = Result(f"degenerate vectors: {what}")
    answers = 0
    for name, unit, graph in cases:
        with result.case(name):
            answers += check(unit, graph)
    result.note = f"{answers:,} answers"
    return result


def _items(short: bool) -> Result:
    """Unusable vectors are listed with a reason: rows with an item + rows skipped = rows."""
    result = Result("NaN, infinities, zero vectors among vectors")
    for kind, (count, width) in product(VECTORS, _shapes(short)):
        with result.case(f"{kind}, {count} × {width}"):
            with np.errstate(over="ignore"):
                vectors = VECTORS[kind](count, width)
                items = vector_items(vectors)
                single = vectors.astype(np.float32)
            usable = np.isfinite(single).all(axis=1) & single.any(axis=1)
            result.lost += abs(count - len(items.links) - len(items.skipped))
            assert len(items.links) == usable.sum(), f"{len(items.links)} items' rows, {usable.sum()} usable"
            assert all(reason for _, reason in items.skipped), "a row is skipped without a reason"
            unit = unit_length(single[items.first_rows])
            assert np.isfinite(unit).all(), "unit vectors are not finite"
            assert np.allclose(np.linalg.norm(unit.astype(np.float64), axis=1), 1, atol=1e-5), "not of unit length"
    return result


def _neighbors(unit: np.ndarray, graph: Neighbors) -> int:
    count = len(unit)
    expected = (count, max(min(K, count - 1), 0))
    assert graph.indices.shape == graph.distances.shape == expected, f"{graph.indices.shape}, not {expected}"
    assert np.isfinite(graph.distances).all(), "distances are not finite"
    assert ((graph.distances >= 0) & (graph.distances <= 2)).all(), "distances out of range"
    assert (np.diff(graph.distances, axis=1) >= 0).all(), "not nearest first"
    for row, near in enumerate(graph.indices):
        assert row not in near, "its own neighbor"
        assert len(set(near.tolist())) == len(near), "a neighbor twice"
        assert all(0 <= other < count for other in near), "a neighbor that is not there"
    return 1


def _layouts(unit: np.ndarray, graph: Neighbors, short: bool) -> int:
    wanted = [shape for shape in LAYOUTS if not short or shape.n_neighbors == 15]
    for shape in wanted:
        layout = projection.project(unit, graph, shape)
        assert layout.shape == (len(unit), shape.dimensions), f"{shape.method} gives {layout.shape}"
        assert layout.dtype == np.float32
        assert np.isfinite(layout).all(), f"{shape} is not finite"
        kept = fidelity.neighbor_preservation(graph, layout)
        trusted = fidelity.trustworthiness(unit, layout)
        assert all(np.isnan(value) or -1e-6 <= value <= 1 + 1e-6 for value in (kept, trusted)), (kept, trusted)
        assert np.isnan(kept) == (len(unit) < 2), f"neighbors kept: {kept} of {len(unit)} items"
    return len(wanted)


def _clusters(unit: np.ndarray, graph: Neighbors) -> int:
    for setting in CLUSTERINGS:
        _sound(clusters.group(unit, graph, setting), len(unit), all_in=setting.method != "hdbscan")
    return len(CLUSTERINGS)


def _sound(labels: np.ndarray, count: int, all_in: bool) -> None:
    """There is one label for each item, and they are numbered without gaps from the largest cluster down."""
    assert labels.shape == (count,), f"{labels.shape} labels of {count} items"
    assert labels.dtype == np.int32
    sizes = np.bincount(labels[labels >= 0])
    assert (sizes > 0).all(), "a cluster without items"
    assert (np.diff(sizes) <= 0).all(), "not the largest first"
    assert labels.min(initial=0) >= (0 if all_in else -1), "an item without a cluster"


def _levels(unit: np.ndarray, graph: Neighbors) -> int:
    labels = clusters.group(unit, graph, Clustering())
    found = levels.levels(unit, graph, labels, Clustering())
    for count in range(1, found.leaves + 1):
        _sound(found.cut(count), len(unit), all_in=True)
    return found.leaves


def _outliers(unit: np.ndarray, graph: Neighbors) -> int:
    results = []
    for method in outliers.OUTLIER_METHODS:
        found = outliers.find_outliers(unit, graph, method)
        assert found.scores.shape == (len(unit),), f"{method}: {found.scores.shape}"
        assert np.isfinite(found.scores).all(), f"{method} is not finite"
        assert (found.scores >= 0).all(), f"{method} is negative"
        assert not found.flagged.all() or not len(unit), f"{method} flags everything"
        texts = outliers.reasons(found, graph, np.arange(len(unit)))
        assert len(texts) == len(unit), f"{method}: {len(texts)} reasons"
        assert not any("nan" in reason or "inf" in reason for reason in texts), f"{method}: {texts[:1]}"
        results.append(found)
    assert outliers.votes(results).shape == (len(unit),)
    return len(results)


def _placement(unit: np.ndarray, graph: Neighbors) -> int:
    layout = projection.project(unit, graph, Projection("pca"))
    for k in (1, 10, len(unit) + 5):
        if not len(unit):
            continue
        for query in (unit[0], -unit[0], np.zeros_like(unit[0])):
            items, similarity = vectors.nearest_items(unit, query, k)
            assert len(items) == min(k, len(unit)), f"{len(items)} of {k} asked for"
            assert (np.diff(similarity) <= 0).all(), "not nearest first"
            assert np.isfinite(placement.place(layout, items, similarity)).all(), "placed nowhere"
    return 9
