"""Vectors by content: a table for each model, with a row for each content, and a check for each row.

So last week's file plus 500 new rows embeds only 500 rows, and one flipped byte costs only one vector.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.store.sealed import meta, to_arrays, to_arrow, with_meta

_BLOCK = 1_024  # rows


def table_name(model: str) -> str:
    """The name of a model's table: a digest, since Hub ids hold slashes and dots, and two may differ only in case."""
    return f"vectors-{hashlib.blake2b(model.encode(), digest_size=16).hexdigest()}"


def to_rows(model: str, digests: np.ndarray, vectors: np.ndarray, truncated: np.ndarray) -> pa.Table:
    """Rows to store, each with its check. The table's metadata holds the model's name.

    digests : S16 of shape (n,), one a content
    vectors : float32 of shape (n, d)
    truncated : bool of shape (n,), contents that the model cut
    """
    checks = row_checks(model, digests, vectors, truncated)
    return with_meta(to_arrow(digest=digests, vector=vectors, truncated=truncated, check=checks), {"model": model})


def model_of(data: pa.Table) -> str | None:
    """The model of these rows; None where the table holds something else."""
    return meta(data).get("model")


@dataclass(frozen=True)
class Found:
    """What a model's table holds of m contents.

    known : bool array of shape (m,)
    vectors : float32 array of shape (m, d), zero where unknown; None where nothing is stored
    truncated : bool array of shape (m,), contents that the model cut
    damaged : how many rows of these contents failed their check
    hopeless : whether no row of the table passes its check
    """

    known: np.ndarray
    vectors: np.ndarray | None
    truncated: np.ndarray
    damaged: int = 0
    hopeless: bool = False


def find(data: pa.Table | None, model: str, digests: np.ndarray) -> Found:
    """The contents with these digests (S16 of shape (m,)) among the rows of a model's table.

    Checks only the rows of these contents. Raises Arrow's errors where the table holds something else.
    """
    known, truncated = np.zeros(len(digests), bool), np.zeros(len(digests), bool)
    if data is None or not len(digests):
        return Found(known, None, truncated)
    wanted = holds(digests, data)
    columns = to_arrays(data if wanted.all() else data.filter(pa.array(wanted)))
    sound = np.flatnonzero(intact(columns, model))
    damaged = len(columns["digest"]) - len(sound)
    if not len(sound):
        return Found(known, None, truncated, damaged, hopeless=len(data) > 0 and not _any_intact(data, model))
    order = sound[np.argsort(columns["digest"][sound], kind="stable")]
    stored = columns["digest"][order]
    place = np.minimum(np.searchsorted(stored, digests), len(stored) - 1)
    known = stored[place] == digests
    vectors = columns["vector"][order[place]].astype(np.float32, copy=False)
    vectors[~known] = 0
    truncated = columns["truncated"][order[place]] & known
    return Found(known, vectors, truncated, damaged)


def holds(digests: np.ndarray, data: pa.Table) -> np.ndarray:
    """Which rows of a table belong to contents with these digests (S16 of shape (m,)): bool of shape (n,)."""
    return _among(data.column("digest"), to_arrow(digest=digests).column("digest"))


def held(digests: np.ndarray, data: pa.Table) -> np.ndarray:
    """Which of these digests (S16 of shape (m,)) have a row in a table, intact or not: bool of shape (m,)."""
    return _among(to_arrow(digest=digests).column("digest"), data.column("digest"))


def _among(column: pa.ChunkedArray, values: pa.ChunkedArray) -> np.ndarray:
    return pc.is_in(column, value_set=values.combine_chunks()).to_numpy()


def _any_intact(data: pa.Table, model: str) -> bool:
    """Whether any row passes its check. Usually only the first block is read."""
    blocks = (data.slice(start, _BLOCK) for start in range(0, len(data), _BLOCK))
    return any(intact(to_arrays(block), model).any() for block in blocks)


def intact(columns: dict[str, np.ndarray], model: str) -> np.ndarray:
    """Which rows pass their check: bool of shape (n,)."""
    return columns["check"] == row_checks(model, columns["digest"], columns["vector"], columns["truncated"])


def row_checks(model: str, digests: np.ndarray, vectors: np.ndarray, truncated: np.ndarray) -> np.ndarray:
    """CRC-32 of the model's name and each row's digest, vector and flag: uint32 of shape (n,).

    digests : S16 of shape (n,)
    vectors : float32 of shape (n, d)
    truncated : bool of shape (n,)
    """
    begin = zlib.crc32(model.encode())
    names = np.ascontiguousarray(digests, "S16").view("V16").tolist()  # as bytes that keep zeros at the end
    starts = map(zlib.crc32, names, np.where(truncated, begin + 1, begin).tolist())
    checks = map(zlib.crc32, np.ascontiguousarray(vectors, np.float32), starts)
    return np.fromiter(checks, np.uint32, len(digests))
