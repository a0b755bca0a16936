"""The peak memory of each stage of a build, compared with `explorer.budget.need`: `python -m benchmarks.memory`.

`python -m benchmarks.memory ITEMS DIMENSIONS [PROJECTION] [CLUSTERING] [MODEL]` measures one size in this process.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.processes import child, peak_memory
from benchmarks.report import Table, megabytes

# Items, dimensions, and what else differs from the defaults.
SIZES: tuple[tuple[str, ...], ...] = (
    ("300", "384"),
    ("3000", "384"),
    ("3000", "384", "pca", "hdbscan"),
    ("10000", "384"),
    ("10000", "384", "tsne", "kmeans"),
    ("20000", "384", "umap", "hdbscan"),
    ("60000", "384"),
    ("60000", "1024"),
    ("100000", "384"),
    ("200000", "128"),
    ("300", "20000"),
    ("2000", "4096"),
    ("3000", "384", "umap", "leiden", "minilm"),
    ("10000", "50", "umap", "leiden", "glove"),
)


def table(sizes: Sequence[Sequence[str]] = SIZES) -> Table:
    """One line for each size: the peak above the memory before the build, and the estimate."""
    lines = []
    for size in sizes:
        print("  " + " ".join(size), file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="explorer-bench-") as home:
            found = child("benchmarks.memory", *size, home=home)
        peaks = found["peaks"]
        worst = max(peaks, key=peaks.get)
        lines.append(
            (
                " ".join(size),
                worst,
                *(megabytes(peaks[stage]) for stage in sorted(peaks)),
                megabytes(max(peaks.values())),
                megabytes(found["need"]),
                f"{found['need'] / max(peaks.values()):.2f}",
            )
        )
    stages = sorted(peaks)
    return Table("Peak memory, MB", ("size", "worst", *stages, "peak", "estimate", "times"), tuple(lines))


def measure(
    items: int, dimensions: int, projection: str = "umap", clustering: str = "leiden", model: str = ""
) -> dict[str, Any]:
    """Build, then score outliers. Returns the peak bytes of each stage above those before the build."""
    import psutil

    from benchmarks.data import rows, with_vectors
    from explorer.analysis.outliers import OUTLIER_METHODS, find_outliers
    from explorer.budget import need
    from explorer.building import build
    from explorer.geometry import fidelity
    from explorer.recipe import READY_MADE, Clustering, Projection, Recipe
    from explorer.store.digest import table_digest
    from explorer.store.store import Store

    store = Store()
    texts, _ = rows(items)
    arrow = texts if model else with_vectors(texts, dimensions)
    column = "text" if model else "vector"
    recipe = Recipe(
        table_digest(arrow),
        (column,),
        model=model or READY_MADE,
        projection=Projection(projection),
        clustering=Clustering(clustering),
    )
    store.put("table", recipe.table, arrow)
    del arrow, texts
    store = Store()
    before = psutil.Process().memory_info().rss
    peaks: dict[str, int] = {}
    stage = ""

    def began(name: str, done: int, total: int) -> None:
        nonlocal stage
        if name != stage:
            ended()
            stage = name

    def ended() -> None:
        if stage:
            peaks[stage] = peak_memory() - before
            print(f"    {stage}: {megabytes(peaks[stage])} MB", file=sys.stderr, flush=True)
        Path("/proc/self/clear_refs").write_text("5")  # reset the peak

    space = build(recipe, began, store)
    began("outliers", 0, 0)
    for method in OUTLIER_METHODS:
        find_outliers(space.unit, space.neighbors, method)
    began("fidelity", 0, 0)
    fidelity.neighbor_preservation(space.neighbors, space.layout)
    fidelity.trustworthiness(space.unit, space.layout)
    ended()
    count = len(space.items)
    return {"peaks": peaks, "need": need(count, dimensions, projection, model or READY_MADE), "before": before}


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])))
    else:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        print(describe(), table(), sep="\n\n")
