"""Neighbors, layout, clusters and outlier scores of a million vectors: `make bench-large`.

`python -m benchmarks.large COUNT` is the child process that is measured.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.processes import child, peak_memory
from benchmarks.report import Section, Table, megabytes, seconds, verdict

SIZES = (100_000, 1_000_000)
MOST_GB, LEAST_RECALL, MOST_EXPONENT = 10.0, 0.9, 1.15
_STAGES = ("compile", "neighbors", "layout", "groups", "outliers")


def run(sizes: Sequence[int] = SIZES) -> Section:
    """Measure each size in a new process."""
    from benchmarks.data import MIXTURE

    measured = []
    for size in sizes:
        print(f"  {size:,} vectors", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="explorer-bench-") as home:
            measured.append(child("benchmarks.large", str(size), home=home))
    columns = ("vectors", *(f"{stage} s" for stage in _STAGES), "total s", "peak MB", "recall", "trustworthiness")
    lines = [
        (
            f"{one['count']:,}", *(seconds(one["seconds"][stage]) for stage in _STAGES), seconds(one["total"]),
            megabytes(one["peak"]), f"{one['recall']:.3f}", f"{one['trust']:.4f}",
        )
        for one in measured
    ]  # fmt: skip
    about = (
        f"Vectors of 384 dimensions {MIXTURE}: no near-copies. Compile: numba's code, for 2,000 vectors, once in a "
        "process; it is not in the total. Recall of the neighbors, on 500 sampled items; trustworthiness of the "
        "layout (k = 15, cosine), on 2,000. The exponent is that of the total from the smallest to the largest "
        "size."
    )
    first, last = measured[0], measured[-1]
    verdicts = [
        ("peak memory, GB", f"{last['peak'] / 1e9:.1f}", f"≤ {MOST_GB:g}", verdict(last["peak"] <= MOST_GB * 1e9)),
        ("recall", f"{last['recall']:.3f}", f"≥ {LEAST_RECALL:g}", verdict(last["recall"] >= LEAST_RECALL)),
    ]
    if last["count"] > first["count"]:
        exponent = math.log(last["total"] / first["total"]) / math.log(last["count"] / first["count"])
        goal = (f"≤ {MOST_EXPONENT:g}", verdict(exponent <= MOST_EXPONENT))
        verdicts.append(("exponent of the cost", f"{exponent:.2f}", *goal))
    tables = (
        Table("One run", columns, tuple(lines)),
        Table(f"At {last['count']:,}", ("what", "measured", "target", ""), tuple(verdicts)),
    )
    return Section("A million vectors", about, tables)


def _measure(count: int) -> dict[str, Any]:
    import numpy as np

    from benchmarks.data import mixture
    from explorer.analysis.outlier_scores import distance_to_neighbors
    from explorer.geometry import clusters, neighbors, projection
    from explorer.geometry.fidelity import trustworthiness
    from explorer.recipe import Clustering, Projection

    took: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        made = work()
        took[stage] = time.perf_counter() - began
        print(f"    {stage}: {took[stage]:.1f} s, {peak_memory() / 1e6:,.0f} MB", file=sys.stderr, flush=True)
        return made

    def warm() -> None:
        few = mixture(2_000)
        graph = neighbors.nearest_neighbors(few, exact_up_to=0)
        projection.project(few, graph, Projection())
        clusters.group(few, graph, Clustering())

    unit = mixture(count)
    timed("compile", warm)
    graph = timed("neighbors", lambda: neighbors.nearest_neighbors(unit))
    layout = timed("layout", lambda: projection.project(unit, graph, Projection()))
    labels = timed("groups", lambda: clusters.group(unit, graph, Clustering()))
    scores = timed("outliers", lambda: distance_to_neighbors(graph))
    assert len(np.unique(labels)) > 1
    assert np.isfinite(scores).all()
    return {
        "count": count, "seconds": took, "total": sum(took[stage] for stage in _STAGES[1:]),
        "peak": peak_memory(), "recall": graph.recall, "trust": trustworthiness(unit, layout),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(_measure(int(sys.argv[1]))))
