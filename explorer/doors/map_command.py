"""`python -m explorer map`: read, embed, lay out and cluster; print a report, write map.parquet and map.html."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.analysis.cautions import about_groups
from explorer.doors.next_version import Versions
from explorer.doors.opening import DATA, build_for, open_data
from explorer.geometry.clusters import Clusters
from explorer.geometry.projection import warm_up
from explorer.recipe import Projection
from explorer.stages import steps
from explorer.store.store import Store
from explorer.table.versions import in_words


def add(commands: Any, reading: argparse.ArgumentParser) -> None:
    """Register the command. `reading` holds the options for DATA."""
    draw = commands.add_parser("map", parents=[reading], help="embed, lay out and group a dataset")
    draw.add_argument("data", metavar="DATA", help=DATA)
    draw.add_argument("--seed", type=_seed, default=42, help="of the layout (default 42)")
    draw.add_argument("--out", metavar="DIR", help="write map.parquet and map.html there")
    draw.add_argument(
        "--next-version-of", metavar="OLD", help="an earlier version of DATA: says which rows are new, changed, gone"
    )
    draw.add_argument("--json", action="store_true", help="one JSON object on stdout")
    draw.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make the map and print a report. Returns the exit code."""
    started = time.perf_counter()
    store, seconds = Store(), dict.fromkeys(steps(), 0.0)
    versions = Versions(options, store)
    table, recipe, roles = open_data(options, store, meanwhile=warm_up, change=versions.of)
    recipe = replace(recipe, projection=replace(Projection(), seed=options.seed))
    name = table.name
    read, read_notes = {"rows": len(table), "rejected_rows": len(table.rejected)}, list(table.notes)
    del table  # the store has it; do not hold a second copy while the map is made
    seconds["read"] = time.perf_counter() - started
    space = build_for(recipe, store, seconds=seconds)
    clusters, tags = versions.groups(space, roles)
    out = None
    if options.out:
        from explorer.views.export import write_map

        out = str(write_map(space, roles, name, Path(options.out), clusters, tags))
    seconds["total"] = time.perf_counter() - started
    for warning in store.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    notes = about_groups(space, len(space.clusters))
    for note in notes:
        print(note, file=sys.stderr)
    report = {
        **read,
        "notes": [*read_notes, *notes],
        "items": len(space.items),
        "dimensions": int(space.vectors.shape[1]),
        "model": recipe.model,
        "columns": list(recipe.columns),
        "clusters": len(clusters),
        "truncated_rows": len(set(space.links[space.truncated[space.links[:, 1]], 0].tolist())),
        "skipped_rows": len(space.items.skipped),
        "recall": space.neighbors.recall,
        "version": versions.counts,
        "seconds": {step: round(value, 3) for step, value in seconds.items()},
        "out": out,
    }
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(report, clusters)
    return 0


def _print(report: dict[str, Any], clusters: Clusters) -> None:
    print(f"{report['rows']:,} rows, {report['items']:,} distinct items")
    print(f"{report['dimensions']} dimensions, from {report['columns'][0]} by {report['model']}")
    for what, words in (
        ("skipped_rows", "rows hold nothing to embed"),
        ("rejected_rows", "rows could not be read"),
        ("truncated_rows", "rows are longer than the model reads: their ends were cut"),
    ):
        if report[what]:
            print(f"{report[what]:,} {words}")
    if version := report["version"]:
        print(in_words(**version))
    print(f"{report['clusters']} groups:")
    for name, size in zip(clusters.names, clusters.sizes, strict=True):
        print(f"  {size:>7,}  {name}")
    print("seconds: " + ", ".join(f"{step} {value:.1f}" for step, value in report["seconds"].items()))
    if report["out"]:
        print(f"wrote {report['out']}/map.parquet and map.html")


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 to {2**32 - 1}")
    return int(text)
