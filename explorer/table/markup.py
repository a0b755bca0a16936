"""HTML in cells: found on a sample of each column, and taken away where a text is read instead of shown as a cell.

Whether a column holds HTML is decided by tags that HTML has, so that "a < b", "<name>" and lists in code are none. What
a cell becomes depends on that cell alone. The expressions are Arrow's, which take linear time whatever a cell holds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.table.notes import Note
from explorer.table.table import Table, cells_at, holds_text
from explorer.wording import listed

_SAMPLE = 500  # cells looked at in each column, evenly spaced
_TAGGED = 0.1  # the share of cells with tags from which a column holds HTML
_ESCAPED = 0.05  # the share of cells with entities such as &amp;
_CODED = 0.4  # the share of cells with lines of code, outside of HTML's own, from which it is code

_BLOCKS = (
    "address|article|aside|blockquote|body|br|button|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|"
    "figure|footer|form|h[1-6]|header|hr|html|legend|main|nav|ol|option|p|pre|section|select|summary|table|tbody|tfoot|"
    "thead|tr|ul"
)
_INLINE = (
    "a|abbr|acronym|audio|b|base|bdi|bdo|big|canvas|cite|code|col|colgroup|data|del|dfn|em|embed|font|i|iframe|img|"
    "input|ins|kbd|label|link|mark|meta|meter|object|output|param|picture|progress|q|s|samp|small|source|span|strike|"
    "strong|sub|sup|svg|textarea|time|tt|u|var|video|wbr|[a-z]+:[a-z]+"
)
_NAMES = rf"{_BLOCKS}|{_INLINE}|li|td|th|script|style|head|title"
# The rest of a tag. Quotes may hold a ">", but no "<": a quote that is never closed must not take the text with it.
_REST = r"""(?:\s(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*|[^<>]*))?/?>"""
_ENTITY = (
    r"&(?:nbsp|amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[lr][sd]quo|[lr]aquo|[nm]dash|hellip|bull|middot|"
    r"copy|reg|trade|euro|pound|deg|szlig|zwnj|shy|[a-zA-Z]{1,2}(?:acute|grave|uml|circ|tilde|cedil|ring|slash|lig));"
)
# What is certainly HTML: a tag that ends an element, one that needs no end, or a comment.
_CERTAIN = rf"(?i)</(?:{_NAMES})\s*>|<(?:br|p|hr|div|img|li|!--)(?:\s[^<>]*)?/?>|<!--"
_CERTAIN_ESCAPED = rf"(?i)&lt;/(?:{_NAMES})\s*&gt;|&lt;(?:br|p|hr|div|img|li)(?:\s[^<>&]*)?/?&gt;"
_ANY = rf"(?i)</?(?:{_NAMES}){_REST}|<!--|{_ENTITY}"
_OF_CODE = r"(?is)<(?:pre|code|script|style)\b[^>]*>.*?</(?:pre|code|script|style)\s*>"
_CODE = (
    r"(?m)^\s*(?:def |class \w+\W|import [\w.]+|from [\w.]+ import |#include|<\?php|function\b.*\(|"
    r"(?:const|let|var|public|private|static) .*[;{=]|return\b.*;\s*$|[{}]+[;,]?\s*$)|className=|=>"
)
_SUBSTITUTES = (
    (r"(?s)<!--.*?-->", ""),
    (
        "(?is)"
        + "|".join(
            rf"<{name}\b[^>]*>.*?</{name}\s*>" for name in ("head", "script", "style", "template", "noscript", "xml")
        ),
        " ",
    ),
    (r"(?i)<(?:!doctype|!\[|\?xml|/?html)[^<>]*>", ""),
    (r"""(?i)<img\s(?:[^<>]*\s)?alt\s*=\s*["']([^"'<>]+)["'][^<>]*>""", r" \1 "),
    (r"(?i)</li\s*>", ""),
    (rf"(?i)\s*<li{_REST}\s*", "\n- "),
    (rf"(?i)</?(?:{_BLOCKS}){_REST}", "\n"),
    (rf"(?i)<t[dh]{_REST}", " "),
    (rf"(?i)</?(?:{_NAMES}){_REST}", ""),
)
_SPACES = (
    ("\r\n?", "\n"),
    ("[ \t\u00a0\u200b\ufeff]+", " "),
    (" ?\n ?", "\n"),
    (r"\n{3,}", "\n\n"),
)
_ONE_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")

_FOUND: WeakKeyDictionary[Table, tuple[str, ...]] = WeakKeyDictionary()


def marked_up(table: Table) -> tuple[str, ...]:
    """The columns whose cells hold HTML: tags, or entities such as &amp;. Looked for once in each table."""
    found = _FOUND.get(table)
    if found is None:
        found = _FOUND[table] = columns_with_markup(table.arrow)
    return found


def columns_with_markup(table: pa.Table) -> tuple[str, ...]:
    """The columns of a table whose cells hold HTML."""
    return tuple(
        name
        for name, column in zip(table.column_names, table.columns, strict=True)
        if holds_text(column.type) and _holds_markup(column)
    )


def markup_note(columns: Sequence[str]) -> list[Note]:
    """A sentence about these columns; none where there are none."""
    if not columns:
        return []
    held = f"Column {columns[0]} holds" if len(columns) == 1 else f"Columns {listed(columns, 5)} hold"
    return [Note(f"{held} HTML: its tags are left out of the texts on the map, and stay in the table.", "markup")]


def without_markup(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells of a text column without HTML: tags and what shows no text left out, entities as their characters.

    Ends of paragraphs and rows become line breaks. Cells without HTML stay exactly as they are.
    """
    marked = pc.fill_null(pc.match_substring_regex(column, _ANY), False)
    if not pc.any(marked).as_py():
        return column
    cells = column.filter(marked).combine_chunks()
    # Some systems store the tags themselves as entities: &lt;p&gt;
    escaped = pc.and_(
        pc.match_substring_regex(cells, _CERTAIN_ESCAPED), pc.invert(pc.match_substring_regex(cells, _CERTAIN))
    )
    cells = _unescaped(cells, escaped)
    for pattern, instead in _SUBSTITUTES:
        cells = pc.replace_substring_regex(cells, pattern, instead)
    cells = _unescaped(cells, pc.match_substring(cells, "&"))
    for pattern, instead in _SPACES:
        cells = pc.replace_substring_regex(cells, pattern, instead)
    cells = pc.utf8_trim_whitespace(cells)
    return pa.chunked_array([pc.replace_with_mask(column.combine_chunks(), marked.combine_chunks(), cells)])


def _holds_markup(column: pa.ChunkedArray) -> bool:
    filled = np.flatnonzero(pc.fill_null(pc.greater(pc.binary_length(column), 0), False).to_numpy())
    if not len(filled):
        return False
    cells = cells_at(column, filled[np.unique(np.linspace(0, len(filled) - 1, _SAMPLE).astype(np.int64))])
    if not _share(cells, "[<&]"):
        return False
    tagged = _share(cells, f"{_CERTAIN}|{_CERTAIN_ESCAPED.removeprefix('(?i)')}")
    if tagged < _TAGGED and _share(cells, _ENTITY) < _ESCAPED:
        return False
    if _share(cells, r"^\s*[\[{]") > 0.5:  # JSON
        return False
    return _share(pc.replace_substring_regex(cells, _OF_CODE, ""), _CODE) < _CODED


def _share(cells: pa.ChunkedArray, pattern: str) -> float:
    return float(pc.mean(pc.match_substring_regex(cells, pattern).cast(pa.int8())).as_py())


def _unescaped(cells: pa.Array, chosen: pa.Array) -> pa.Array:
    """The cells with entities as characters where `chosen`. Only those that end in a semicolon: "a&copy=1" is none."""
    if not pc.any(chosen).as_py():
        return cells
    texts = [
        _ONE_ENTITY.sub(lambda found: html.unescape(found.group()), text) for text in cells.filter(chosen).to_pylist()
    ]
    return pc.replace_with_mask(cells, chosen, pa.array(texts, cells.type))
