"""The rows of a file that could not be read, kept so that their owner can look at them and mend them."""

from __future__ import annotations

import hashlib
import json

import pyarrow as pa

from explorer.store.store import Store
from explorer.table.table import Table

KIND = "library"  # nobody but their owner can provide them again, so they are not evicted


def rejected_of(table: Table) -> pa.Table:
    """The rejected rows of a table: line (from 1), reason, and the row as it stands in the file."""
    lines, reasons = zip(*table.rejected, strict=True) if table.rejected else ((), ())
    rows = [text.encode("utf-8", "replace").decode() for text in table.contents]
    return pa.table(
        {
            "line": pa.array(lines, pa.int64()),
            "reason": pa.array(reasons, pa.string()),
            "row": pa.array(rows, pa.string()),
        }
    )


def keep_rejected(store: Store, table: Table) -> str:
    """Store the rejected rows of a table. Returns the key that names them; "" where there are none."""
    if not table.rejected:
        return ""
    # Tables of equal rows may have lost other ones: the key follows from what is kept.
    text = json.dumps([table.rejected, table.contents], ensure_ascii=True)
    key = f"rejected-{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
    store.put(KIND, key, rejected_of(table))
    return key


def kept_rejected(store: Store, key: str) -> pa.Table | None:
    """The stored rejected rows; None where there are none."""
    return store.get(KIND, key) if key else None
