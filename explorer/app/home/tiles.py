"""What was found, in five numbers. Each is a link to what it counts, and follows the filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from explorer.app import session
from explorer.app.cache import cached
from explorer.app.cards import cards
from explorer.app.home.unread import open_list, unread
from explorer.app.links import page_link
from explorer.app.visit import Visit
from explorer.library.workspaces import keep_selection
from explorer.space import Space
from explorer.views.map_content import REPEATS

_STYLE = """
.st-key-tiles :is(a, button) strong { font-size: 1.7rem; font-weight: 600; display: block; line-height: 1.25; }
"""


@dataclass(frozen=True)
class Tile:
    """A number with what it counts.

    Attributes
    ----------
    number, of : how many meet the filter, and how many there are without one; they are the same where there is none
    one, many : the noun
    more : what else is to say, on a line of its own
    page, params : where the link leads: a key of `PAGES`, and parameters of its address; "" for the list on this page
    """

    number: int
    of: int
    one: str
    many: str
    more: str
    page: str
    params: dict[str, str]

    def __str__(self) -> str:
        """ "445 rows", "55 of 445 rows"."""
        number = f"{self.number:,}" + (f" of {self.of:,}" if self.number != self.of else "")
        return f"**{number}** {self.one if self.of == 1 else self.many}"


def tiles(visit: Visit) -> list[Tile]:
    """The five numbers: rows, groups, possible outliers, repeated rows, errors or cut."""
    space, view = visit.space, visit.view
    counted, content = view.counted, space.item_of_row >= 0
    amount = view.amount_of_rows(np.flatnonzero(content))
    rows = visit.entry.rows
    groups = view.cluster_of_row
    without = int((counted & (groups < 0)).sum())
    outliers = view.amount(space.strange).rows
    repeated = repeated_rows(space.key("items"), _space=space)
    here = repeated[counted[repeated]]
    broken = unread(visit)
    return [
        Tile(
            rows if view.rows is None else amount.rows, rows, "row", "rows",
            f"{amount.distinct:,} distinct", "map", {},
        ),
        Tile(
            len(np.unique(groups[counted & (groups >= 0)])), len(visit.groups), "group", "groups",
            f"{without:,} {'row' if without == 1 else 'rows'} in no group" if without else "every row is in a group",
            "clusters", {},
        ),
        Tile(
            outliers, len(space.items.rows_of(np.flatnonzero(space.strange))), "possible outlier", "possible outliers",
            "far from their neighbors" if outliers else "no row stands out", "outliers", {},
        ),
        Tile(
            len(here), len(repeated), "repeated row", "repeated rows", "same text as an earlier row", "map",
            {"color": REPEATS, "sel": kept(space, here), "why": "repeated rows"} if len(here) else {},
        ),
        Tile(broken.here, broken.all, "errors or cut", "errors or cut", broken.reasons, "", {}),
    ]  # fmt: skip


def draw_tiles(visit: Visit) -> None:
    """The numbers side by side."""
    found = tiles(visit)
    with cards("tiles", "tile", [tile.many.replace(" ", "-") for tile in found], 150, _STYLE) as boxes:
        for box, tile in zip(boxes, found, strict=True):
            with box:
                if tile.page:
                    page_link(tile.page, str(tile), icon="", **tile.params)
                else:
                    st.button(str(tile), key="list-errors", type="tertiary", on_click=open_list)
                st.caption(tile.more)


def kept(space: Space, rows: np.ndarray) -> str:
    """The digest of a selection, which is stored so that a link can lead to it."""
    return _kept(space.recipe.key, rows.tobytes(), _rows=rows)


@cached()
def _kept(recipe: str, rows: bytes, _rows: np.ndarray) -> str:
    return keep_selection(session.store(), _rows)


@cached()
def repeated_rows(items: str, _space: Space) -> np.ndarray:
    """The rows with the same content as an earlier row: ascending int64. A row of several passages is the same where
    all of them are."""
    links = _space.links
    rows, starts = np.unique(links[:, 0], return_index=True)
    if not _space.items.several:
        return np.setdiff1d(rows, _space.items.first_rows).astype(np.int64)
    held = np.array([part.tobytes() for part in np.split(links[:, 1], starts[1:])], object)
    _, first = np.unique(held, return_index=True)
    return np.delete(rows, first).astype(np.int64)
