"""The groups by a label: a table of counts whose large cells lie on its diagonal, as HTML whose cells are buttons."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

import numpy as np

from explorer.analysis.agreement import Agreement, diagonal
from explorer.wording import counted, one_line, shorten

_FEW = 12  # values whose names stand upright; those of more are turned
_FAINT, _STRONG = 8, 62  # percent of color in a cell with nearly none and with all of its group

SCRIPT = """
export default ({ data, parentElement, setTriggerValue }) => {
  const box = parentElement.querySelector(".gl");
  if (box.dataset.version !== data.version) {
    box.dataset.version = data.version;
    box.innerHTML = data.html;  // made by explorer/views/label_matrix.py, which escapes every name
  }
  box.onclick = (event) => {
    const cell = event.target.closest("button");
    if (cell) setTriggerValue("cell", [Number(cell.dataset.group), Number(cell.dataset.value)]);
  };
};
"""

STYLE = """
.gl { max-height: min(70vh, 720px); overflow: auto; font-family: var(--st-font); font-size: 13px;
  color: var(--st-text-color); background: var(--st-background-color); width: fit-content; max-width: 100%; }
.gl table { border-collapse: separate; border-spacing: 2px; font-variant-numeric: tabular-nums; }
.gl th { font-weight: 400; background: var(--st-background-color); }
.gl thead th { position: sticky; top: 0; z-index: 2; vertical-align: bottom; padding: 4px 2px; }
.gl thead span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
  width: 76px; line-height: 1.25; overflow-wrap: anywhere; margin: auto; }
.gl .turned span { writing-mode: vertical-rl; transform: rotate(180deg); display: block; width: auto; max-height: 150px;
  white-space: nowrap; text-overflow: ellipsis; text-align: left; overflow-wrap: normal; }
.gl tbody th, .gl thead th:first-child { position: sticky; left: 0; z-index: 1; text-align: left; }
.gl thead th:first-child { z-index: 3; }
.gl tbody th { max-width: 300px; padding: 0 10px 0 0; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.gl thead th:first-child { opacity: 1; padding-right: 10px; }
.gl td { padding: 0; min-width: 34px; height: 28px; }
.gl td.all { padding: 0 8px; text-align: right; opacity: .65; }
.gl button { all: unset; box-sizing: border-box; display: block; width: 100%; height: 28px; line-height: 28px;
  padding: 0 6px; text-align: center; border-radius: 4px; cursor: pointer;
  background: color-mix(in srgb, var(--st-primary-color) var(--s), transparent); }
.gl button:hover { box-shadow: inset 0 0 0 1.5px currentColor; }
.gl button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
@media (max-width: 640px) {
  .gl tbody th { max-width: 116px; }
  .gl thead th:not(:first-child) span { writing-mode: vertical-rl; transform: rotate(180deg); display: block;
    width: auto; max-height: 130px; white-space: nowrap; text-overflow: ellipsis; text-align: left;
    overflow-wrap: normal; }
}
"""


def label_matrix(found: Agreement, names: Sequence[str], column: str) -> str:
    """The table as HTML: a line for each group that holds compared rows, a column for each value; zeros are left out.

    A cell is darker where it holds more of its group. Its button has the places of group and value in `found.counts`.

    names : of the groups
    column : of the values
    """
    lines, places = diagonal(found.counts)
    turned = ' class="turned"' if len(places) > _FEW else ""
    heads = "".join(
        f'<th scope="col"{turned} title="{_title(value)}"><span>{_name(value, 40)}</span></th>'
        for value in (found.values[place] for place in places.tolist())
    )
    body = "\n".join(_line(found, names, column, line, places) for line in lines.tolist())
    return (
        f'<table aria-label="Groups by {_title(column)}">'
        f'<thead><tr><th scope="col">group</th><th scope="col">rows</th>{heads}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table>"
    )


def _line(found: Agreement, names: Sequence[str], column: str, group: int, places: np.ndarray) -> str:
    counts = found.counts[group]
    total = int(counts.sum())
    cells = []
    for empty, run in groupby(places.tolist(), key=lambda place: counts[place] == 0):
        if empty:  # zeros side by side are one cell: a table of many values stays light
            cells.append(f'<td colspan="{len(list(run))}"></td>')
            continue
        for place in run:
            count = int(counts[place])
            share = f"{100 * count / total:.0f} % of “{names[group]}”"
            words = f"{counted(count, 'row')}, {share}, {column}: {found.values[place]}"
            strength = _FAINT + (_STRONG - _FAINT) * count / total
            cells.append(
                f'<td><button type="button" data-group="{group}" data-value="{place}" style="--s:{strength:.0f}%" '
                f'title="{_title(words)}" aria-label="{_title(words)}">{count:,}</button></td>'
            )
    name = names[group]
    return (
        f'<tr><th scope="row" title="{_title(name)}">{_name(name, 60)}</th><td class="all">{total:,}</td>'
        f"{''.join(cells)}</tr>"
    )


def _name(text: str, most: int) -> str:
    return escape(shorten(one_line(text), most)) or "(empty)"


def _title(text: str) -> str:
    return escape(shorten(one_line(text), 200), quote=True)
