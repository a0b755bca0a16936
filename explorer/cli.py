"""The pages' answers without a browser: `python -m explorer COMMAND …`.

One JSON object on stdout with --json, a readable table without; progress on stderr. Exit code 0 on success,
2 on bad input with one line `error: …`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from explorer.data.joins import join_vectors
from explorer.data.readers import read
from explorer.data.roles import Roles, guess_roles, require_content
from explorer.data.samples import SAMPLES, open_sample
from explorer.data.store import Store
from explorer.data.table import BadInput, Table
from explorer.recipe import READY_MADE, Projection, Recipe
from explorer.space import STAGES, Space, build


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
        if os.environ.get("EXPLORER_TRACE"):
            traceback.print_exc()
        reason = (str(error).strip().splitlines() or [""])[0][:300]
        print(
            f"error: unexpected {type(error).__name__}: {reason} "
            "This is ours to mend: please report it with the output under EXPLORER_TRACE=1.",
            file=sys.stderr,
        )
        return 1


def open_data(options: argparse.Namespace, store: Store) -> tuple[Table, Recipe, Roles]:
    """The table that DATA names and the recipe that the options ask for; the table is stored.

    Raises
    ------
    BadInput : where DATA, a column or a vector file is not there or cannot be used
    """
    sample = options.data in SAMPLES and not Path(options.data).exists()
    table = (
        open_sample(options.data)[0]
        if sample
        else read(options.data, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet)
    )
    vectors = options.vectors
    if vectors is not None and vectors not in table.columns:
        if not Path(vectors).exists():
            raise BadInput(
                f"No column and no file is named {vectors!r}. Columns of {table.name}: {_some(table.columns)}."
            )
        table = join_vectors(table, read(vectors), options.id)
        vectors = "_vector"
    roles = guess_roles(table)
    if options.text:
        named = [options.text] if options.text in table.columns else options.text.split(",")
        roles = replace(roles, text=tuple(name.strip() for name in named if name.strip()))
        absent = [name for name in roles.text if name not in table.columns]
        if absent:
            raise BadInput(f"No column {absent[0]!r} in {table.name}. Its columns are {_some(table.columns)}.")
    if sample and not options.text and vectors is None:
        recipe = open_sample(options.data)[1]
        if recipe.model != READY_MADE:
            recipe = replace(recipe, model=options.model)
    elif vectors is None and roles.text:
        recipe = Recipe(table.digest, roles.text, model=options.model)
    else:
        if vectors is None:
            require_content(table, roles)
        if vectors is None and roles.vector is None:
            raise BadInput(
                f"{table.name} holds pictures and no text. Name a text column with --text, or vectors with --vectors."
            )
        recipe = Recipe(table.digest, (vectors or str(roles.vector),), model=READY_MADE)
    if not sample:
        store.put("table", table.digest, table.arrow, {"name": table.name})
    return table, recipe, roles


def map_command(options: argparse.Namespace) -> int:
    """Read, embed, lay out and group; print what was found, write map.parquet and map.html."""
    started = time.perf_counter()
    store, seconds = Store(), dict.fromkeys(STAGES, 0.0)
    table, recipe, roles = open_data(options, store)
    recipe = replace(recipe, projection=replace(Projection(), seed=options.seed))
    seconds["read"] = time.perf_counter() - started
    try:
        space = build(recipe, _progress_line(), store, seconds)
    finally:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # ends the line that was rewritten
    out = None
    if options.out:
        from explorer.views.export import write_map

        out = str(write_map(space, roles, table.name, Path(options.out)))
    seconds["total"] = time.perf_counter() - started
    for warning in store.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    report = {
        "rows": len(table),
        "items": len(space.items),
        "dimensions": int(space.vectors.shape[1]),
        "model": recipe.model,
        "columns": list(recipe.columns),
        "clusters": len(space.clusters),
        "truncated_rows": int(space.truncated[space.links[:, 1]].sum()),
        "rejected_rows": len(table.rejected),
        "skipped_rows": len(space.items.skipped),
        "recall": space.neighbors.recall,
        "notes": list(table.notes),
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
    address = f"http://localhost:{options.port}/"
    if options.data:
        address += _open_in_app(options)
    print(f"Embedding Explorer: {address}", flush=True)
    script = Path(__file__).resolve().parents[1] / "streamlit_app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.port", str(options.port), "--server.address", "localhost", "--server.headless", "true"]
    os.chdir(script.parent)
    # In place of this process: one process less to hold memory, and signals reach the server itself.
    os.execve(sys.executable, command, {**os.environ, "EXPLORER_WORKSPACES": "shared"})


def _open_in_app(options: argparse.Namespace) -> str:
    """Keep DATA in the local workspace; the part of its address after the slash."""
    from urllib.parse import urlencode

    from explorer.data.workspaces import Entry, Workspace, sample_entry

    store = Store()
    if options.data in SAMPLES and not Path(options.data).exists():
        entry = sample_entry(options.data)
    else:
        table, recipe, roles = open_data(options, store)
        entry = Workspace(store).remember(Entry(table.name, recipe, roles, len(table), rejected=len(table.rejected)))
    return "?" + urlencode(entry.link)


def _progress_line() -> Callable[[str, int, int], None]:
    """Progress on stderr: one line rewritten in a terminal, one line a stage elsewhere."""
    last: dict[str, Any] = {"stage": "", "since": 0.0, "first": 0}

    def show(stage: str, done: int, total: int) -> None:
        fresh = stage != last["stage"]
        if fresh:
            last.update(stage=stage, since=time.perf_counter(), first=done)
        if not sys.stderr.isatty():
            if fresh:
                print(f"{stage} …", file=sys.stderr, flush=True)
            return
        elapsed, made = time.perf_counter() - last["since"], done - last["first"]
        rate = (
            f", {made / elapsed:,.0f}/s, {(total - done) * elapsed / made:,.0f} s left" if made and elapsed > 1 else ""
        )
        print(
            f"\r\x1b[K{stage} {f'{done:,} of {total:,}' if total else '…'}{rate}", end="", file=sys.stderr, flush=True
        )

    return show


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


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


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

    reading = argparse.ArgumentParser(add_help=False)
    group = reading.add_argument_group("reading")
    group.add_argument("--text", metavar="COL[,COL]", help="text columns, joined; guessed where not given")
    group.add_argument("--vectors", metavar="COL|FILE", help="ready-made vectors: a column, or a file of them")
    group.add_argument("--id", metavar="COL", help="join a vector file by this column instead of by order")
    group.add_argument(
        "--model", default="minilm", metavar="NAME", help="minilm (default), or a Hub id such as owner/name"
    )
    group.add_argument("--encoding", help="of a text file, such as cp1252; detected where not given")
    group.add_argument("--delimiter", help="of a delimited file, such as ';'; detected where not given")
    group.add_argument("--sheet", help="of a workbook; the first with cells where not given")

    draw = commands.add_parser("map", parents=[reading], help="embed, lay out and group a dataset")
    draw.add_argument("data", metavar="DATA", help=f"a file, or a sample: {', '.join(SAMPLES)}")
    draw.add_argument("--seed", type=_seed, default=42, help="of the layout (default 42)")
    draw.add_argument("--out", metavar="DIR", help="write map.parquet and map.html there")
    draw.add_argument("--json", action="store_true", help="one JSON object on stdout")
    draw.set_defaults(run=map_command)

    app = commands.add_parser("app", parents=[reading], help="start the browser app, with this file open")
    app.add_argument("data", metavar="DATA", nargs="?", help=f"a file, or a sample: {', '.join(SAMPLES)}")
    app.add_argument("--port", type=int, default=8501, help="default 8501")
    app.set_defaults(run=app_command)
    return parser
