"""Builds to disturb: a home of their own, made-up texts, and the stored results, compared to the last bit."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.jobs.queue import Jobs
from explorer.recipe import Projection, Recipe
from explorer.space import Space
from explorer.store.digest import table_digest
from explorer.store.store import Store
from explorer.table.table import Table

ROOT = Path(__file__).resolve().parents[1]
PCA = Projection("pca")  # instead of UMAP, which would compile in each of hundreds of processes
PATIENCE = 300.0  # seconds for anything to happen


@contextmanager
def empty_home(**environment: str) -> Iterator[Path]:
    """An empty home for this process and those that it starts meanwhile, with the small model registered."""
    settings = {"EXPLORER_MODELS": "faults.encoder", "HF_HUB_OFFLINE": "1", **environment}
    with tempfile.TemporaryDirectory(prefix="explorer-faults-", ignore_cleanup_errors=True) as folder:
        before = {name: os.environ.get(name) for name in (*settings, "EXPLORER_HOME", "EXPLORER_JOBS")}
        os.environ.update(settings, EXPLORER_HOME=folder)
        os.environ.pop("EXPLORER_JOBS", None)
        try:
            yield Path(folder)
        finally:
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextmanager
def jobs_at(home: Path) -> Iterator[Jobs]:
    with ExitStack() as stack:
        jobs = Jobs(Store(home, shipped=None), inline=False)
        stack.callback(jobs.close)
        yield jobs


def made_up_texts(count: int, seed: int, length: int = 2) -> list[str]:
    """Distinct texts of a few made-up words."""
    numbers = np.random.default_rng(seed)
    words = ["".join(map(chr, numbers.integers(97, 123, 6))) for _ in range(400)]
    return [f"{' '.join(numbers.choice(words, length))} {row}" for row in range(count)]


def stored(home: Path, content: list[str] | np.ndarray, model: str = "letters") -> Recipe:
    """Store a table of texts or of vectors, float (n, d), at `home`. Returns its recipe."""
    if isinstance(content, list):
        arrow = pa.table({"content": pa.array(content)})
    else:
        column = pa.FixedSizeListArray.from_arrays(pa.array(content.ravel()), content.shape[1])
        arrow = pa.table({"content": column})
    table = Table(arrow, (), "made-up", table_digest(arrow), "csv")
    Store(home, shipped=None).put("table", table.digest, table.arrow, {"name": table.name})
    return Recipe(table.digest, ("content",), model=model, projection=PCA)


def undisturbed_build(home: Path, recipe: Recipe) -> dict[str, np.ndarray]:
    """The results of an undisturbed build, made in a process of its own like the builds compared with it."""
    child = building(home, recipe, FAULTS_TEXTS_PER_SECOND="inf")
    child.communicate(timeout=PATIENCE)
    assert child.returncode == 0, "the undisturbed build failed"
    return everything(home, recipe)


def building(home: Path, recipe: Recipe, **environment: str) -> subprocess.Popen[str]:
    (home / "recipe.json").write_text(recipe.to_json(), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "faults.child", str(home), str(home / "recipe.json")],
        cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def everything(home: Path, recipe: Recipe) -> dict[str, np.ndarray]:
    """All stored results of a recipe."""
    space = Space(recipe, Store(home, shipped=None))
    return {
        "vectors": space.vectors,
        "neighbors": space.neighbors.indices,
        "distances": space.neighbors.distances,
        "layout": space.layout,
        "clusters": space.clusters.labels,
    }


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    for name, array in one.items():
        assert np.array_equal(array, other[name]), f"{name} differ from those of an undisturbed run"


def wait_until(happened: Callable[[], object], what: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > give_up:
            raise TimeoutError(f"this did not happen: {what}")
        time.sleep(0.01)
