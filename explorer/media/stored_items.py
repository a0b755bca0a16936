"""Items as an entry of the store: one line for each link, and one for each row without an item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.media.items import Items
from explorer.store.sealed import to_arrow


def to_entry(items: Items) -> tuple[pa.Table, dict[str, Any]]:
    """The lines as a table, and `info`: the reasons by their numbers, and whether there are spans."""
    reasons = list(dict.fromkeys(reason for _, reason in items.skipped))
    count, skipped = len(items.links), len(items.skipped)
    line = np.zeros((count + skipped, 5), np.int32)  # row, item, begin, end, reason
    line[:count, :2], line[:count, 4] = items.links, -1
    if items.spans is not None:
        line[:count, 2:4] = items.spans
    line[count:, 1] = -1
    if skipped:
        line[count:, 0] = [row for row, _ in items.skipped]
        line[count:, 4] = [reasons.index(reason) for _, reason in items.skipped]
    digests = np.zeros(len(line), "S16")
    digests[:count] = items.digests[items.links[:, 1]]
    return to_arrow(line=line, digest=digests), {"reasons": reasons, "spans": items.spans is not None}


def from_entry(arrays: Mapping[str, np.ndarray], info: Mapping[str, Any]) -> Items:
    """The items that `to_entry` wrote."""
    line, reasons = arrays["line"], info["reasons"]
    held = line[:, 1] >= 0
    links = line[held, :2]
    digests = np.zeros(int(links[:, 1].max(initial=-1)) + 1, "S16")
    digests[links[:, 1]] = arrays["digest"][held]
    skipped = tuple((int(row), reasons[reason]) for row, reason in line[~held][:, [0, 4]])
    return Items(links, digests, skipped, line[held, 2:4] if info["spans"] else None)
