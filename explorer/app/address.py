"""What the address says, read with care: anybody may type anything there."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from explorer.space import Space

T = TypeVar("T")

NO_ROW = {"at": None, "row": None, "passage": None}  # for `put`: no row is open


def whole_number(text: str, low: int, high: int) -> int | None:
    """The whole number that a text writes, where it lies within low and high; else None."""
    # Python refuses to read thousands of digits, and reads digits of other scripts too.
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        return None
    return int(text) if low <= int(text) <= high else None


def put(**changes: str | None) -> None:
    """Change parameters of the address together; None takes one out. However much changes, the browser's history gets
    one entry, so that Back undoes it as a whole."""
    now = st.query_params.to_dict()
    both: dict[str, str | None] = {**now, **changes}
    wanted = {name: value for name, value in both.items() if value is not None}
    if wanted != now:
        st.query_params.from_dict(wanted)


def item_in_address(space: Space) -> int | None:
    """The item of the row that `at` names (from 0), and of several the one that `passage` names (from 1); None where
    there is none."""
    row = row_in_address(space.table.num_rows)
    if row is None or space.item_of_row[row] < 0:
        return None
    first = int(np.searchsorted(space.links[:, 0], row))
    count = int(np.searchsorted(space.links[:, 0], row + 1)) - first
    passage = whole_number(st.query_params.get("passage", ""), 1, count) or 1
    return int(space.links[first + passage - 1, 1])


def row_in_address(rows: int) -> int | None:
    """The row that `at` names, one of so many. Links made by version 0.1 name it `row` and count from 1."""
    row = whole_number(st.query_params.get("at", ""), 0, rows - 1)
    if row is None and (before := whole_number(st.query_params.get("row", ""), 1, rows)) is not None:
        row = before - 1
    return row


def open_row(row: int, passage: int = 1, passages: int = 1) -> None:
    """Open a row (from 0), and one of its passages (from 1) where it has several."""
    put(**{**NO_ROW, **address_of(row, passage, passages)})


def close_row() -> None:
    """Close the row that is open."""
    put(**NO_ROW)


def row_of_item(space: Space, item: int) -> dict[str, str]:
    """The parameters of the address that name an item."""
    return address_of(int(space.items.first_rows[item]), *space.items.passage(item))


def address_of(row: int, passage: int = 1, passages: int = 1) -> dict[str, str]:
    """The parameters of the address that name a row (from 0), and one of its passages (from 1) where it has several."""
    return {"at": str(row)} | ({"passage": str(passage)} if passages > 1 else {})


def object_in_address(name: str) -> dict[str, Any] | None:
    """The JSON object that a parameter holds; None where it holds anything else."""
    try:
        value = json.loads(st.query_params.get(name, ""))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def one_of(names: Container[str]) -> Callable[[str], str | None]:
    """A `read` for `bound`: what the address says where it is one of some names, else None."""
    return lambda text: text if text in names else None


def value_of(name: str, usual: T, read: Callable[[str], T | None]) -> T:
    """The value that a parameter of the address names; the usual one where it names none or `read` finds none in it."""
    value = read(st.query_params[name]) if name in st.query_params else None
    return usual if value is None else value


def bound(
    widget: Callable[..., object],
    label: str,
    name: str,
    *,
    usual: T,
    read: Callable[[str], T | None],
    write: Callable[[T], str] = str,
    forgets: Iterable[str] = (),
    then: Callable[[], None] | None = None,
    key: str = "",
    **arguments: Any,
) -> T:
    """Draw a widget whose value is kept in the address, and give that value.

    Streamlit's own `bind` puts what a widget shows into the address; this puts there what `write` makes of the value,
    checks what comes from there, and makes each change an entry of the browser's history.

    Parameters
    ----------
    widget : such as `st.slider`; `label`, `key` and `arguments` go to it
    name : the parameter of the address, which is there only while the value is not the usual one
    read, write : a value from its text (None where the text names none) and its text
    forgets : parameters of the address that a change takes out
    then : called after a change, before the page runs again
    key : of the widget; its parameter's name by default
    """
    key = key or name
    value = value_of(name, usual, read)
    if st.session_state.get(key) != value:
        st.session_state[key] = value

    def changed() -> None:
        chosen = st.session_state[key]
        if chosen is None:  # an empty box
            chosen = usual
        put(**{**dict.fromkeys(forgets), name: None if chosen == usual else write(chosen)})
        if then is not None:
            then()

    widget(label, key=key, on_change=changed, **arguments)
    return value
