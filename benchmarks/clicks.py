"""The server's time for a click on an open map of 100,000 rows: the map page's script, run without a browser.

`python -m benchmarks.clicks COUNT` is the child process that is measured.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.processes import ROOT, child
from benchmarks.report import Section, Table, verdict

SIZES = (100_000,)
TARGET = 300  # ms
_CLICKS = (4, 900, 7_000, 12, 31_000)  # rows, counted from 0; in a smaller table modulo its size


def run(sizes: Sequence[int] = SIZES) -> Section:
    """Measure each size in a new process with an empty store. The slowest of five clicks counts."""
    lines = []
    for size in sizes:
        print(f"  {size:,} rows", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="explorer-bench-") as home:
            found = child("benchmarks.clicks", str(size), home=home)
        for what, took in found.items():
            if what != "wall":
                goal = () if what == "first visit" else (f"≤ {TARGET}", verdict(took <= TARGET))
                lines.append((f"{size:,}, {what}", f"{took:,.0f}", *(goal or ("–", ""))))
    about = (
        "The map page's script as the server runs it (Streamlit's AppTest): from the browser's message until "
        "everything is sent back, without drawing in the browser. The first visit loads rows, vectors, graph, layout "
        "and groups from the store."
    )
    return Section("Clicks", about, (Table("Rows, and what was done", ("what", "ms", "target", ""), tuple(lines)),))


def _measure(count: int) -> dict[str, float]:
    os.environ.update(EXPLORER_JOBS="inline", EXPLORER_WORKSPACES="shared")
    from streamlit.testing.v1 import AppTest

    from benchmarks.data import rows, with_vectors
    from explorer.building import build
    from explorer.library.workspaces import Entry, Workspace
    from explorer.recipe import READY_MADE, Recipe
    from explorer.store.digest import table_digest
    from explorer.store.store import Store
    from explorer.table.roles import guess_roles
    from explorer.table.table import Table as Read

    texts = rows(min(count, 60_000))[0]
    arrow = with_vectors(texts.take([row % texts.num_rows for row in range(count)]))
    table, store = Read(arrow, (), "made-up", table_digest(arrow), "parquet"), Store()
    store.put("table", table.digest, arrow, {"name": table.name})
    recipe = Recipe(table.digest, ("vector",), model=READY_MADE)
    build(recipe, store=store)
    Workspace(store).remember(Entry(table.name, recipe, guess_roles(table), count))

    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    page.switch_page("pages/map.py")
    page.query_params["space"] = recipe.key

    def timed(work: Callable[[], Any]) -> float:
        began = time.perf_counter()
        work()
        assert not page.exception, page.exception[0].message
        return 1_000 * (time.perf_counter() - began)

    def click(row: int) -> None:
        page.query_params["at"] = str(row)
        page.run()

    found = {"first visit": timed(page.run), "nothing changed": timed(page.run)}
    found["a point clicked, slowest of five"] = max(timed(lambda row=row: click(row % count)) for row in _CLICKS)  # type: ignore[misc]
    assert f"Row {_CLICKS[-1] % count}" in " ".join(part.value for part in page.markdown), "the click had no effect"
    return found


if __name__ == "__main__":
    print(json.dumps(_measure(int(sys.argv[1]))))
