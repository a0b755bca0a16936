"""Clusters: groups of rows with similar meaning, their names, sizes and typical rows, their agreement with a label."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.analysis.agreement import Agreement, agreement
from explorer.analysis.cautions import about_groups
from explorer.analysis.name_quality import Quality, quality
from explorer.analysis.portraits import clusters_of_rows, typical_rows
from explorer.answers.answer import Answer, asked, count, in_json
from explorer.answers.search import SHOWN
from explorer.answers.view import Line, View
from explorer.errors import BadInput
from explorer.geometry.clusters import CLUSTERINGS, Clusters, Phrased
from explorer.progress import Progress
from explorer.recipe import Recipe
from explorer.table.table import require_columns
from explorer.wording import Amount, counted, one_line, shorten

TYPICAL = 3  # rows that stand for a cluster


@dataclass(frozen=True)
class Grouping:
    """How clusters are made: what questions about them share."""

    method: str | None = asked(None, help="default leiden", choices=tuple(CLUSTERINGS))
    level: int | None = asked(None, help="this many groups: those found, split or joined", kind=count, metavar="N")


@dataclass(frozen=True)
class Ask(Grouping):
    """What clusters there are."""

    against: str | None = asked(None, help="a column to compare them with (default: the label)", metavar="COL")


@dataclass(frozen=True)
class Cluster:
    """One cluster.

    Attributes
    ----------
    name : "head, qualifier, qualifier", made of its own phrases, or given by a person
    phrases : the phrases of its texts, each with the share of its texts that hold it, the head first
    amount : its rows, of those that meet the filter, and how many of them are distinct
    items : how many distinct contents it has
    share : its part of the rows with content, 0 to 1
    typical : the rows nearest to its mean; of running text no two that say nearly the same
    """

    name: str
    amount: Amount
    items: int
    share: float
    typical: tuple[Line, ...]
    phrases: Phrased = ()

    @property
    def rows(self) -> int:
        return self.amount.rows


@dataclass(frozen=True, eq=False)
class Found:
    """All clusters, the largest first.

    Attributes
    ----------
    clusters : each with its typical rows
    method, level : how they were made; level is None where their number was not asked for
    rows, items, ungrouped, skipped : of the table, distinct contents, rows in no cluster, rows without content
    counted : the rows with content that meet the filter, of which shares are
    label, agreement : the column they are compared with and how far they agree, None without one
    notes : what the reader should know of how they were made
    quality : gives how well names and groups recover each other and how stable the groups are; takes seconds
    """

    clusters: tuple[Cluster, ...]
    method: str
    level: int | None
    rows: int
    items: int
    ungrouped: int
    skipped: int
    counted: int
    label: str | None
    agreement: Agreement | None
    notes: tuple[str, ...] = ()
    quality: Callable[[], Quality] = lambda: Quality(None, None)

    @property
    def ami(self) -> float | None:
        """Adjusted mutual information with the label column; None without one."""
        return None if self.agreement is None else self.agreement.ami


def recipe(recipe: Recipe, ask: Grouping) -> Recipe:
    """The recipe with the method that was asked for."""
    return replace(recipe, clustering=replace(recipe.clustering, method=ask.method)) if ask.method else recipe


def at_level(view: View, ask: Grouping) -> tuple[Clusters, tuple[str, ...]]:
    """The clusters of a view at the level that was asked for, and notes: where there are not so many, and
    what to know before they are read."""
    clusters = view.clusters_at(ask.level)
    made = len(clusters)
    notes = about_groups(view.space, made)
    if ask.level is not None and made != ask.level:
        notes = (f"These rows make {made} groups here, not {ask.level}.", *notes)
    return clusters, notes


def run(view: View, ask: Ask, progress: Progress) -> Found:
    """The clusters of a view, counted over its rows."""
    space = view.space
    clusters, notes = at_level(view, ask)
    of_row, counts = clusters_of_rows(space, clusters), view.counted
    by_cluster, total = np.argsort(of_row, kind="stable"), int(counts.sum())
    rows_of = np.split(by_cluster, np.searchsorted(of_row[by_cluster], np.arange(len(clusters) + 1)))[1:-1]
    amounts = [view.amount_of_rows(rows) for rows in rows_of]
    typical = [typical_rows(space, clusters, number, TYPICAL, view.items) for number in range(len(clusters))]
    lines = iter(view.lines(np.concatenate(typical)) if typical else ())
    found = [
        Cluster(name, amount, int(items), amount.rows / max(total, 1), tuple(islice(lines, len(mine))), said)
        for name, said, amount, items, mine in zip(
            clusters.names, clusters.said, amounts, clusters.sizes, typical, strict=True
        )
    ]
    label, agrees = _agreement(view, clusters, of_row, ask.against)
    return Found(
        tuple(found), ask.method or space.recipe.clustering.method, ask.level, space.table.num_rows, len(space.items),
        int((counts & (of_row < 0)).sum()), len(space.items.skipped), total, label, agrees, notes,
        cache(lambda: quality(space, clusters)),
    )  # fmt: skip


def _agreement(
    view: View, clusters: Clusters, of_row: np.ndarray, against: str | None
) -> tuple[str | None, Agreement | None]:
    column = against or view.roles.label
    if column is None:
        return None, None
    require_columns(view.space.table, [column])
    kind = view.space.table.schema.field(column).type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        if against is None:
            return None, None
        raise BadInput(f"Column {column!r} holds neither words nor numbers to compare with. Name another.")
    values = view.space.table.column(column).cast(pa.string()).to_pylist()
    try:
        return column, agreement(of_row, values, len(clusters), view.counted)
    except ValueError as error:  # too many different values to be a label
        if against is None:
            return None, None
        raise BadInput(f"Column {column!r} has {error}. Name another.") from None


def report(found: Found) -> dict[str, Any]:
    measured = found.quality()
    return {
        "method": found.method, "level": found.level, "rows": found.rows, "items": found.items,
        "ungrouped_rows": found.ungrouped, "skipped_rows": found.skipped,
        "label": None if found.label is None else {"column": found.label, "ami": in_json(_number(found.ami))},
        "names_ami": in_json(_number(measured.names_ami)), "stability": in_json(_number(measured.stability)),
        "clusters": [
            {
                "name": each.name, "phrases": [{"text": text, "share": share} for text, share in each.phrases],
                "rows": each.rows, "items": each.items, "share": each.share,
                "typical": [{"row": line.row, "text": line.text} for line in each.typical],
            }
            for each in found.clusters
        ],
        "notes": list(found.notes),
    }  # fmt: skip


def lines(found: Found) -> Iterator[str]:
    placed = found.rows - found.skipped
    yield (f"{counted(len(found.clusters), 'group')} by {found.method}; "
           f"shares are of the {counted(placed, 'row')} with content")  # fmt: skip
    width = max((len(str(each.amount)) for each in found.clusters), default=0)
    for each in found.clusters:
        yield f"{100 * each.share:5.1f} %  {each.amount!s:{width}}  {each.name}"
        for line in each.typical[:1]:
            yield f"{'':9}{'':{width}}  row {line.row}: {shorten(one_line(line.text), SHOWN)}"
    if found.ungrouped:
        yield f"{100 * found.ungrouped / max(placed, 1):5.1f} %  {counted(found.ungrouped, 'row'):{width}}  in no group"
    elif found.clusters:
        yield "every row is in a group"
    if found.label is not None:
        figure = "undefined" if in_json(_number(found.ami)) is None else f"{found.ami:.2f}"
        yield (f"agreement with {found.label!r}: adjusted mutual information {figure} "
               "(0 as by chance, 1 the same partition)")  # fmt: skip


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


ANSWER = Answer(
    help="groups of rows with similar meaning",
    asks=Ask,
    needs=("clusters",),
    recipe=recipe,
    run=run,
    report=report,
    lines=lines,
)
