"""One row beside the map: what it says, what is known of it, its true neighbors, and what can be done with it."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from explorer.answers.view import Line
from explorer.app.address import close_row, open_row
from explorer.app.links import page_link
from explorer.app.map.focus import SHOWN_NEIGHBORS
from explorer.app.map.groups_panel import select_group
from explorer.app.map.lists import heading, row_list
from explorer.app.map.table_panel import tag_form
from explorer.app.outliers.decisions import decide, decided_items
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.geometry.clusters import UNGROUPED
from explorer.library.annotations import hexes
from explorer.views import map_content
from explorer.wording import capital, counted, shorten

_TEXT = 3000  # characters of a long text
_FIELDS = 8  # more are folded
_STYLE = """
<style>
.st-key-facts dl { display: grid; grid-template-columns: minmax(5.7rem, max-content) 1fr; gap: .1rem .9rem; margin: 0;
  padding: 0; font-size: .84rem; line-height: 1.45; }
.st-key-facts dt { opacity: .65; font-weight: 400; max-width: 10rem; overflow-wrap: anywhere; }
.st-key-facts dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
</style>
"""


def row_panel(visit: Visit, row: int, item: int) -> None:
    """A row (from 0) and one of its items, and the ways on."""
    st.html(_STYLE)
    _header(visit, row, item)
    _actions(visit, row, item)
    space = visit.space
    if picture := map_content.picture_of(space, visit.entry.roles, row):
        st.image(picture, width=96)
    if text := space.shown(np.array([item]))[0].text:
        with st.container(height="content", key="row-text"):
            st.text(shorten(text, _TEXT))
    _facts(visit, row, item)
    _neighbors(visit, row, item)


def _header(visit: Visit, row: int, item: int) -> None:
    view = visit.view
    links = visit.space.links
    passages = links[links[:, 0] == row, 1].tolist()
    part = f", passage {passages.index(item) + 1} of {len(passages)}" if len(passages) > 1 else ""
    name = view.row_name(row)
    met = np.flatnonzero(view.counted)
    before, after = met[met < row], met[met > row]

    def neighbors() -> None:
        for which, icon, rows in (
            ("previous", ":material/chevron_left:", before[-1:]),
            ("next", ":material/chevron_right:", after[:1]),
        ):
            to = int(rows[0]) if len(rows) else None
            st.button(
                "", key=f"{which}-row", type="tertiary", icon=icon, disabled=to is None, on_click=open_row,
                args=(to or 0,), help=f"No {which} row" if to is None else f"The {which} one: {view.row_name(to)}",
            )  # fmt: skip

    heading(literal(f"{capital(name)}{part}"), "close-row", close_row, "Close this row", neighbors)
    if not view.counted[row]:
        st.caption("This row does not meet the filter.")


def _actions(visit: Visit, row: int, item: int) -> None:
    """In one line: rows like this one, a tag, a decision."""
    keeps, removes = decided_items(visit.project.decisions(), visit.keys, visit.space)
    chosen = np.array([item])
    rows = len(visit.space.items.rows_of(chosen))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="row-actions"):
        page_link("search", "Find similar", icon=":material/manage_search:", more=str(row))
        with st.popover("Tag", icon=":material/sell:", type="tertiary"):
            tag_form(visit, np.array([row]))
        if keeps[item] or removes[item]:
            st.badge("removed" if removes[item] else "kept", color="red" if removes[item] else "green")
            st.button(
                "Undo", key="undo-decision", type="tertiary", icon=":material/undo:", on_click=decide,
                args=(visit, chosen, ""), help="Undo this decision",
            )  # fmt: skip
        else:
            same = "this row" if rows == 1 else f"the {rows:,} rows with this content"
            st.button(
                "Remove", key="remove-row", type="tertiary", icon=":material/delete:", on_click=decide,
                args=(visit, chosen, "remove"),
                help=f"Leave {same} out of the cleaned table, which the page Outliers offers to download. Your file "
                "does not change, and Undo brings them back." if rows > 1 else
                f"Leave {same} out of the cleaned table, which the page Outliers offers to download. Your file does "
                "not change, and Undo brings it back.",
            )  # fmt: skip


def _facts(visit: Visit, row: int, item: int) -> None:
    """Its fields, its group, and what was computed of it."""
    space = visit.space
    fields = [
        (name, shorten(map_content.cell(space, row, name), 200) or "–")
        for name in map_content.field_columns(space, visit.entry.roles)
    ]
    score, usual = space.outlier_scores[item], np.median(space.outlier_scores)
    known = "a possible outlier, " if space.strange[item] else ""
    computed = [("outlier score", f"{score:.2f} ({known}median {usual:.2f})")]
    same = visit.view.amount(np.array([item])).rows
    if same > 1:
        computed.append(("same content", counted(same, "row")))
    key = hexes(visit.keys[[row]])[0]
    if tags := [tag for tag, keys in sorted(visit.project.tags().items()) if key in keys]:
        computed.append(("tags", ", ".join(tags)))
    with st.container(key="facts", gap="xsmall"):
        _grid(fields[:_FIELDS])
        if more := fields[_FIELDS:]:
            with st.expander(f"{counted(len(more), 'more field')}"):
                _grid(more)
        _grid(computed)
    group = int(visit.view.cluster_of_row[row])
    if group == UNGROUPED:
        st.caption("In no group")
        return
    name, size = visit.view.clusters.names[group], len(visit.view.rows_in(group))
    st.button(
        f"{literal(name)} &nbsp; :gray[{size:,}]", key="row-group", type="tertiary", icon=":material/workspaces:",
        on_click=select_group, args=(visit, group, name), help=f"Its group: select its {counted(size, 'row')}",
    )  # fmt: skip


def _grid(pairs: list[tuple[str, str]]) -> None:
    """Names and values in two columns."""
    cells = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    if cells:
        st.html(f"<dl>{cells}</dl>")


def _neighbors(visit: Visit, row: int, item: int) -> None:
    """The nearest items in the original space, each with its label beside it where there is a label."""
    space, label = visit.space, visit.entry.roles.label
    near = space.neighbors.indices[item, :SHOWN_NEIGHBORS]
    if not len(near):
        return
    similarity = dict(zip(near.tolist(), (1 - space.neighbors.distances[item]).tolist(), strict=False))
    st.markdown("**Nearest neighbors in the original space**")
    own = map_content.cell(space, row, label) if label else ""
    if label and own:
        of_rows = [map_content.cell(space, line.row, label) for line in visit.view.lines(near)]
        same, known = sum(value == own for value in of_rows), sum(bool(value) for value in of_rows)
        others = f" Another {literal(label)} has the sign ≠." if same < known else ""
        st.caption(f"{same} of {known} have the same {literal(label)}, {literal(shorten(own, 40))}.{others}")

    def about(line: Line) -> str:
        value = map_content.cell(space, line.row, label) if label else ""
        differs = bool(own and value and value != own)
        shown = literal(shorten(value, 40))
        marked = f" &nbsp; :orange[≠ {shown}]" if differs else f" &nbsp; {shown}" if value else ""
        return f":gray[{similarity[line.item]:.2f}]{marked}"

    row_list(visit, near, "near", about, height=300)
