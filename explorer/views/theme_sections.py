"""Themes by segment and over time, in sentences and as parts of the offline page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from explorer.analysis.over_time import Course
from explorer.analysis.segments import Cell
from explorer.analysis.themes import Themes
from explorer.wording import listed, shorten

TABLES_STYLE = """
.part { font-size: 1.25rem; margin: 16px 0 4px; }
.scroll { overflow-x: auto; }
.cells td, .cells th { text-align: center; padding: 6px 4px; }
.cells td:first-child, .cells th:first-child { text-align: left; }
.cells small { opacity: .75; display: block; }
.cells { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
.courses { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 16px 24px; }
.courses figure { margin: 0; } .courses figcaption { font-size: 13px; overflow-wrap: anywhere; }
.courses svg { width: 100%; height: 64px; display: block; } .courses small { opacity: .7; }
"""
_SAID = 6  # differences that are said in words
UP, DOWN = "▲", "▼"
_RISE, _FALL = "66, 133, 244", "219, 112, 60"  # blue above, orange below: told apart by all eyes
_STRONGEST = 30  # points of difference from which a cell is not darker


def triangle(marked: bool, difference: float) -> str:
    """Up or down where a difference is larger than chance would give; else nothing."""
    return "" if not marked else UP if difference > 0 else DOWN


def segment_sentences(report: Themes) -> Iterator[str]:
    """Which themes stand out in which segments, the clearest first; nothing without segments."""
    by = report.segments
    if by is None:
        return
    if len(by.names) < 2:
        yield f"All rows have one value of {' and '.join(by.columns)}: there are no segments to compare."
        return
    names = {theme.group: theme.name for theme in report.themes}
    marked = sorted((cell for cell in by.cells if cell.marked), key=lambda cell: (cell.p, -abs(cell.difference)))
    if not marked:
        yield f"No theme differs between the values of {' and '.join(by.columns)} by more than chance."
        return
    said = [
        f"{triangle(cell.marked, cell.difference)} {shorten(names[cell.group], 40)} in "
        f"{shorten(by.names[cell.segment], 30)} ({100 * cell.share:.0f} %, {cell.difference:+.0f} points)"
        for cell in marked
    ]
    yield f"Larger than chance by {' and '.join(by.columns)}: {listed(said, _SAID)}."


def course_sentences(report: Themes) -> Iterator[str]:
    """Which themes are new, and which went; nothing without periods, or where none is."""
    times = report.courses
    if times is None:
        return
    pairs = list(zip(report.themes, times.courses, strict=True))
    new = [f"{shorten(theme.name, 40)} ({times.names[course.new_since]})"
           for theme, course in pairs if course.new_since is not None]  # fmt: skip
    gone = [f"{shorten(theme.name, 40)} ({times.names[course.gone_since]})"
            for theme, course in pairs if course.gone_since is not None]  # fmt: skip
    if new:
        yield f"New since: {listed(new, _SAID)}."
    if gone:
        yield f"Gone since: {listed(gone, _SAID)}."


def segments_html(report: Themes) -> str:
    """Theme by segment as a table whose colored cells are more than chance; empty without segments."""
    by = report.segments
    if by is None or len(by.names) < 2:
        return ""
    heads = "".join(
        f'<th scope="col">{escape(shorten(name, 24))}<small>{rows:,}</small></th>'
        for name, rows in zip(by.names, by.rows, strict=True)
    )
    lines = "".join(
        f"<tr><td>{escape(shorten(theme.name, 48))}</td>{''.join(map(_cell, by.of(theme.group)))}</tr>"
        for theme in report.themes
    )
    return (
        f'<h2 class="part">By {escape(" and ".join(by.columns))}</h2>'
        f'<div class="scroll"><table class="cells"><thead><tr><th scope="col">share of rows, %</th>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _cell(cell: Cell) -> str:
    tint = ""
    if cell.marked:
        depth = 0.15 + 0.45 * min(abs(cell.difference) / _STRONGEST, 1)
        tint = f' style="background:rgba({_RISE if cell.difference > 0 else _FALL}, {depth:.2f})"'
    low, high = cell.difference_range
    says = f"{cell.rows:,} rows; {cell.difference:+.1f} points ({low:+.1f} to {high:+.1f}) from all other rows"
    return f'<td{tint} title="{escape(says)}">{100 * cell.share:.0f}<small>{cell.difference:+.0f}</small></td>'


def courses_html(report: Themes, colors: Sequence[str]) -> str:
    """Each theme's share over time as a small picture; empty without periods, or with one."""
    times = report.courses
    if times is None or len(times.names) < 2:
        return ""
    most = max((end.high for course in times.courses for end in course.ranges if end), default=1.0)
    most = min(most, 2 * max((share for course in times.courses for share in course.shares if share), default=0.5))
    pictures = "".join(
        f"<figure><figcaption>{escape(shorten(theme.name, 48))}{_event(course, times.names)}</figcaption>"
        f"{_line(course, most, color)}</figure>"
        for theme, course, color in zip(report.themes, times.courses, colors, strict=True)
    )
    first, last = escape(times.names[0]), escape(times.names[-1])
    return (
        f"<h2>Over time, by {escape(times.every)}</h2><p>{first} to {last}; the top of each picture is "
        f'{100 * most:.0f} % of a period\'s rows.</p><div class="courses">{pictures}</div>'
    )


def _event(course: Course, names: Sequence[str]) -> str:
    parts = []
    if course.new_since is not None:
        parts.append(f"new since {names[course.new_since]}")
    if course.gone_since is not None:
        parts.append(f"gone since {names[course.gone_since]}")
    return f" <small>{escape(', '.join(parts))}</small>" if parts else ""


def _line(course: Course, most: float, color: str) -> str:
    """Shares as a line with points, and their intervals as a band."""
    step = 100 / max(len(course.shares) - 1, 1)

    def y(share: float) -> float:
        return 38 - 36 * min(share / most, 1)

    points = [(step * place, share, ends) for place, (share, ends) in enumerate(zip(course.shares, course.ranges,
              strict=True)) if share is not None and ends is not None]  # fmt: skip
    upper = [f"{x:.1f},{y(ends.high):.1f}" for x, _, ends in points]
    lower = [f"{x:.1f},{y(ends.low):.1f}" for x, _, ends in reversed(points)]
    line = " ".join(f"{x:.1f},{y(share):.1f}" for x, share, _ in points)
    says = ", ".join(f"{100 * share:.1f} %" for share in course.shares if share is not None)
    return (
        f'<svg viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label="{escape(says)}">'
        f'<polygon points="{" ".join([*upper, *lower])}" fill="{color}" opacity=".18"/>'
        f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2" vector-effect="non-scaling-stroke"/>'
        '<line x1="0" x2="100" y1="38" y2="38" stroke="currentColor" opacity=".3" vector-effect="non-scaling-stroke"/>'
        "</svg>"
    )
