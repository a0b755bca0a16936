"""Vectors by content: one row a content, each with a check of its own, one table a model.

So last week's file plus 500 new rows embeds 500 rows, and one flipped byte costs one vector.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from explorer.store.sealed import meta, to_arrays, to_arrow, with_meta


def table_name(model: str) -> str:
    """The name of a model's table. A Hub id holds slashes and dots, and two may differ in case alone: a digest."""
    return f"vectors-{hashlib.blake2b(model.encode(), digest_size=16).hexdigest()}"


def to_rows(model: str, digests: np.ndarray, vectors: np.ndarray, truncated: np.ndarray) -> pa.Table:
    """Rows to store, each with its check; the model's name travels along."""
    checks = row_checks(model, digests, vectors, truncated)
    return with_meta(to_arrow(digest=digests, vector=vectors, truncated=truncated, check=checks), {"model": model})


def model_of(data: pa.Table) -> str | None:
    """The model that these rows are of; None where the table holds something else."""
    return meta(data).get("model")


@dataclass(frozen=True)
class Found:
    """What a model's table holds of the contents that were asked for.

    known : bool array of shape (m,)
    vectors : float32 array of shape (m, d), zero where unknown; None where nothing is stored
    truncated : bool array of shape (m,)
    damaged : rows of the table that failed their check
    rows : rows of the table
    """

    known: np.ndarray
    vectors: np.ndarray | None
    truncated: np.ndarray
    damaged: int = 0
    rows: int = 0


def find(data: pa.Table | None, model: str, digests: np.ndarray) -> Found:
    """The contents with these digests (S16 of shape (m,)) among the rows of a model's table."""
    known, truncated = np.zeros(len(digests), bool), np.zeros(len(digests), bool)
    if data is None or not len(digests):
        return Found(known, None, truncated)
    columns = to_arrays(data)
    sound = intact(columns, model)
    damaged, rows = int((~sound).sum()), len(sound)
    order = np.argsort(columns["digest"], kind="stable")
    order = order[sound[order]]
    if not len(order):
        return Found(known, None, truncated, damaged, rows)
    stored = columns["digest"][order]
    place = np.minimum(np.searchsorted(stored, digests), len(stored) - 1)
    known = stored[place] == digests
    vectors = np.zeros((len(digests), columns["vector"].shape[1]), np.float32)
    vectors[known] = columns["vector"][order[place[known]]]
    truncated[known] = columns["truncated"][order[place[known]]]
    return Found(known, vectors, truncated, damaged, rows)


def intact(columns: dict[str, np.ndarray], model: str) -> np.ndarray:
    """Which rows are as they were made: bool of shape (n,)."""
    return columns["check"] == row_checks(model, columns["digest"], columns["vector"], columns["truncated"])


def row_checks(model: str, digests: np.ndarray, vectors: np.ndarray, truncated: np.ndarray) -> np.ndarray:
    """CRC-32 of the model's name and each row's digest, vector and flag: (m,) uint32."""
    checks = np.empty(len(digests), np.uint32)
    vectors = np.ascontiguousarray(vectors, np.float32)
    begin = zlib.crc32(model.encode())
    for row in range(len(digests)):
        start = zlib.crc32(digests[row].ljust(16, b"\0"), begin + int(truncated[row]))
        checks[row] = zlib.crc32(vectors[row], start)
    return checks
