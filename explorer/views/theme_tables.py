"""The themes report by segment and over time as tables, and as a workbook with its themes on each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.analysis.themes import Themes
from explorer.geometry.clusters import Clusters
from explorer.table.download import flat
from explorer.table.excel import fits, workbook
from explorer.views.theme_sections import triangle
from explorer.views.themes import themes_table

if TYPE_CHECKING:
    from explorer.space import Space


def cells_table(report: Themes) -> pd.DataFrame:
    """A line for each theme and segment, with the difference from all other rows and its interval."""
    by = report.segments
    if by is None:
        return pd.DataFrame()
    return pd.DataFrame(
        [
            {
                "theme": theme.name, "segment": by.names[cell.segment], "rows": cell.rows,
                "rows of the segment": by.rows[cell.segment], "share %": round(100 * cell.share, 1),
                "difference, points": round(cell.difference, 1),
                "difference_low": round(cell.difference_range.low, 1),
                "difference_high": round(cell.difference_range.high, 1),
                "p": float(f"{cell.p:.3g}"),
                "beyond chance": triangle(cell.marked, cell.difference),
            }
            for theme in report.themes for cell in by.of(theme.group)
        ]
    )  # fmt: skip


def courses_table(report: Themes) -> pd.DataFrame:
    """A line for each period and a column for each theme: its share of the period's rows in percent."""
    times = report.courses
    if times is None:
        return pd.DataFrame()
    lines: dict[str, list] = {times.every: list(times.names), "rows": list(times.rows)}
    for theme, course in zip(report.themes, times.courses, strict=True):
        lines[theme.name] = [None if share is None else round(100 * share, 1) for share in course.shares]
    return pd.DataFrame(lines)


def rows_table(report: Themes, space: Space, clusters: Clusters, certainty: np.ndarray | None = None) -> pa.Table:
    """The counted rows of the table with their themes: all of them in one cell, and each in a column of its own where
    a row has several.

    certainty : float array of shape (m,), of the items; None where no codebook was given
    """
    rows = np.flatnonzero(_counted(report, space))
    members = report.members
    held: list[list[str]] = [[] for _ in range(space.table.num_rows)]
    for row, group in zip(members.rows.tolist(), members.groups.tolist(), strict=True):
        held[row].append(clusters.names[group])
    mine = [held[row] for row in rows.tolist()]
    table = flat(space.table.take(rows))
    table = table.append_column("_theme", pa.array(["; ".join(names) or None for names in mine], pa.string()))
    most = max(map(len, mine), default=0)
    for place in range(most if most > 1 else 0):
        cells = [names[place] if len(names) > place else None for names in mine]
        table = table.append_column(f"_theme_{place + 1}", pa.array(cells, pa.string()))
    if certainty is not None:
        of_row = np.round(space.items.means_of_rows(certainty, space.table.num_rows)[rows], 3)
        table = table.append_column("_certainty", pa.array(of_row, from_pandas=True))
    return table.add_column(0, "_row", pa.array(rows))


def _counted(report: Themes, space: Space) -> np.ndarray:
    """The rows that the report counted, as far as it knows: bool (n,). With a filter only those in a theme."""
    if not report.filtered:
        return space.item_of_row >= 0
    found = np.zeros(space.table.num_rows, bool)
    found[report.members.rows] = True
    return found


def themes_workbook(report: Themes, space: Space, clusters: Clusters, certainty: np.ndarray | None = None) -> bytes:
    """The report as an Excel workbook: themes, segments, periods, and every row with its themes."""
    rows = rows_table(report, space, clusters, certainty)
    if not fits(rows.num_rows, rows.num_columns):  # of a very large table only what is new about each row
        rows = rows.select([name for name in rows.column_names if name.startswith("_")])
    frames = {
        "Themes": themes_table(report), "Segments": cells_table(report), "Over time": courses_table(report),
    }  # fmt: skip
    made = {name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in frames.items() if len(frame)}
    return workbook({**made, "Rows": rows})
