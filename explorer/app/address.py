"""What the address says, read with care: anybody may type anything there."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import streamlit as st

from explorer.space import Space


def whole_number(text: str, low: int, high: int) -> int | None:
    """The whole number that a text writes, where it lies within low and high; else None."""
    # Python refuses to read thousands of digits, and reads digits of other scripts too.
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        return None
    return int(text) if low <= int(text) <= high else None


def item_in_address(space: Space) -> int | None:
    """The item of the row that `row` names, and of several the one that `passage` names, both counted from 1; None
    where there is none."""
    row = whole_number(st.query_params.get("row", ""), 1, space.table.num_rows)
    if row is None or space.item_of_row[row - 1] < 0:
        return None
    first = int(np.searchsorted(space.links[:, 0], row - 1))
    count = int(np.searchsorted(space.links[:, 0], row)) - first
    passage = whole_number(st.query_params.get("passage", ""), 1, count) or 1
    return int(space.links[first + passage - 1, 1])


def put_item(space: Space, item: int | None) -> None:
    """Have the address name an item: its first row, and which of its passages where it has several."""
    for name in ("row", "passage"):
        st.query_params.pop(name, None)
    if item is not None:
        st.query_params.update(row_of_item(space, item))


def row_of_item(space: Space, item: int) -> dict[str, str]:
    """The parameters of the address that name an item."""
    place, count = space.items.passage(item)
    row = {"row": str(int(space.items.first_rows[item]) + 1)}
    return {**row, "passage": str(place)} if count > 1 else row


def object_in_address(name: str) -> dict[str, Any] | None:
    """The JSON object that a parameter holds; None where it holds anything else."""
    try:
        value = json.loads(st.query_params.get(name, ""))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
