"""Our layout compared with umap-learn's on the same vectors: how faithful each is, and how long each takes.

Run as `python -m benchmarks.fidelity embed|ours|umap …` this module is the child process that is measured.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import child, peak_memory
from benchmarks.report import NONE, Section, Table, megabytes, seconds, verdict

ROWS = 5_000
K = 15
WITHIN = 0.01


def run(count: int = ROWS) -> Section:
    """Embed `count` texts once, then lay them out in both ways, each in a new process."""
    from benchmarks.data import rows

    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as home:
        table, texts = rows(count)
        distinct = list(dict.fromkeys(table.column("text").to_pylist()))
        file, vectors = Path(home, "texts.json"), Path(home, "vectors.npy")
        file.write_text(json.dumps(distinct), encoding="utf-8")
        print(f"  embedding {len(distinct):,} texts", file=sys.stderr, flush=True)
        child("benchmarks.fidelity", "embed", str(file), str(vectors), home=home)
        print("  laying out", file=sys.stderr, flush=True)
        ours = child("benchmarks.fidelity", "ours", str(vectors), home=home)
        theirs = child("benchmarks.fidelity", "umap", str(vectors), home=home)
    difference = ours["trust"] - theirs["trust"]
    about = (
        f"{len(distinct):,} distinct {texts}, embedded with MiniLM once; both layouts from those vectors, seed 42. "
        f"Trustworthiness is scikit-learn's, k = {K}, cosine; the target is to be at most {WITHIN} below "
        "umap-learn. Times are for neighbors and layout together, each in a process of its own: the first run "
        "with imports and compilation, the second without."
    )
    columns = ("layout", "trustworthiness", "difference", "target", "", "first run s", "second run s", "peak MB")
    met = (f"{difference:+.4f}", f"≥ -{WITHIN}", verdict(difference >= -WITHIN))
    table_rows = (
        _row("this project", ours, met),
        _row('UMAP(metric="cosine", random_state=42)', theirs, (NONE, NONE, NONE)),
    )
    return Section("Fidelity", about, (Table("Layout of the same vectors", columns, table_rows),))


def _row(name: str, found: dict[str, Any], target: tuple[str, ...]) -> tuple[str, ...]:
    times = (seconds(found["first"]), seconds(found["second"]))
    return (name, f"{found['trust']:.4f}", *target, *times, megabytes(found["peak"]))


def _embed(texts: str, vectors: str) -> dict[str, Any]:
    from explorer import embed

    np.save(vectors, embed(json.loads(Path(texts).read_text(encoding="utf-8"))))
    return {}


def _ours(unit: np.ndarray) -> np.ndarray:
    from explorer.geometry.neighbors import nearest_neighbors
    from explorer.geometry.projection import project
    from explorer.recipe import Projection

    return project(unit, nearest_neighbors(unit), Projection())


def _umap(unit: np.ndarray) -> np.ndarray:
    from umap import UMAP

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "n_jobs value", UserWarning)  # a fixed seed means one thread
        return np.asarray(UMAP(metric="cosine", random_state=42).fit_transform(unit))


def _timed(layout_of: Callable[[np.ndarray], np.ndarray], vectors: str) -> dict[str, Any]:
    """In the child: two runs, the peak memory of both, and the trustworthiness of the layout."""
    unit = np.load(vectors)
    began = time.perf_counter()
    layout_of(unit)
    between = time.perf_counter()
    layout = layout_of(unit)
    ended = time.perf_counter()
    peak = peak_memory()

    from sklearn.manifold import trustworthiness

    trust = float(trustworthiness(unit, layout, n_neighbors=K, metric="cosine"))
    return {"first": between - began, "second": ended - between, "peak": peak, "trust": trust}


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    print(json.dumps(_embed(*rest) if what == "embed" else _timed(_ours if what == "ours" else _umap, rest[0])))
