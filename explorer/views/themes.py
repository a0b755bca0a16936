"""The themes report in words, as a table, and as a page that works offline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import pandas as pd

from explorer.analysis.intervals import Interval
from explorer.analysis.themes import Theme, Themes
from explorer.views.coloring import OTHER, PALETTE
from explorer.views.offline import offline_page
from explorer.views.theme_sections import (
    DOWN,
    TABLES_STYLE,
    UP,
    course_sentences,
    courses_html,
    segment_sentences,
    segments_html,
    triangle,
)
from explorer.wording import counted, listed, shorten

# No script runs in the page, and nothing is loaded from a network.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
NOTHING_BEYOND_CHANCE = "No change is larger than chance."
MINOR = ("share_low %", "share_high %", "mean_low", "mean_high")  # columns of the table that a narrow place leaves out

_STYLE = """
main { display: block; max-width: 1080px; }
header, footer { max-width: 1080px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: right; font-weight: 600; color: var(--muted); font-size: 13px; padding: 8px; vertical-align: bottom; }
td { text-align: right; padding: 8px; border-top: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child, .words { text-align: left; overflow-wrap: anywhere; }
td small { display: block; color: var(--muted); white-space: nowrap; }
.share, .change { min-width: 140px; }
.bar { display: block; width: 100%; height: 12px; margin-top: 4px; }
.bar rect { shape-rendering: crispEdges; }
.bar line { stroke: var(--text); stroke-width: 1.5px; vector-effect: non-scaling-stroke; opacity: .7; }
.bar .zero { stroke: var(--muted); stroke-width: 1px; }
.chance { color: var(--muted); }
.finding { margin: 0 0 16px; font-size: 16px; font-weight: 600; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 8px; }
.marked { font-weight: 700; }
section { break-inside: avoid; margin-top: 24px; }
section p { margin: 2px 0 0; color: var(--muted); font-size: 14px; }
blockquote { margin: 8px 0 0 18px; padding-left: 12px; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
blockquote small { color: var(--muted); white-space: nowrap; }
main h2 { margin-top: 28px; } th small { display: block; font-weight: 400; }
footer { margin-top: 32px; } footer p { margin: 8px 0 0; }
@media (max-width: 799px) {
  .wide { display: none; } .share, .change { min-width: 72px; } td, th { padding: 8px 4px; }
  td small { font-size: 11px; }
}
@media (max-width: 559px) {  /* a theme's name has a line of its own */
  tr { display: flex; flex-wrap: wrap; border-top: 1px solid var(--line); padding: 4px 0; }
  td, th { border: 0; flex: 1 1 0; min-width: 0; padding: 3px 4px; }
  td:first-child { flex: 1 0 100%; } th:first-child { display: none; }
  td:nth-child(2), th:nth-child(2) { flex: 0 0 3.4em; }
}
@media print {
  body { padding: 0; } tr { break-inside: avoid; }
  .dot { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

_BODY = """<main>
{finding}{sentences}<table>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
{tables}
{sections}
</main>
<footer>{notes}</footer>"""


def themes_html(
    report: Themes, title: str, colors: Sequence[str] = (), row_name: Callable[[int], str] = "row {:,}".format
) -> str:
    """The report as one page of HTML without scripts.

    colors : one CSS color a theme
    row_name : what a row (from 0) is called
    """
    shown = [*colors, *PALETTE][: max(len(colors), len(PALETTE))]
    dots = [shown[place] if place < len(shown) else OTHER for place in range(len(report.themes))]
    finding = chance_sentence(report)
    body = _BODY.format(
        finding=f'<p class="finding">{escape(finding)}</p>' if finding else "",
        sentences="".join(
            f"<p>{escape(line)}</p>" for line in (*segment_sentences(report), *course_sentences(report))
        ),
        tables=segments_html(report) + courses_html(report, dots),
        heads="".join(f'<th scope="col" class="{kind}">{escape(head)}</th>' for head, kind in _heads(report)),
        rows="\n".join(_row(report, theme, dot) for theme, dot in zip(report.themes, dots, strict=True)),
        sections="\n".join(_section(theme, dot, row_name) for theme, dot in zip(report.themes, dots, strict=True)),
        notes="".join(f"<p>{escape(note)}</p>" for note in notes(report)),
    )  # fmt: skip
    return offline_page(title, counts_sentence(report), body, policy=POLICY, style=_STYLE + TABLES_STYLE).decode(
        "utf-8"
    )


def themes_table(report: Themes) -> pd.DataFrame:
    """A line for each theme, as the page and the download show it. Shares in percent, changes in percentage points."""
    lines = []
    for theme in report.themes:
        line: dict[str, object] = {"theme": theme.name, "rows": theme.rows, "share %": round(100 * theme.share, 1)}
        line |= _ends("share", Interval(*(100 * end for end in theme.share_range)), 1, " %")
        if report.has_numbers:
            line[f"mean {report.by}"] = None if theme.mean is None else round(theme.mean, 3)
            line |= _ends("mean", theme.mean_range, 3)
        elif report.by is not None:
            value, share = theme.common or (None, None)
            line[f"commonest {report.by}"] = value
            line["its share %"] = None if share is None else round(100 * share, 1)
        if theme.earlier is not None and theme.later is not None and theme.change is not None:
            line["earlier %"] = round(100 * theme.earlier, 1)
            line["later %"] = round(100 * theme.later, 1)
            line["change, points"] = round(theme.change, 1)
            line |= _ends("change", theme.change_range, 1)
            line["beyond chance"] = mark(theme)
        line |= {f"quote {place + 1}": quote.text for place, quote in enumerate(theme.quotes)}
        lines.append(line)
    return pd.DataFrame(lines)


def _ends(name: str, interval: Interval | None, digits: int, unit: str = "") -> dict[str, object]:
    low, high = (None, None) if interval is None else (round(end, digits) for end in interval)
    return {f"{name}_low{unit}": low, f"{name}_high{unit}": high}


def chance_sentence(report: Themes) -> str:
    """Which changes are larger than chance; empty without periods."""
    if all(theme.change is None for theme in report.themes):
        return ""
    beyond = [f"{mark(theme)} {shorten(theme.name, 60)}" for theme in report.themes if theme.marked]
    if not beyond:
        return NOTHING_BEYOND_CHANCE
    verb = "is" if len(beyond) == 1 else "are"
    return f"{counted(len(beyond), 'change')} {verb} larger than chance: {listed(beyond, 6)}."


def counts_sentence(report: Themes) -> str:
    """What was counted, in one line."""
    met = " that meet the filter" if report.filtered else ""
    parts = [f"{counted(report.rows, 'row')}{met}", counted(len(report.themes), "theme")]
    if report.rows > report.grouped:
        parts.append(f"{counted(report.rows - report.grouped, 'row')} in none")
    if report.period is not None:
        parts.append(f"{report.first} to {report.last}")
    return " · ".join(parts)


def notes(report: Themes) -> list[str]:
    """What the numbers mean, and when not to trust them."""
    lines = [
        "Themes are groups of rows with similar meaning, found from the texts alone and perhaps edited by people; a "
        "group's name is made of its own words unless somebody gave it another. A row at the edge of a theme may "
        "fit two. Share: of all rows counted. The thin line is its 95 % interval, for one theme alone: if these rows "
        "are a random sample of a larger whole, it holds the share of that whole in 19 of 20 samples (Wilson's "
        "score interval)."
    ]
    if report.has_numbers and report.overall is not None:
        overall = number(report.overall)
        lines.append(
            f"Mean {report.by}: over the theme's rows that have one; over all rows it is {overall}. Its 95 % interval "
            "is Student's, for one theme alone; there is none where fewer than two different numbers are known."
        )
    elif report.common is not None and report.common[0]:
        value, share = report.common
        lines.append(
            f"Commonest {report.by}: with its part of the theme's rows that have one; over all rows it is "
            f"{shorten(value, 60)} ({100 * share:.0f} %)."
        )
    if report.period is not None and report.before and report.after:
        undated = f" {counted(report.undated, 'row')} without a date count in neither." if report.undated else ""
        lines.append(
            f"Periods by {report.period}: earlier is {report.parts[0]} ({counted(report.before, 'row')}), "
            f"later is {report.parts[1]} ({counted(report.after, 'row')}).{undated} Change: of the theme's share, in "
            "percentage points. Its intervals hold for all themes together, in 19 of 20 reports (Newcombe's hybrid "
            "score interval, Bonferroni's correction). Gray: the interval includes zero, so chance alone can explain "
            f"the change. {UP} and {DOWN}: it does not, and Fisher's exact test agrees. All this takes each row for "
            "one independent event: do not trust a mark that comes from one person's repeated rows."
        )
    elif report.period is not None:
        lines.append(f"All rows lie in one period of {report.period}: there is no change to show.")
    if report.segments is not None and len(report.segments.names) > 1:
        without = report.segments.without
        lines.append(
            f"By {' and '.join(report.segments.columns)}: the share of each theme in the rows of each value, and its "
            "difference from all other rows, in percentage points. Colored: Fisher's exact test, with a false "
            "discovery rate of one in twenty over all cells (Benjamini and Hochberg), finds more than chance."
            + (f" {counted(without, 'row')} without a value count in none." if without else "")
        )
    if report.courses is not None:
        lines.append(
            f"Over time, by {report.courses.every}: the share of each theme in the rows of each period, with its 95 % "
            "interval, for one period alone. New and gone: no row before, or after, where that is more than chance."
        )
    if report.sentences:
        lines.append(
            "Each sentence of an answer was put into a theme. Shares count rows, not sentences: a row that speaks of "
            "two themes is in both, so that shares add up to more than 100 %."
        )
    if any(theme.quotes for theme in report.themes):
        lines.append("Quotes are typical of their theme, chosen to differ from each other, and shortened.")
    return lines


def mark(theme: Theme) -> str:
    """A triangle where the theme's change is larger than chance would give; else nothing."""
    return triangle(theme.marked, theme.change or 0.0)


def number(value: float) -> str:
    """A mean as people write it."""
    size = abs(value)
    for least, shape in ((1000, ",.0f"), (100, ".1f"), (0.01, ".2f")):
        if size >= least:
            return format(value, shape)
    return format(value, ".2g")


def _heads(report: Themes) -> list[tuple[str, str]]:
    heads = [("theme", ""), ("rows", ""), ("share", "share")]
    if report.has_numbers:
        heads.append((f"mean {report.by}", ""))
    elif report.by is not None:
        heads.append((f"commonest {report.by}", "words"))
    if report.before and report.after:
        heads += [("earlier", "wide"), ("later", "wide"), ("change, points", "change")]
    return heads


def _row(report: Themes, theme: Theme, dot: str) -> str:
    low, high = theme.share_range
    largest = max(theme.share_range.high for theme in report.themes)
    cells = [
        f'<td><span class="dot" style="background:{dot}"></span>{escape(theme.name)}</td>',
        f"<td>{theme.rows:,}</td>",
        f'<td class="share">{100 * theme.share:.1f} %<small>{100 * low:.1f} to {100 * high:.1f}</small>'
        f"{_bar(theme.share, theme.share_range, Interval(0, largest), dot)}</td>",
    ]
    if report.has_numbers:
        cells.append(f"<td>{'' if theme.mean is None else number(theme.mean)}{_small(theme.mean_range)}</td>")
    elif report.by is not None:
        commonest = (
            "" if theme.common is None else f"{shorten(theme.common[0], 60)} ({100 * theme.common[1]:.0f}\u00a0%)"
        )
        cells.append(f'<td class="words">{escape(commonest)}</td>')
    if theme.change is not None and theme.earlier is not None and theme.later is not None and theme.change_range:
        cells += [f'<td class="wide">{100 * part:.1f} %</td>' for part in (theme.earlier, theme.later)]
        low, high = theme.change_range
        color = dot if theme.marked else OTHER
        bar = _bar(theme.change, theme.change_range, change_span(report.themes), color)
        cells.append(
            f'<td class="change {"marked" if theme.marked else "chance"}">{mark(theme)} {theme.change:+.1f}'
            f"<small>{low:+.1f} to {high:+.1f}</small>{bar}</td>"
        )
    return f"<tr>{''.join(cells)}</tr>"


def change_span(themes: Sequence[Theme]) -> Interval:
    """From the lowest end of any theme's change to the highest, in percentage points; zero lies within."""
    ends = [theme.change_range for theme in themes if theme.change_range]
    return Interval(min((low for low, _ in ends), default=0.0), max((high for _, high in ends), default=0.0))


def _small(interval: Interval | None) -> str:
    return "" if interval is None else f"<small>{number(interval.low)} to {number(interval.high)}</small>"


def _bar(value: float, ends: Interval, span: Interval, color: str) -> str:
    """A bar from zero with its interval as a thin line, as wide as its cell, for an axis over `span`."""
    scale = 100 / max(span.high - span.low, 1e-9)
    zero, end, low, high = ((at - span.low) * scale for at in (0.0, value, *ends))
    return (
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="{min(zero, end):.2f}" width="{abs(end - zero):.2f}" y="2" height="8" fill="{color}"/>'
        f'<line x1="{low:.2f}" x2="{high:.2f}" y1="6" y2="6"/>'
        f'<line class="zero" x1="{zero:.2f}" x2="{zero:.2f}" y1="0" y2="12"/></svg>'
    )


def _section(theme: Theme, dot: str, row_name: Callable[[int], str]) -> str:
    if not theme.quotes:
        return ""
    quotes = "".join(
        f"<blockquote>{escape(quote.text)} <small>{escape(row_name(quote.row))}</small></blockquote>"
        for quote in theme.quotes
    )
    size = f"{counted(theme.rows, 'row')}, {100 * theme.share:.1f} %"
    return (
        f'<section><h2><span class="dot" style="background:{dot}"></span>{escape(theme.name)}</h2>'
        f"<p>{size}</p>{quotes}</section>"
    )
