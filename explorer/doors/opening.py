"""What commands share: opening a file or a sample, the options for that, and progress on stderr."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from explorer.building import build
from explorer.embedding.unreadable import unreadable_texts
from explorer.errors import BadInput
from explorer.library.samples import SAMPLES, open_sample
from explorer.media.registry import medium_of, recipe_for
from explorer.media.text import joined_texts
from explorer.reading.options import Choices, lines_named
from explorer.reading.sandbox import read_apart
from explorer.recipe import Recipe
from explorer.space import Space
from explorer.store.store import Store
from explorer.table.decisions import decisions
from explorer.table.embeddings import own_vectors_first
from explorer.table.joins import join_vectors
from explorer.table.markup import marked_up
from explorer.table.notes import Note, in_one_line
from explorer.table.roles import Roles, guess_roles, require_content
from explorer.table.table import Table
from explorer.wording import counted

DATA = f"a file, or a sample: {', '.join(SAMPLES)}"


def reading_options() -> argparse.ArgumentParser:
    """The options of `open_data`, as a parent for the parser of a command."""
    reading = argparse.ArgumentParser(add_help=False)
    group = reading.add_argument_group("reading")
    group.add_argument("--text", metavar="COL[,COL]", help="text columns, joined; guessed where not given")
    group.add_argument("--vectors", metavar="COL|FILE", help="ready-made vectors: a column, or a file of them")
    group.add_argument("--id", metavar="COL", help="join a vector file by this column instead of by order")
    group.add_argument(
        "--model",
        default="minilm",
        metavar="NAME",
        help="minilm (default), minilm-int8, fast, glove, or a Hub id such as owner/name",
    )
    group.add_argument(
        "--whole",
        action="store_true",
        help="keep texts that are longer than the model reads in one piece, cut at its end",
    )
    group.add_argument("--keep-tags", action="store_true", help="embed HTML in cells as it stands, tags and all")
    group.add_argument("--encoding", help="of a text file, such as cp1252; detected where not given")
    group.add_argument("--delimiter", help="of a delimited file, such as ';', or tab, or none for one column")
    group.add_argument(
        "--sheet",
        help="of a workbook, a table of a web page or a list of a JSON file; the largest with texts where not given",
    )
    group.add_argument(
        "--header-row", type=_line, metavar="N", help="the line of the file, from 1, with the column names; 0: none"
    )
    group.add_argument("--member", metavar="NAME", help="which table of a zip or tar archive that holds several")
    group.add_argument("--skip-rows", type=_lines, metavar="N,M", help="lines of the file, from 1, that are no rows")
    return reading


def _line(text: str) -> int:
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no line of a file: name it by its number, from 1")
    return int(text)


def _lines(text: str) -> tuple[int, ...]:
    try:
        return lines_named(text)
    except BadInput as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _choices(options: argparse.Namespace) -> Choices:
    """What the options say about reading DATA."""
    return {
        "encoding": options.encoding,
        "delimiter": options.delimiter,
        "sheet": options.sheet,
        "header_row": options.header_row,
        "skip_rows": options.skip_rows or (),
        "member": options.member,
    }


def open_data(
    options: argparse.Namespace,
    store: Store,
    meanwhile: Callable[[], None] | None = None,
    change: Callable[[Table], Table] | None = None,
) -> tuple[Table, Recipe, Roles]:
    """The table that DATA names, the recipe that the options ask for, and the roles of columns. The table is stored.

    meanwhile : called while another process reads the file
    change : gives the table that is stored, from the one that was read

    Raises
    ------
    BadInput : where DATA, a column or a vector file is missing or cannot be used
    """
    sample = options.data in SAMPLES and not Path(options.data).exists()
    if sample:
        table = open_sample(options.data)[0]
    else:
        table = read_apart(options.data, meanwhile=meanwhile, **_choices(options))
    if change is not None and not sample:
        table = change(table)
    vectors = options.vectors
    if vectors is not None and vectors not in table.columns:
        if not Path(vectors).exists():
            raise BadInput(
                f"No column and no file is named {vectors!r}. Columns of {table.name}: {_some(table.columns)}."
            )
        table = join_vectors(table, read_apart(vectors), options.id)
        vectors = "_vector"
    roles = guess_roles(table)
    if options.text:
        named = [options.text] if options.text in table.columns else options.text.split(",")
        roles = replace(roles, text=tuple(name.strip() for name in named if name.strip()))
        absent = [name for name in roles.text if name not in table.columns]
        if absent:
            raise BadInput(f"No column {absent[0]!r} in {table.name}. Its columns are {_some(table.columns)}.")
    if vectors is None and not options.text and not sample and own_vectors_first(table, roles.vector):
        vectors = roles.vector
        if roles.text:
            instead = f"--text {shlex.quote(','.join(roles.text))} embeds the texts instead."
            note = Note(f"This file's own vectors, {vectors!r}, are mapped; {instead}", "vectors")
            table = replace(table, notes=(*table.notes, note))
    if vectors is None and not roles.text and roles.vector is None:
        _tell(table)  # it may say why there is nothing to embed
    mapped = roles
    if sample and not options.text and vectors is None:
        recipe = open_sample(options.data)[1]
        if medium_of(recipe).needs_model:
            recipe = replace(recipe, model=options.model)
    elif vectors is None and roles.text:
        recipe = recipe_for(table, roles, options.model, passages=not options.whole, keep_markup=options.keep_tags)
    else:
        if vectors is None:
            require_content(table, roles)
        if vectors is None and roles.vector is None:
            raise BadInput(
                f"{table.name} holds pictures and no text. Name a text column with --text, or vectors with --vectors."
            )
        mapped = replace(roles, text=(), vector=vectors or roles.vector)
        recipe = recipe_for(table, mapped, options.model, keep_markup=options.keep_tags)
    if not sample:
        kept = options.keep_tags and bool(marked_up(table))
        table = replace(table, notes=decisions(table, mapped, keep_markup=kept))
        _tell(table)
        if medium_of(recipe).needs_model:
            unread = unreadable_texts(joined_texts(table.arrow, recipe.columns, recipe.markup), recipe.model).note
            if unread:
                print(unread, file=sys.stderr)
                table = replace(table, notes=(*table.notes, unread))
        store.put("table", table.digest, table.arrow, {"name": table.name})
    return table, recipe, roles


def _tell(table: Table) -> None:
    if table.notes:
        print(f"{table.name}: {in_one_line(table.notes)}", file=sys.stderr)


def progress_line() -> Callable[[str, int, int], None]:
    """Progress on stderr: in a terminal one line that is rewritten, elsewhere one line for each stage."""
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


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def build_for(
    recipe: Recipe, store: Store, wanted: Collection[str] | None = None, seconds: dict[str, float] | None = None
) -> Space:
    """`build` with progress on stderr. Where long texts become several items, it first prints how many."""
    progress = progress_line()
    try:
        space = build(recipe, progress, store, seconds, wanted=("items",))
        items = space.items
        if items.several:
            end_line()
            print(
                f"{counted(len(items), 'item')} in {counted(len(np.unique(items.links[:, 0])), 'row')}: texts longer "
                "than the model reads are taken in passages. --whole keeps each in one piece.",
                file=sys.stderr,
            )
        return build(recipe, progress, store, seconds, wanted, space)
    finally:
        end_line()


def end_line() -> None:
    """End the line that `progress_line` rewrote."""
    if sys.stderr.isatty():
        print(file=sys.stderr)


def open_app(options: argparse.Namespace) -> str:
    """Store DATA in the local workspace. Returns the part of its address after the slash."""
    from urllib.parse import urlencode

    from explorer.library.workspaces import Entry, Workspace, sample_entry

    store = Store()
    if options.data in SAMPLES and not Path(options.data).exists():
        entry = sample_entry(options.data)
    else:
        table, recipe, roles = open_data(options, store)
        entry = Workspace(store).remember(Entry(table.name, recipe, roles, len(table), rejected=len(table.rejected)))
    return "?" + urlencode(entry.link)
