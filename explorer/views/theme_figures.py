"""The themes report as a picture: shares, means and changes, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from explorer.analysis.intervals import Interval
from explorer.analysis.themes import Theme, Themes
from explorer.views.themes import change_span, mark, number
from explorer.wording import counted, shorten

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_SHOWN = 24  # themes in the picture
WHOLE, EARLIER, LATER = "all", "earlier", "later"  # which of a theme's rows a bar stands for
_LINE = 46  # pixels a theme
_FLAT = "rgba(0,0,0,0)"
_FONT = '"Source Sans", "Source Sans Pro", sans-serif'


@dataclass(frozen=True)
class _Panel:
    """What one column of the picture shows: a value, its text and its interval for each theme, over an axis."""

    title: str
    values: list[float | None]
    texts: list[str]
    ranges: list[Interval | None]
    span: Interval
    parts: list[str]  # WHOLE, EARLIER or LATER, one a theme
    colors: list[str]
    zero: float | None = 0.0  # where its line stands
    bars: bool = True


def theme_bars(report: Themes, colors: Sequence[str], text: str, muted: str, gray: str) -> go.Figure:
    """The themes in lines: share, then the mean of the number, then the change, where they exist.

    The custom data of a point are the number of its group and which of its rows it stands for.

    colors : one a theme
    text, muted, gray : colors of words, of lines, and of what chance explains
    """
    from plotly.subplots import make_subplots

    themes = report.themes[:MOST_SHOWN]
    panels = _panels(report, themes, list(colors[: len(themes)]), gray)
    figure = make_subplots(
        1, len(panels), shared_yaxes=True, horizontal_spacing=0.05, column_widths=[1.0, *[0.8] * (len(panels) - 1)],
    )  # fmt: skip
    lines = list(range(len(themes)))
    for column, panel in enumerate(panels, 1):
        _draw(figure, column, panel, report, themes, text)
        # The texts stand in a column of their own at the right of the axis, clear of the intervals.
        low, high = panel.span
        width = max(high - low, 1e-9)
        room = min(0.3 + 0.06 * max(map(len, panel.texts), default=0), 0.9)
        low, end = low - (0.02 * width if low else 0), high + room * width
        figure.update_xaxes(
            range=[low, end], showticklabels=False, showgrid=False, zeroline=False, fixedrange=True, row=1, col=column
        )
        for line in lines if panel.zero is not None else ():  # beside the bars, not through the names above them
            figure.add_shape(
                type="line", x0=panel.zero, x1=panel.zero, y0=line - 0.2, y1=line + 0.34, layer="below",
                line={"color": muted, "width": 1}, row=1, col=column,
            )  # fmt: skip
        for line, words in zip(lines, panel.texts, strict=True):
            figure.add_annotation(
                x=end, y=line, text=words, xanchor="right", showarrow=False, font={"color": text, "size": 13},
                row=1, col=column,
            )  # fmt: skip
        figure.add_annotation(
            x=low, y=-0.78, text=_plain(panel.title), xanchor="left", yanchor="bottom", showarrow=False,
            font={"color": text, "size": 12}, opacity=0.75, row=1, col=column,
        )  # fmt: skip
    figure.update_yaxes(
        range=[len(themes) - 0.5, -1.3], showticklabels=False, showgrid=False, zeroline=False, fixedrange=True
    )
    # Names above the bars, not beside them, so that they have the whole width, also on a phone.
    for line, theme in enumerate(themes):
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=line - 0.2, yref="y", yanchor="bottom", showarrow=False, align="left",
            text=_plain(shorten(theme.name, 48)), font={"color": text, "size": 13},
        )  # fmt: skip
    figure.update_layout(
        height=36 + _LINE * (max(len(themes), 1) + 1), margin={"l": 4, "r": 4, "t": 28, "b": 8}, bargap=0.66,
        paper_bgcolor=_FLAT, plot_bgcolor=_FLAT, font={"color": text, "size": 13, "family": _FONT},
        dragmode=False, showlegend=False, hoverlabel={"align": "left"},
        modebar={"bgcolor": _FLAT, "color": muted, "activecolor": text},
    )  # fmt: skip
    return figure


def course_lines(report: Themes, colors: Sequence[str], text: str, muted: str) -> go.Figure:
    """Each theme's share of the rows of each period, in percent, as a line; the interval is in the hover.

    colors : one a theme
    text, muted : colors of words and of lines
    """
    import plotly.graph_objects as go

    figure, times = go.Figure(), report.courses
    for theme, course, color in zip(report.themes[:MOST_SHOWN], times.courses if times else (), colors, strict=False):
        shares = [None if share is None else 100 * share for share in course.shares]
        said = [
            "" if ends is None
            else f"{share:.1f} % ({100 * ends.low:.1f} to {100 * ends.high:.1f}), {counted(rows, 'row')}"
            for share, ends, rows in zip(shares, course.ranges, course.rows, strict=True)
        ]  # fmt: skip
        figure.add_scatter(
            x=list(times.names) if times else [], y=shares, mode="lines+markers", name=_plain(shorten(theme.name, 40)),
            line={"color": color, "width": 2}, marker={"size": 6, "color": color}, text=said, connectgaps=False,
            hovertemplate="<b>%{fullData.name}</b><br>%{x}: %{text}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(type="category", showgrid=False, fixedrange=True, color=text)
    figure.update_yaxes(
        rangemode="tozero", ticksuffix=" %", gridcolor=muted, griddash="dot", gridwidth=0.5, zeroline=False,
        fixedrange=True, color=text,
    )  # fmt: skip
    figure.update_layout(
        height=380, margin={"l": 4, "r": 4, "t": 8, "b": 8}, paper_bgcolor=_FLAT, plot_bgcolor=_FLAT, dragmode=False,
        font={"color": text, "size": 13, "family": _FONT}, hoverlabel={"align": "left"},
        legend={"orientation": "h", "y": -0.15, "yanchor": "top", "x": 0, "font": {"color": text}},
    )  # fmt: skip
    return figure


def _panels(report: Themes, themes: Sequence[Theme], colors: list[str], gray: str) -> list[_Panel]:
    shares = [theme.share_range for theme in themes]
    panels = [
        _Panel(
            "share of rows, %", [100 * theme.share for theme in themes],
            [f"{100 * theme.share:.1f}" for theme in themes],
            [_percent(each) for each in shares], Interval(0, 100 * max((high for _, high in shares), default=1)),
            [WHOLE] * len(themes), colors,
        )
    ]  # fmt: skip
    if report.has_numbers:
        panels.append(
            _Panel(
                f"mean {shorten(report.by or '', 18)}", [theme.mean for theme in themes],
                ["" if theme.mean is None else number(theme.mean) for theme in themes],
                [theme.mean_range for theme in themes], _span_of_means(report, themes), [WHOLE] * len(themes), colors,
                report.overall, bars=False,
            )
        )  # fmt: skip
    if any(theme.change is not None for theme in themes):
        panels.append(
            _Panel(
                "change, points", [theme.change or 0.0 for theme in themes],
                [f"{mark(theme)} {theme.change or 0:+.1f}".strip() for theme in themes],
                [theme.change_range for theme in themes], change_span(themes),
                # The rows that a change is made of are those of the period in which the theme is larger.
                [LATER if (theme.change or 0) >= 0 else EARLIER for theme in themes],
                [color if theme.marked else gray for theme, color in zip(themes, colors, strict=True)],
            )
        )  # fmt: skip
    return panels


def _span_of_means(report: Themes, themes: Sequence[Theme]) -> Interval:
    """Where all means lie, and their intervals as far as these leave the means room: that of two rows is very wide."""
    known = [each for each in (report.overall, *(theme.mean for theme in themes)) if each is not None]
    ends = [theme.mean_range for theme in themes if theme.mean_range]
    if not known:
        return Interval(0, 1)
    low, high = min(known), max(known)
    spread = max(high - low, min((above - below for below, above in ends), default=0)) or 0.5 * abs(high) or 1.0
    low = max(min([low, *(below for below, _ in ends)]), low - spread)
    high = min(max([high, *(above for _, above in ends)]), high + spread)
    room = 0.08 * (high - low) or spread
    return Interval(low - room, high + room)


def _draw(figure: go.Figure, column: int, panel: _Panel, report: Themes, themes: Sequence[Theme], text: str) -> None:
    """The bars or dots of a panel with their intervals."""
    reach = [  # a line that goes on beyond the axis ends where the axis does
        None if ends is None else Interval(max(ends.low, panel.span.low), min(ends.high, panel.span.high))
        for ends in panel.ranges
    ]
    known = [(value or 0.0, ends) for value, ends in zip(panel.values, reach, strict=True)]
    error = {
        "type": "data", "symmetric": False, "color": text, "thickness": 1.25, "width": 0,
        "array": [max(ends.high - value, 0) if ends else None for value, ends in known],
        "arrayminus": [max(value - ends.low, 0) if ends else None for value, ends in known],
    }  # fmt: skip
    common = {
        "x": panel.values, "y": list(range(len(themes))), "error_x": error, "hoverinfo": "text",
        "hovertext": [_hover(report, theme, panel, place) for place, theme in enumerate(themes)],
        "customdata": [[theme.group, part] for theme, part in zip(themes, panel.parts, strict=True)],
        "row": 1, "col": column,
    }  # fmt: skip
    steady = {
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }  # a click leaves at once
    if panel.bars:
        figure.add_bar(orientation="h", marker_color=panel.colors, **common, **steady)
    else:
        figure.add_scatter(mode="markers", marker={"color": panel.colors, "size": 11}, **common, **steady)


def _hover(report: Themes, theme: Theme, panel: _Panel, place: int) -> str:
    ends = panel.ranges[place]
    reach = "" if ends is None else f" ({_written(ends.low, panel)} to {_written(ends.high, panel)})"
    rows = {
        WHOLE: f"its {counted(theme.rows, 'row')}",
        EARLIER: f"its rows {report.parts[0]}",
        LATER: f"its rows {report.parts[1]}",
    }
    lines = [f"<b>{_plain(shorten(theme.name, 60))}</b>", f"{_plain(panel.title)}: {panel.texts[place]}{reach}"]
    return "<br>".join([*lines, f"Click: {rows[panel.parts[place]]} on the map"])


def _written(value: float, panel: _Panel) -> str:
    return number(value) if not panel.bars else f"{value:+.1f}" if panel.span.low < 0 else f"{value:.1f}"


def _percent(share: Interval) -> Interval:
    return Interval(100 * share.low, 100 * share.high)


def _plain(text: str) -> str:
    """Text for Plotly, which interprets some HTML."""
    return escape(" ".join(text.split()), quote=False)
