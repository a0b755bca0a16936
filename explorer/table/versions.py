"""A table compared with an earlier one: which rows are new, changed, the same, or gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.table.ours import AGAIN, VERSION, ours
from explorer.wording import counted

NEW, CHANGED, SAME = STATES = ("new", "changed", "same")
_COLUMNS_ALIKE = 0.6  # of all columns of both tables are in both, where one is a version of the other
ROWS_ALIKE = 0.5  # of the earlier rows are found again with the same content
_BY_ID = 0.8  # of the rows found by content are found by id too, where the id still names the same rows


@dataclass(frozen=True, eq=False)
class Version:
    """How the n rows of a table follow from those of an earlier one.

    Attributes
    ----------
    earlier : int64 array of shape (n,), the earlier row that each row was; -1 for a new one
    changed : bool array of shape (n,), rows that were there before with another cell
    gone : int64 array, earlier rows that are here no more, ascending
    by : the column whose cells say which row is which; None where the content does
    alike : how many rows have the content that they had before
    """

    earlier: np.ndarray
    changed: np.ndarray
    gone: np.ndarray
    by: str | None
    alike: int

    @cached_property
    def states(self) -> np.ndarray:
        """One of `STATES` for each row: (n,) object."""
        return np.where(self.earlier < 0, NEW, np.where(self.changed, CHANGED, SAME)).astype(object)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, the same, gone."""
        return {**{state: int((self.states == state).sum()) for state in STATES}, "gone": len(self.gone)}

    @property
    def unmoved(self) -> bool:
        """Whether the rows are those of before, in their order."""
        return not len(self.gone) and not self.changed.any() and bool((np.diff(self.earlier, prepend=-1) == 1).all())

    def __str__(self) -> str:
        """ "50 new, 12 changed, 3 gone rows"."""
        return in_words(**self.counts)


def in_words(new: int, changed: int, gone: int, same: int = 0) -> str:
    """ "50 new, 12 changed, 3 gone rows"; what there is none of is left out."""
    parts = [(number, what) for number, what in ((new, "new"), (changed, "changed"), (gone, "gone")) if number]
    if not parts:
        return f"the same {counted(same, 'row')}"
    written = ", ".join(f"{number:,} {what}" for number, what in parts)
    return written + (" row" if parts[-1][0] == 1 else " rows")


def compare(later: pa.Table, earlier: pa.Table, content: Sequence[str], id_column: str | None = None) -> Version:
    """How one table follows from another, by the columns that both have. Our own columns do not count.

    A row is the one with the same id, where ids are unique and mostly name the rows with the same content; else it is
    the one with the same cells, then the one with the same content. Of several alike the first is the first.

    Parameters
    ----------
    content : the columns whose cells are the content of a row, in both tables
    id_column : a column that may name rows
    """
    made = ours(later.column_names) | ours(earlier.column_names)
    shared = [name for name in later.column_names if name in earlier.column_names and name not in made]
    light = [name for name in shared if name not in content and not _is_vector(later.schema.field(name).type)]
    codes_later, codes_earlier = _codes(later, earlier, content)
    whole_later, whole_earlier = _paired(
        (codes_later, codes_earlier), *(_codes(later, earlier, [name]) for name in light)
    )
    found = _matched(whole_later, whole_earlier)
    found = _matched(codes_later, codes_earlier, found)
    by = None
    if id_column in shared and id_column is not None:
        ids = _by_id(later, earlier, id_column)
        if ids is not None and _alike(ids, codes_later, codes_earlier) >= _BY_ID * (found >= 0).sum():
            found, by = ids, id_column
    held = found >= 0
    changed = np.zeros(len(found), bool)
    changed[held] = whole_later[held] != whole_earlier[found[held]]
    gone = np.setdiff1d(np.arange(earlier.num_rows), found[held])
    return Version(found, changed, gone, by, _alike(found, codes_later, codes_earlier))


def may_follow(later: Sequence[str], earlier: Sequence[str], content: Sequence[str]) -> bool:
    """Whether a table of these columns may be a later version of one of those: nearly all are in both."""
    one, other = set(later) - ours(later), set(earlier) - ours(earlier)
    return set(content) <= one & other and len(one & other) >= _COLUMNS_ALIKE * len(one | other)


def alike_at_most(later: pa.Table, earlier: pa.Table, content: Sequence[str]) -> int:
    """How many rows of one table may be rows of another, told by their content alone: quick, and never too few."""
    one, other = (pd.Series(codes[codes >= 0]).value_counts() for codes in _codes(later, earlier, content))
    return int(np.minimum(one, other.reindex(one.index, fill_value=0)).sum())


def looks_like_next(version: Version, earlier_rows: int) -> bool:
    """Whether most of the earlier rows are in a later version, with the content that they had."""
    return mostly(version.alike, earlier_rows)


def mostly(alike: int, earlier_rows: int) -> bool:
    """Whether so many rows are most of the earlier ones."""
    return earlier_rows > 0 and alike >= ROWS_ALIKE * earlier_rows


def with_states(table: pa.Table, version: Version) -> pa.Table:
    """The table with one more column, `_version`: the state of each row."""
    names = [name if name != VERSION else VERSION + AGAIN for name in table.column_names if not _replaced(name, table)]
    table = table.select([name for name in table.column_names if not _replaced(name, table)]).rename_columns(names)
    return table.append_column(VERSION, pa.chunked_array([pa.array(version.states, pa.string())]))


def _replaced(name: str, table: pa.Table) -> bool:
    """Whether a column holds the states of a version before, as an export of it does."""
    if name != VERSION:
        return False
    cells = table.column(name)
    return bool(pa.types.is_string(cells.type)) and set(cells.unique().to_pylist()) <= {*STATES, None}


# --- which row is which ----------------------------------------------------------------------------------------------


def _codes(later: pa.Table, earlier: pa.Table, columns: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """A number for each row of both tables, the same where the cells of these columns are the same: int64."""
    return _paired(*(_of_column(later.column(name), earlier.column(name)) for name in columns))


def _of_column(later: pa.ChunkedArray, earlier: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    cells = [_as_cells(column) for column in (later, earlier)]
    codes = pd.factorize(np.concatenate(cells), use_na_sentinel=True)[0]
    return codes[: len(later)], codes[len(later) :]


def _paired(*pairs: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """One number for each row that stands for all of its numbers."""
    cut = len(pairs[0][0])
    together = np.concatenate(pairs[0]).astype(np.int64)
    for pair in pairs[1:]:
        more = np.concatenate(pair).astype(np.int64) + 1
        together = pd.factorize((together + 1) * (int(more.max(initial=0)) + 1) + more)[0].astype(np.int64)
    return together[:cut], together[cut:]


def _as_cells(column: pa.ChunkedArray) -> np.ndarray:
    """The cells as text without space around it, so that a format that has types is like one that has none; vectors
    and pictures as bytes."""
    kind = column.type
    if pa.types.is_fixed_size_list(kind):
        cells = np.empty(len(column), object)
        at = 0
        for chunk in column.chunks:
            values = chunk.flatten().to_numpy(zero_copy_only=False).astype(np.float32).reshape(-1, kind.list_size)
            held = np.flatnonzero(chunk.is_valid().to_numpy(zero_copy_only=False)) + at
            cells[held] = [(row + 0.0).tobytes() for row in values]  # -0 is 0
            at += len(chunk)
        return cells
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return np.array([*column.to_pylist(), None], object)[:-1]
    if pa.types.is_nested(kind):
        return np.array([None if cell is None else str(cell) for cell in column.to_pylist()], object)
    texts = pd.Series(column.cast(pa.string()).to_pandas(), dtype=object).str.strip()
    return texts.where(texts != "", None).to_numpy(object)


def _matched(later: np.ndarray, earlier: np.ndarray, found: np.ndarray | None = None) -> np.ndarray:
    """The earlier row of each later one, the k-th with a number for the k-th; -1 where there is none.

    found : rows that are matched already; only the others are
    """
    found = np.full(len(later), -1, np.int64) if found is None else found.copy()
    open_later = np.flatnonzero(found < 0)
    open_earlier = np.setdiff1d(np.arange(len(earlier)), found)
    frames = [
        pd.DataFrame({"code": codes[rows], "row": rows})
        for codes, rows in ((later, open_later), (earlier, open_earlier))
    ]
    for frame in frames:
        frame["time"] = frame.groupby("code").cumcount()
    both = frames[0].merge(frames[1], on=["code", "time"])
    found[both["row_x"].to_numpy()] = both["row_y"].to_numpy()
    return found


def _by_id(later: pa.Table, earlier: pa.Table, column: str) -> np.ndarray | None:
    """The earlier row with the same id; None where ids are missing or repeat."""
    ids = _of_column(later.column(column), earlier.column(column))
    for codes in ids:
        if (codes < 0).any() or len(np.unique(codes)) < len(codes):
            return None
    return _matched(*ids)


def _alike(found: np.ndarray, later: np.ndarray, earlier: np.ndarray) -> int:
    """How many rows have the same number as their earlier row."""
    held = np.flatnonzero(found >= 0)
    return int(((later[held] == earlier[found[held]]) & (later[held] >= 0)).sum())  # an empty cell says nothing


def _is_vector(kind: pa.DataType) -> bool:
    """Whether cells are vectors or pictures: a new version may have made them again."""
    return bool(pa.types.is_fixed_size_list(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))
