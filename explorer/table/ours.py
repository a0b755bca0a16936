"""The columns that we add to a user's: in exports, and to a file that is the next version of another."""

from __future__ import annotations

import re
from collections.abc import Iterable

ROW, CLUSTER, CLUSTER_NAME, OUTLIER = "_row", "_cluster", "_cluster_name", "_outlier"
NEIGHBORS, TAGS, VERSION, ROW_KEY = "_neighbors", "_tags", "_version", "_row_key"
AGAIN = "_before"  # what the name of such a column of the file itself gets at its end, in an export of the export

_EXPORTED = re.compile(rf"(_[xyz]|{ROW}|{CLUSTER}|{CLUSTER_NAME}|{OUTLIER}|{NEIGHBORS}|{TAGS})({AGAIN})*")
_STORED = re.compile(rf"({VERSION}|{ROW_KEY})({AGAIN})*")


def ours(columns: Iterable[str]) -> set[str]:
    """Which columns of a table we have made: they describe its rows, and are neither texts nor vectors.

    Names such as `_x` and `_tags` are also given elsewhere, so those of exports count only beside `_cluster_name`.
    """
    names = list(columns)
    exported = CLUSTER_NAME in names
    return {name for name in names if _STORED.fullmatch(name) or (exported and _EXPORTED.fullmatch(name))}
