"""The pages' answers without a browser: `python -m explorer COMMAND …`.

One JSON object on stdout with --json, a readable table without; progress on stderr. Exit code 0 on success,
2 on bad input with one line `error: …`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from explorer import settings
from explorer.building import build
from explorer.doors import answers, storage
from explorer.doors.opening import DATA, open_data, progress_line, reading_options
from explorer.doors.server import DEFAULT_PORT, become_server
from explorer.errors import BadInput, first_line
from explorer.geometry.projection import warm_up
from explorer.library.samples import SAMPLES
from explorer.recipe import Projection
from explorer.space import Space
from explorer.stages import steps
from explorer.store.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except BadInput as error:
        print("error:", " ".join(str(error).splitlines()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("error: stopped. Finished batches are kept: the same command goes on from there.", file=sys.stderr)
        return 130
    except Exception as error:
        if settings.TRACE():
            traceback.print_exc()
        reason = first_line(error, 300)
        print(
            f"error: unexpected {type(error).__name__}: {reason} "
            "This is ours to mend: please report it with the output under EXPLORER_TRACE=1.",
            file=sys.stderr,
        )
        return 1


def map_command(options: argparse.Namespace) -> int:
    """Read, embed, lay out and group; print what was found, write map.parquet and map.html."""
    started = time.perf_counter()
    store, seconds = Store(), dict.fromkeys(steps(), 0.0)
    table, recipe, roles = open_data(options, store, meanwhile=warm_up)
    recipe = replace(recipe, projection=replace(Projection(), seed=options.seed))
    name = table.name
    read = {"rows": len(table), "rejected_rows": len(table.rejected), "notes": list(table.notes)}
    del table  # the store has it: a second copy is not held while the map is made
    seconds["read"] = time.perf_counter() - started
    try:
        space = build(recipe, progress_line(), store, seconds)
    finally:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # ends the line that was rewritten
    out = None
    if options.out:
        from explorer.views.export import write_map

        out = str(write_map(space, roles, name, Path(options.out)))
    seconds["total"] = time.perf_counter() - started
    for warning in store.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    report = {
        **read,
        "items": len(space.items),
        "dimensions": int(space.vectors.shape[1]),
        "model": recipe.model,
        "columns": list(recipe.columns),
        "clusters": len(space.clusters),
        "truncated_rows": int(space.truncated[space.links[:, 1]].sum()),
        "skipped_rows": len(space.items.skipped),
        "recall": space.neighbors.recall,
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
        "out": out,
    }
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print_map(report, space)
    return 0


def app_command(options: argparse.Namespace) -> NoReturn:
    """Become the browser app, with a file open in it where one is named."""
    become_server(options.port, _open_in_app(options) if options.data else "")


def _open_in_app(options: argparse.Namespace) -> str:
    """Keep DATA in the local workspace; the part of its address after the slash."""
    from urllib.parse import urlencode

    from explorer.library.workspaces import Entry, Workspace, sample_entry

    store = Store()
    if options.data in SAMPLES and not Path(options.data).exists():
        entry = sample_entry(options.data)
    else:
        table, recipe, roles = open_data(options, store)
        entry = Workspace(store).remember(Entry(table.name, recipe, roles, len(table), rejected=len(table.rejected)))
    return "?" + urlencode(entry.link)


def _print_map(report: dict[str, Any], space: Space) -> None:
    print(f"{report['rows']:,} rows, {report['items']:,} distinct items")
    print(f"{report['dimensions']} dimensions, from {report['columns'][0]} by {report['model']}")
    for what, say in (
        ("skipped_rows", "rows hold nothing to embed"),
        ("rejected_rows", "rows could not be read"),
        ("truncated_rows", "rows are longer than the model reads: their ends were cut"),
    ):
        if report[what]:
            print(f"{report[what]:,} {say}")
    print(f"{report['clusters']} groups:")
    for name, size in zip(space.clusters.names, space.clusters.sizes, strict=True):
        print(f"  {size:>7,}  {name}")
    print("seconds: " + ", ".join(f"{stage} {value:.1f}" for stage, value in report["seconds"].items()))
    if report["out"]:
        print(f"wrote {report['out']}/map.parquet and map.html")


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 to {2**32 - 1}")
    return int(text)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"error: {message}. See: {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m explorer", description="See what your data means, without a browser.")
    commands: Any = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    reading = reading_options()

    draw = commands.add_parser("map", parents=[reading], help="embed, lay out and group a dataset")
    draw.add_argument("data", metavar="DATA", help=DATA)
    draw.add_argument("--seed", type=_seed, default=42, help="of the layout (default 42)")
    draw.add_argument("--out", metavar="DIR", help="write map.parquet and map.html there")
    draw.add_argument("--json", action="store_true", help="one JSON object on stdout")
    draw.set_defaults(run=map_command)

    answers.add(commands, reading)
    storage.add(commands)

    app = commands.add_parser("app", parents=[reading], help="start the browser app, with this file open")
    app.add_argument("data", metavar="DATA", nargs="?", help=DATA)
    app.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"default {DEFAULT_PORT}")
    app.set_defaults(run=app_command)
    return parser
