"""Comments with a time and an author before each, as Jira writes them: "02/Mar/26 9:00 AM;ana;Same here"."""

from __future__ import annotations

import re
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from explorer.wording import listed

_COMMENTS = (
    *("comment", "comments", "kommentar", "kommentare", "commentaire", "commentaires", "comentario", "comentarios"),
    *("comentário", "comentários", "commento", "commenti", "opmerking", "opmerkingen", "комментарий", "комментарии"),
    *("コメント", "评论", "備註", "댓글"),
)
_SIGNATURE = r"\d{1,4}[/.-][\pL\d.]{1,9}[/.-]\d{1,4},? \d{1,2}:\d{2}(?::\d{2})?(?: ?[\pL.]{1,5})?;[^;\n]{0,80}"
_SIGNED = rf"(?s)^({_SIGNATURE});(.*)$"
_SIGN_OF_ONE = r"\d{1,4}[/.-][^;\n]{5,40};"
_LOOKED = 200  # rows
_WHO = "(when; who)"


def parted(names: list[str], columns: list[pa.ChunkedArray]) -> tuple[list[str], list[pa.ChunkedArray], str]:
    """Signed comments as texts, with the signatures in columns after them. Returns names, columns, a sentence or ""."""
    made, kept, told = list[str](), list[pa.ChunkedArray](), list[str]()
    for name, places in groupby(range(len(names)), key=lambda at: names[at].strip()):
        group = [columns[at] for at in places]
        made += [name] * len(group)
        if name.lower() in _COMMENTS and _signed(group):
            kept += [pc.replace_substring_regex(cells, _SIGNED, r"\2") for cells in group]
            made += [f"{name} {_WHO}"] * len(group)
            kept += [_signature(cells) for cells in group]
            told.append(repr(f"{name} {_WHO}"))
        else:
            kept += group
    note = f"When and by whom each comment was written stands in {listed(told, 3)}." if told else ""
    return made, kept, note


def _signature(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(_is_signed(cells), pc.replace_substring_regex(cells, _SIGNED, r"\1"), "")


def _is_signed(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(pc.match_substring_regex(cells, _SIGNED), False)


def _signed(group: list[pa.ChunkedArray]) -> bool:
    """Whether nearly all cells that hold something begin with a time and an author."""
    first = [cell for cells in group for cell in cells.slice(0, _LOOKED).to_pylist() if cell and cell.strip()]
    if first and not any(re.match(_SIGN_OF_ONE, cell) for cell in first):
        return False  # do not look at all cells of a long column
    signed = sum(pc.sum(_is_signed(cells)).as_py() or 0 for cells in group)
    filled = sum(
        pc.sum(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(cells), ""), False)).as_py() or 0 for cells in group
    )
    return bool(signed and signed >= 0.9 * filled)
