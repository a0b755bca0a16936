"""The themes report in words, as a table, and as a page that works offline."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd

from explorer.analysis.themes import Theme, Themes
from explorer.views.coloring import PALETTE
from explorer.views.offline import offline_page
from explorer.wording import counted, shorten

# No script runs in the page, and nothing is loaded from a network.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_UP, _DOWN = "▲", "▼"

_STYLE = """
main { display: block; max-width: 1080px; }
header, footer { max-width: 1080px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: right; font-weight: 600; color: var(--muted); font-size: 13px; padding: 8px; vertical-align: bottom; }
td { text-align: right; padding: 8px; border-top: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child, .words { text-align: left; overflow-wrap: anywhere; }
.share { min-width: 150px; }
.bar { display: block; height: 6px; border-radius: 3px; margin-top: 4px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 8px; }
.marked { font-weight: 700; }
section { break-inside: avoid; margin-top: 24px; }
section p { margin: 2px 0 0; color: var(--muted); font-size: 14px; }
blockquote { margin: 8px 0 0 18px; padding-left: 12px; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
blockquote small { color: var(--muted); white-space: nowrap; }
footer { margin-top: 32px; } footer p { margin: 8px 0 0; }
@media (max-width: 799px) { .wide { display: none; } .share { min-width: 72px; } td, th { padding: 8px 4px; } }
@media print { body { padding: 0; } }
"""

_BODY = """<main>
<table>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
{sections}
</main>
<footer>{notes}</footer>"""


def themes_html(report: Themes, title: str, colors: Sequence[str] = ()) -> str:
    """The report as one page of HTML without scripts.

    colors : one CSS color a theme
    """
    shown = [*colors, *PALETTE][: max(len(colors), len(PALETTE))]
    dots = [shown[place] if place < len(shown) else "#9aa1ab" for place in range(len(report.themes))]
    body = _BODY.format(
        heads="".join(f'<th scope="col" class="{kind}">{escape(head)}</th>' for head, kind in _heads(report)),
        rows="\n".join(_row(report, theme, dot) for theme, dot in zip(report.themes, dots, strict=True)),
        sections="\n".join(_section(theme, dot) for theme, dot in zip(report.themes, dots, strict=True)),
        notes="".join(f"<p>{escape(note)}</p>" for note in notes(report)),
    )  # fmt: skip
    return offline_page(title, counts_sentence(report), body, policy=POLICY, style=_STYLE).decode("utf-8")


def themes_table(report: Themes) -> pd.DataFrame:
    """A line for each theme, as the page and the download show it. Shares in percent, changes in percentage points."""
    lines = []
    for theme in report.themes:
        line: dict[str, object] = {"theme": theme.name, "rows": theme.rows, "share %": round(100 * theme.share, 1)}
        if report.has_numbers:
            line[f"mean {report.by}"] = None if theme.mean is None else round(theme.mean, 3)
        elif report.by is not None:
            value, share = theme.common or (None, None)
            line[f"commonest {report.by}"] = value
            line["its share %"] = None if share is None else round(100 * share, 1)
        if theme.earlier is not None and theme.later is not None and theme.change is not None:
            line["earlier %"] = round(100 * theme.earlier, 1)
            line["later %"] = round(100 * theme.later, 1)
            line["change, points"] = round(theme.change, 1)
            line["beyond chance"] = mark(theme)
        line |= {f"quote {place + 1}": quote.text for place, quote in enumerate(theme.quotes)}
        lines.append(line)
    return pd.DataFrame(lines)


def counts_sentence(report: Themes) -> str:
    """What was counted, in one line."""
    met = " that meet the filter" if report.filtered else ""
    parts = [f"{counted(report.rows, 'row')}{met}", counted(len(report.themes), "theme")]
    if report.rows > report.grouped:
        parts.append(f"{counted(report.rows - report.grouped, 'row')} in none")
    if report.period is not None:
        parts.append(f"{day(report.first)} to {day(report.last)}")
    return " · ".join(parts)


def notes(report: Themes) -> list[str]:
    """What the numbers mean, and when not to trust them."""
    lines = [
        "Themes are groups of rows that mean alike, found by a computer from the texts alone and perhaps corrected "
        "by people; a group's name is made of its own words unless somebody gave it another. Rows at the edge of a "
        "theme may belong to two. Share: of all rows counted.",
    ]
    if report.has_numbers and report.overall is not None:
        overall = number(report.overall)
        lines.append(f"Mean {report.by}: over the theme's rows that have one; over all rows it is {overall}.")
    elif report.common is not None and report.common[0]:
        value, share = report.common
        lines.append(
            f"Commonest {report.by}: with its part of the theme's rows that have one; over all rows it is "
            f"{shorten(value, 60)} ({100 * share:.0f} %)."
        )
    if report.period is not None and report.before and report.after:
        undated = f" {report.undated:,} rows have no date and are in neither." if report.undated else ""
        lines.append(
            f"Periods by {report.period}: earlier is before {day(report.split)} ({report.before:,} rows), later from "
            f"then on ({report.after:,} rows).{undated} Change: of the theme's share, in percentage points. {_UP} and "
            f"{_DOWN} mark a change larger than chance would give: where nothing had changed, fewer than one report "
            "in twenty would mark any theme (Fisher's exact test, Holm's correction). The test takes each row for "
            "one independent event: do not trust a mark that comes of one person's repeated rows."
        )
    elif report.period is not None:
        lines.append(f"All dates of {report.period} lie in one period: there is no change to show.")
    if any(theme.quotes for theme in report.themes):
        lines.append("Quotes are typical of their theme, chosen to differ from each other, and shortened.")
    return lines


def mark(theme: Theme) -> str:
    """A triangle where the theme's change is larger than chance would give; else nothing."""
    return "" if not theme.marked or theme.change is None else _UP if theme.change > 0 else _DOWN


def number(value: float) -> str:
    """A mean as people write it."""
    size = abs(value)
    for least, shape in ((1000, ",.0f"), (100, ".1f"), (0.01, ".2f")):
        if size >= least:
            return format(value, shape)
    return format(value, ".2g")


def day(moment: np.datetime64 | None) -> str:
    """A date as people write it; with the time where that is not midnight."""
    if moment is None:
        return ""
    stamp = pd.Timestamp(moment)
    return stamp.strftime("%Y-%m-%d" if stamp == stamp.normalize() else "%Y-%m-%d %H:%M")


def _heads(report: Themes) -> list[tuple[str, str]]:
    heads = [("theme", ""), ("rows", ""), ("share", "share")]
    if report.has_numbers:
        heads.append((f"mean {report.by}", ""))
    elif report.by is not None:
        heads.append((f"commonest {report.by}", "words"))
    if report.before and report.after:
        heads += [("earlier", "wide"), ("later", "wide"), ("change, points", "")]
    return heads


def _row(report: Themes, theme: Theme, dot: str) -> str:
    largest = max(report.themes[0].share, 1e-9)
    bar = f'<span class="bar" style="width:{100 * theme.share / largest:.1f}%;background:{dot}"></span>'
    cells = [
        f'<td><span class="dot" style="background:{dot}"></span>{escape(theme.name)}</td>',
        f"<td>{theme.rows:,}</td>",
        f'<td class="share">{100 * theme.share:.1f} %{bar}</td>',
    ]
    if report.has_numbers:
        cells.append(f"<td>{'' if theme.mean is None else number(theme.mean)}</td>")
    elif report.by is not None:
        commonest = "" if theme.common is None else f"{shorten(theme.common[0], 60)} ({100 * theme.common[1]:.0f} %)"
        cells.append(f'<td class="words">{escape(commonest)}</td>')
    if theme.change is not None and theme.earlier is not None and theme.later is not None:
        cells += [f'<td class="wide">{100 * part:.1f} %</td>' for part in (theme.earlier, theme.later)]
        kind = ' class="marked"' if theme.marked else ""
        cells.append(f"<td{kind}>{mark(theme)} {theme.change:+.1f}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _section(theme: Theme, dot: str) -> str:
    if not theme.quotes:
        return ""
    quotes = "".join(
        f"<blockquote>{escape(quote.text)} <small>row {quote.row:,}</small></blockquote>" for quote in theme.quotes
    )
    size = f"{counted(theme.rows, 'row')}, {100 * theme.share:.1f} %"
    return (
        f'<section><h2><span class="dot" style="background:{dot}"></span>{escape(theme.name)}</h2>'
        f"<p>{size}</p>{quotes}</section>"
    )
