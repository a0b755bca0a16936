"""Answers on the command line: search, clusters, outliers and the themes report, as the pages give them.

Rows are numbered from 0, as in map.parquet's `_row`. A text that several rows hold is one result, with its weight.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from explorer.analysis.naming import names_for
from explorer.analysis.outliers import OUTLIER_METHODS, find_outliers, reasons, repeats, votes
from explorer.analysis.search import MODES, search, usual_mode
from explorer.building import build
from explorer.doors.opening import DATA, open_data, progress_line
from explorer.errors import BadInput
from explorer.geometry.clusters import CLUSTERINGS, Clusters
from explorer.recipe import Recipe
from explorer.space import Space
from explorer.store.store import Store
from explorer.table.roles import Roles
from explorer.wording import one_line, shorten

TYPICAL = 3  # rows that stand for a group
_LINE = 100  # characters of a text in a printed table


def add(commands: Any, reading: argparse.ArgumentParser) -> None:
    """Add the four commands to the subparsers of `python -m explorer`; `reading` holds the options for DATA."""
    grouping = argparse.ArgumentParser(add_help=False)
    group = grouping.add_argument_group("groups")
    group.add_argument("--method", choices=list(CLUSTERINGS), default="leiden", help="default leiden")
    group.add_argument("--level", type=_count, metavar="N", help="this many groups: those found, split or joined")

    find = commands.add_parser("search", parents=[reading], help="the rows that answer a question best")
    find.add_argument("data", metavar="DATA", help=DATA)
    find.add_argument("query", metavar="QUERY", help="a question, a phrase, or words")
    find.add_argument("--mode", choices=MODES, help="default hybrid; semantic where there is no running text")
    find.set_defaults(run=search_command)

    clusters = commands.add_parser("clusters", parents=[reading, grouping], help="groups of rows that mean alike")
    clusters.add_argument("data", metavar="DATA", help=DATA)
    clusters.set_defaults(run=clusters_command)

    odd = commands.add_parser("outliers", parents=[reading], help="what does not belong, and why")
    odd.add_argument("data", metavar="DATA", help=DATA)
    odd.add_argument("--method", choices=list(OUTLIER_METHODS), default="distance", help="default distance")
    odd.set_defaults(run=outliers_command)

    themes = commands.add_parser("themes", parents=[reading, grouping], help="a report on the groups, to hand on")
    themes.add_argument("data", metavar="DATA", help=DATA)
    themes.add_argument("--by", metavar="COL", help="a number, for its mean, or a category, for its commonest value")
    themes.add_argument("--period", metavar="COL", help="dates: the change from the earlier half to the later")
    themes.add_argument("--out", metavar="FILE.html", help="write the report as one offline page")
    themes.set_defaults(run=themes_command)

    for command in (find, odd):
        command.add_argument("-k", type=_count, default=10, metavar="N", help="results at most (default 10)")
    for command in (find, clusters, odd, themes):
        command.add_argument("--json", action="store_true", help="one JSON object on stdout")


def search_command(options: argparse.Namespace) -> int:
    """The rows that answer QUERY best."""
    store = Store()
    _, recipe, _ = open_data(options, store)
    space = _built(recipe, store, ("vectors",))
    mode = options.mode or usual_mode(space)
    hits = search(space, options.query, options.k, mode)
    if hits.mode != mode:
        print(f"These vectors came ready-made: searched by {hits.mode} instead of {mode}.", file=sys.stderr)
    results: list[dict[str, Any]] = [
        {"row": row, "score": _rounded(score), "text": text, "weight": weight}
        for (row, weight, text), score in zip(_rows(space, hits.items), hits.scores, strict=True)
    ]
    lines = [
        f"{r['score']:7.3f}  {r['row']:>7}  {shorten(one_line(r['text']), _LINE)}{_times(r['weight'])}" for r in results
    ]
    if not lines:
        lines = ["nothing found"]
    return _answer(
        options,
        {"query": options.query, "mode": hits.mode, "results": results},
        [f"by {hits.mode}: score, row (from 0), text", *lines],
    )


def clusters_command(options: argparse.Namespace) -> int:
    """Groups with their names, sizes and typical rows, and their agreement with the label column."""
    from explorer.analysis.findings import typical_first

    store = Store()
    space, roles, _ = _grouped(options, store)
    clusters = _clusters(space, options.level)
    weights = space.items.weights
    placed = int(weights.sum())
    groups: list[dict[str, Any]] = []
    for group, name in enumerate(clusters.names):
        mine = np.flatnonzero(clusters.labels == group)
        typical = _rows(space, typical_first(space, mine)[:TYPICAL])
        rows = int(weights[mine].sum())
        groups.append(
            {
                "name": name, "rows": rows, "items": len(mine), "share": rows / placed,
                "typical": [{"row": row, "text": text} for row, _, text in typical],
            }
        )  # fmt: skip
    left = int(weights[clusters.labels < 0].sum())
    report: dict[str, Any] = {
        "method": options.method, "level": options.level, "rows": space.table.num_rows, "items": len(space.items),
        "ungrouped_rows": left, "skipped_rows": len(space.items.skipped), "label": _label(space, roles, clusters),
        "clusters": groups,
    }  # fmt: skip
    lines = [f"{len(groups)} groups by {options.method}; shares are of the {placed:,} rows with content"]
    for number in groups:
        lines.append(f"{number['rows']:>7,}  {100 * number['share']:5.1f} %  {number['name']}")
        lines += [f"{'':18}row {t['row']}: {shorten(one_line(t['text']), _LINE)}" for t in number["typical"][:1]]
    if left:
        lines.append(f"{left:>7,}  {100 * left / placed:5.1f} %  in no group")
    if label := report["label"]:
        lines.append(f"agreement with {label['column']!r}: adjusted mutual information {_figure(label['ami'])} "
                     "(0 as by chance, 1 the same partition)")  # fmt: skip
    return _answer(options, report, lines)


def outliers_command(options: argparse.Namespace) -> int:
    """The strangest rows, each with the reason."""
    store = Store()
    space, _, _ = _grouped(options, store)
    every = {name: find_outliers(space.unit, space.neighbors, name) for name in OUTLIER_METHODS}
    found = every.pop(options.method)
    others = votes(list(every.values()))
    strangest = found.ranking[: options.k]
    nouns = [shown.noun for shown in space.shown(strangest)]
    results: list[dict[str, Any]] = []
    for item, why, (row, weight, _), what in zip(
        strangest, reasons(found, space.neighbors, strangest), _rows(space, strangest), nouns, strict=True
    ):
        results.append(
            {
                "row": row, "score": _rounded(found.scores[item]),
                "reason": "; ".join(part for part in (why, repeats(weight, what)) if part),
                "flagged": bool(found.flagged[item]), "methods": int(found.flagged[item]) + int(others[item]),
                "weight": weight,
            }
        )  # fmt: skip
    flagged = int(found.flagged.sum())
    agreed = int((found.flagged & (others > 0)).sum())
    report = {
        "method": found.method, "unit": OUTLIER_METHODS[found.method].unit, "items": len(space.items),
        "threshold": _rounded(found.threshold), "flagged": flagged, "agreed": agreed, "results": results,
    }  # fmt: skip
    if math.isfinite(found.threshold):
        head = (
            f"{flagged:,} of {len(space.items):,} items score above {found.threshold:.2f}; "
            f"another method flags {agreed:,} of these too"
        )
    else:
        head = f"{len(space.items):,} items are too few to say what is usual: ranked, none flagged"
    texts = space.texts(strangest)
    lines = [head, f"score ({OUTLIER_METHODS[found.method].unit}), row (from 0), reason"]
    for result, text in zip(results, texts, strict=True):
        lines.append(
            f"{result['score']:7.3f} {'*' if result['flagged'] else ' '} {result['row']:>7}  {result['reason']}"
        )
        lines.append(f"{'':19}{shorten(one_line(text), _LINE)}")
    return _answer(options, report, lines)


def themes_command(options: argparse.Namespace) -> int:
    """The themes report as a table, and as an offline page with --out."""
    from explorer.analysis.themes import themes
    from explorer.views.themes import day, themes_html, themes_table

    store = Store()
    space, _, name = _grouped(options, store)
    clusters = _clusters(space, options.level)
    found = themes(space, clusters, by=options.by, period=options.period)
    if options.out:
        try:
            Path(options.out).write_text(themes_html(found, f"Themes of {name}"), encoding="utf-8")
        except OSError as error:
            raise BadInput(
                f"Cannot write to {options.out}: {error.strerror or error}. Name another file with --out."
            ) from None
    report = {
        "by": found.by, "period": found.period, "split": day(found.split) or None, "rows": found.rows,
        "ungrouped_rows": found.rows - found.grouped, "undated_rows": found.undated,
        "themes": [
            {
                "name": theme.name, "rows": theme.rows, "share": theme.share, "mean": theme.mean,
                "commonest": theme.common[0] if theme.common else None,
                "earlier": theme.earlier, "later": theme.later, "change": theme.change, "beyond_chance": theme.marked,
                "quotes": [{"row": quote.row, "text": quote.text} for quote in theme.quotes],
            }
            for theme in found.themes
        ],
        "out": options.out,
    }  # fmt: skip
    table = themes_table(found)
    shown = table[[column for column in table.columns if not str(column).startswith("quote ")]]
    lines = shown.to_string(index=False, max_colwidth=60).splitlines() if len(shown) else ["no themes"]
    return _answer(options, report, [*lines, *([f"wrote {options.out}"] if options.out else [])])


def _grouped(options: argparse.Namespace, store: Store) -> tuple[Space, Roles, str]:
    """The space with its groups by the method asked for, the roles of its columns, and its name."""
    table, recipe, roles = open_data(options, store)
    method = options.method if options.method in CLUSTERINGS else recipe.clustering.method
    recipe = replace(recipe, clustering=replace(recipe.clustering, method=method))
    return _built(recipe, store, ("clusters",)), roles, table.name


def _built(recipe: Recipe, store: Store, stages: Collection[str]) -> Space:
    """The space with the stages that an answer reads; no answer here reads the layout."""
    try:
        return build(recipe, progress_line(), store, wanted=stages)
    finally:
        _end_line()


def _clusters(space: Space, level: int | None) -> Clusters:
    """The groups as found, or the given number of them."""
    if level is None:
        return space.clusters
    from explorer.geometry.levels import levels

    labels = levels(space.unit, space.neighbors, space.clusters.labels, space.recipe.clustering).cut(level)
    if (made := int(labels.max(initial=-1)) + 1) != level:
        print(f"These rows make {made} groups here, not {level}.", file=sys.stderr)
    return Clusters(labels, names_for(space, labels))


def _label(space: Space, roles: Roles, clusters: Clusters) -> dict[str, Any] | None:
    """How far the groups agree with the label column: its name and the adjusted mutual information over rows."""
    import pyarrow as pa

    from explorer.analysis.agreement import agreement
    from explorer.analysis.themes import groups_of_rows

    if roles.label is None:
        return None
    values = space.table.column(roles.label).cast(pa.string()).to_pylist()
    try:
        ami = agreement(groups_of_rows(space, clusters), values, len(clusters)).ami
    except ValueError:  # too many different values to be a label
        return None
    return {"column": roles.label, "ami": _rounded(ami)}


def _rows(space: Space, items: np.ndarray) -> list[tuple[int, int, str]]:
    """Of each item its first row, how many rows hold it, and its text."""
    items = np.asarray(items, np.int64)
    rows, weights = space.items.first_rows[items], space.items.weights[items]
    return [(int(row), int(weight), text) for row, weight, text in zip(rows, weights, space.texts(items), strict=True)]


def _answer(options: argparse.Namespace, report: dict[str, Any], lines: list[str]) -> int:
    print(json.dumps(report, ensure_ascii=False, allow_nan=False) if options.json else "\n".join(lines))
    return 0


def _rounded(value: float) -> float | None:
    """A number as JSON has it, to six digits; None for what JSON has not."""
    return float(f"{float(value):.6g}") if math.isfinite(value) else None


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"


def _times(weight: int) -> str:
    return f"  ({weight:,} rows hold it)" if weight > 1 else ""


def _end_line() -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)  # ends the line that was rewritten


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:12]) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 1,000,000")
    return int(text)
