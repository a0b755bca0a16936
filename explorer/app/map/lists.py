"""What the panels beside the map share: a heading that closes, and a list of rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from explorer.answers.view import Line
from explorer.app.address import open_row
from explorer.app.visit import Visit
from explorer.app.wording import literal, passage_of
from explorer.views.map_content import cell, picture_of
from explorer.wording import shorten

_TEXT = 160  # characters of a row's text


def heading(
    title: str, key: str, close: Callable[[], None], help: str, between: Callable[[], None] | None = None
) -> None:
    """A heading with a cross at its end.

    Parameters
    ----------
    title : Markdown
    key : of the cross
    close : called before the page runs again
    help : what the cross does
    between : draws what stands before the cross
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="panel-heading", wrap=False):
        st.markdown(f"#### {title}", width="stretch")
        if between is not None:
            between()
        st.button("", key=key, type="tertiary", icon=":material/close:", on_click=close, help=help)


def row_list(visit: Visit, items: np.ndarray, where: str, about: Callable[[Line], str], height: int) -> None:
    """Items as rows that a click opens.

    Parameters
    ----------
    items : int array of shape (r,), in the order of the list
    where : the start of each button's key
    about : Markdown about a row, before its name
    height : pixels; a longer list scrolls
    """
    view, space, roles = visit.view, visit.space, visit.entry.roles
    lines, shown, label = view.lines(items), space.shown(items), roles.label
    with st.container(height=height, border=False, gap="xsmall" if roles.image else None, key=f"list-{where}"):
        for line, content in zip(lines, shown, strict=True):
            name = literal(view.row_name(line.row)) + (f", {passage_of(line)}" if passage_of(line) else "")
            text = literal(shorten(content.text or _known(content.line, label and cell(space, line.row, label)), _TEXT))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if picture := picture_of(space, roles, line.row):
                    st.image(picture, width=32)
                st.button(
                    f"{about(line)} &nbsp; :gray[{name}]" + (f"  \n{text}" if text else ""),
                    key=f"{where}-{line.item}", type="tertiary", width="stretch",
                    on_click=open_row, args=(line.row, line.passage, line.passages),
                )  # fmt: skip


def _known(line: str, label: str | None) -> str:
    """What a line says of an item without a text, without the row's number and the label, which stand beside it."""
    known = line.partition(" ")[2].partition(" ")[2]
    return "" if known == label else known
