"""Time by stage and peak memory of `python -m explorer map`, and of opening the result again.

Run as `python -m benchmarks.stages map|visit …` this module is the child process that is measured.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from benchmarks.processes import child, peak_memory
from benchmarks.report import NONE, Section, Table, megabytes, seconds, verdict

MODEL_UP_TO = 10_000  # rows; MiniLM on two cores reads about 65 texts a second, 60,000 take over 15 minutes
STAGES = ("read", "embed", "neighbors", "project", "cluster", "total")
VISIT_TARGET = 1.0  # seconds


def run(sizes: Sequence[int], model_up_to: int = MODEL_UP_TO) -> Section:
    """Measure each size in a new process with an empty store, then a second visit in another process.

    Sizes above `model_up_to` rows use ready-made vectors instead of the model.
    """
    from benchmarks.data import MIXTURE

    measured = [measure(size, size <= model_up_to) for size in sizes]
    texts = " and ".join(sorted({each["texts"] for each in measured}))
    about = (
        f"`python -m explorer map` on {texts}, a new process and an empty store for each size. A stage includes the "
        "imports that it needs first; the whole process adds the start of Python. "
    )
    if any(each["model"] == "ready-made" for each in measured):
        about += f'"Ready-made" rows were not embedded (`--full` does): their vectors were {MIXTURE}. '
    about += (
        "The second visit is another new process that loads the layout and the clusters from the store, then the "
        "rest that the map page reads (rows, items, vectors, graph); the target is for both, after the imports."
    )
    return Section("Stages", about, (_builds(measured), _visits(measured)))


def measure(size: int, embed: bool) -> dict[str, Any]:
    """Measure one size. Returns the report of the first child process, with that of the second as "visit"."""
    from pyarrow import parquet

    from benchmarks.data import rows, with_vectors

    print(f"  {size:,} rows", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as folder:
        table, texts = rows(size)
        file = Path(folder, "rows.parquet")
        parquet.write_table(table if embed else with_vectors(table), file)
        home = Path(folder, "home")
        what = ("--text", "text") if embed else ("--vectors", "vector")
        built = child("benchmarks.stages", "map", str(file), *what, home=home)
        visit = child("benchmarks.stages", "visit", built["recipe"], repr(time.time()), home=home)
    return {**built, "texts": texts, "visit": visit}


def _builds(measured: Sequence[dict[str, Any]]) -> Table:
    columns = ("rows", "items", "vectors", *(f"{stage} s" for stage in STAGES), "whole process s", "peak MB")
    rows = [
        (
            f"{each['rows']:,}",
            f"{each['items']:,}",
            each["model"],
            *(
                NONE if stage == "embed" and each["model"] == "ready-made" else seconds(each["seconds"][stage])
                for stage in STAGES
            ),
            seconds(each["wall"]),
            megabytes(each["peak"]),
        )
        for each in measured
    ]
    return Table("First build", columns, tuple(rows))


def _visits(measured: Sequence[dict[str, Any]]) -> Table:
    columns = ("rows", "start and imports s", "layout and clusters s", "the rest s", "both s", "target", "", "peak MB")
    rows = []
    for each in measured:
        visit = each["visit"]
        both = visit["shown"] + visit["rest"]
        figures = [seconds(value) for value in (visit["start"], visit["shown"], visit["rest"], both)]
        target = (f"under {VISIT_TARGET:.0f} s", verdict(both < VISIT_TARGET))
        rows.append((f"{each['rows']:,}", *figures, *target, megabytes(visit["peak"])))
    return Table("Second visit", columns, tuple(rows))


def _map(arguments: Sequence[str]) -> dict[str, Any]:
    """In the child: run the command. Returns what it prints, its peak memory and its recipe."""
    from explorer.doors import command_line as cli

    printed = io.StringIO()
    with redirect_stdout(printed):
        code = cli.main(["map", *arguments, "--json"])
    if code:
        raise SystemExit(code)
    report, peak = json.loads(printed.getvalue()), peak_memory()  # before the file is read again for its digest

    from explorer import Recipe, read

    recipe = Recipe(read(arguments[0]).digest, tuple(report["columns"]), model=report["model"])
    return {**report, "peak": peak, "recipe": recipe.to_json()}


def _visit(recipe: str, started: float) -> dict[str, Any]:
    """In the child: open what was built. `started` is the time at which the parent started this process."""
    import lancedb  # noqa: F401  (a running app has it)

    from explorer.recipe import Recipe
    from explorer.space import Space
    from explorer.store.store import Store

    start, clock = time.time() - started, time.perf_counter
    began = clock()
    space = Space(Recipe.from_json(recipe), Store())
    count = len(space.layout) + len(space.clusters)
    shown = clock()
    count += space.table.num_rows + len(space.items) + len(space.unit) + len(space.neighbors)
    ended = clock()
    assert count
    assert not space.store.warnings, space.store.warnings
    return {"start": start, "shown": shown - began, "rest": ended - shown, "peak": peak_memory()}


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    print(json.dumps(_map(rest) if what == "map" else _visit(rest[0], float(rest[1]))))
