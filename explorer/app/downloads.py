"""Downloads of rows with their groups: CSV, Excel, Parquet. Every page offers them with this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import streamlit as st

from explorer.app.cache import cached
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.geometry.clusters import Clusters
from explorer.library.on_screen import tags_of_rows
from explorer.space import Space
from explorer.table import excel
from explorer.table.download import flat, left_out, safe_csv, to_parquet
from explorer.views.export import mapped_table
from explorer.wording import counted, listed


@dataclass(frozen=True)
class Format:
    """A kind of file: its ending, its media type, and what makes it of a table."""

    ending: str
    kind: str
    write: Callable[[pa.Table], bytes]


FORMATS = {
    "CSV": Format("csv", "text/csv", lambda table: safe_csv(flat(table))),
    "Excel": Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda table: excel.to_excel(flat(table)),
    ),
    "Parquet": Format("parquet", "application/vnd.apache.parquet", to_parquet),
}


def all_rows(visit: Visit) -> None:
    """A "Download" popover for the whole table with its groups, and for the rows that meet the filter where there is
    one. On a map of a selection, its rows are the whole table."""
    download_rows(visit, key="all-rows", name="groups")


def download_rows(visit: Visit, rows: np.ndarray | None = None, *, key: str, name: str) -> None:
    """A "Download" popover with three choices, CSV, Excel and Parquet. A file is made when it is clicked.

    The files hold the columns as read and, of each row, its number (`_row`, from 0 as on screen), its place on the
    map, its group as people edited it, its outlier score, its tags and its nearest rows.

    Parameters
    ----------
    rows : int array of shape (r,), row numbers from 0; None for all rows, and besides for those that meet
        the filter, where there is one
    key : of the popover, and the beginning of the buttons' keys: "<key>-csv", "<key>-excel", "<key>-parquet"
    name : the end of the file's name: "selection" gives "reviews_selection.csv"
    """
    with st.popover(
        "Download", icon=":material/download:", key=key, type="tertiary" if rows is not None else "secondary"
    ):
        if rows is not None:
            _three(visit, rows, key, name)
        else:
            if visit.rows is not None:
                met = np.flatnonzero(visit.view.counted)
                _three(visit, met, f"{key}-filtered", f"{name}_filtered", " that meet the filter")
            _three(
                visit, np.flatnonzero(_own_rows(visit.space)), key, name, " in all" if visit.rows is not None else ""
            )
        st.caption(_sentence(visit.space.recipe.table, _table=visit.space.table))


def _three(visit: Visit, rows: np.ndarray, key: str, name: str, which: str = "") -> None:
    """The three buttons for some rows."""
    # Only these: a button's function runs outside of the visit, where there is no address to read.
    space, clusters, project = visit.space, visit.groups.clusters, visit.project
    tags = tags_of_rows(project, visit.keys) if project.tags() else {}
    stem = f"{visit.entry.name.rsplit('.', 1)[0]}_{name}"
    fits = excel.fits(len(rows), space.table.num_columns + 8)
    st.markdown(f"**{counted(len(rows), 'row')}**{which}, with their groups")
    with st.container(horizontal=True):
        for title, made in FORMATS.items():
            st.download_button(
                title, partial(_file, space, clusters, tags, rows, made), f"{stem}.{made.ending}", made.kind,
                on_click="ignore", key=f"{key}-{title.lower()}", disabled=title == "Excel" and not fits,
            )  # fmt: skip
    if not fits:
        st.caption(
            f"Too large for Excel here, which takes {excel.MOST_CELLS / 1e6:g} million cells, {excel.MOST_ROWS:,} rows "
            f"and {excel.MOST_COLUMNS:,} columns at most: take CSV or Parquet."
        )


def _file(space: Space, clusters: Clusters, tags: dict[str, np.ndarray], rows: np.ndarray, made: Format) -> bytes:
    return made.write(mapped_table(space, clusters, tags).take(rows))


def _own_rows(space: Space) -> np.ndarray:
    """The rows that the map is of: bool (n,). All, unless it was made of a selection."""
    return np.ones(space.table.num_rows, bool) if space.recipe.subset is None else space.item_of_row >= 0


@cached()
def _sentence(table: str, _table: pa.Table) -> str:
    """What a CSV or a sheet cannot hold of the table."""
    lacks = []
    if bulky := left_out(_table):
        lacks.append(f"CSV and Excel leave out pictures and vectors ({literal(listed(bulky, 3))})")
    if cut := excel.cut_cells(_table):
        lacks.append(f"Excel cuts {counted(cut, 'cell')} of this table to {excel.MOST_CHARACTERS:,} characters")
    if lacks:
        return "; ".join(lacks) + ". Parquet holds everything as read."
    return "Parquet holds everything as read; in a CSV, cells that a spreadsheet would run get an apostrophe in front."
