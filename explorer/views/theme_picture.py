"""The themes report as a picture for slides: SVG, whose words stay words, or PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from explorer.analysis.themes import Theme, Themes
from explorer.views.coloring import OTHER, PALETTE
from explorer.views.themes import change_span, counts_sentence, mark
from explorer.wording import shorten

MOST_SHOWN = 16  # themes on a slide
_SIZE = (13.33, 7.5)  # inches: a slide of 16 to 9
_INK, _MUTED = "#1c2430", "#667080"
# For scripts that DejaVu, which comes with matplotlib, does not have: whichever of these the machine has.
_FONTS = (
    "DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Hiragino Sans", "Yu Gothic", "Microsoft YaHei",
    "Malgun Gothic", "Noto Sans Thai", "Noto Sans Arabic", "Noto Sans Devanagari", "Arial Unicode MS",
)  # fmt: skip


def theme_picture(report: Themes, title: str, kind: str, colors: Sequence[str] = ()) -> bytes:
    """The largest themes as bars with their intervals, and their change where there are two periods.

    kind : "svg" or "png"
    colors : one CSS color a theme
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    themes = report.themes[:MOST_SHOWN]
    painted = [*colors, *PALETTE][: max(len(colors), len(PALETTE))]
    shown = [painted[place] if place < len(painted) else OTHER for place in range(len(themes))]
    changes = any(theme.change is not None for theme in themes)
    # svg.hashsalt: the same report is the same file
    with mpl.rc_context(
        {"font.family": _fonts(), "svg.fonttype": "none", "svg.hashsalt": "themes", "text.color": _INK}
    ):
        figure = Figure(figsize=_SIZE, layout="constrained", facecolor="white")
        figure.get_layout_engine().set(w_pad=0.2, h_pad=0.2)  # type: ignore[union-attr, call-arg]
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, 2 if changes else 1, squeeze=False, width_ratios=[3, 2] if changes else None)[0]
        figure.suptitle(_plain(shorten(title, 90)), fontsize=20, fontweight="bold", ha="left", x=0.012)
        _shares(axes[0], themes, shown)
        if changes:
            _changes(axes[1], report, themes, shown)
        said = f"{counts_sentence(report)}. Thin lines: 95 % intervals."
        if changes:
            said += f" Change: {report.parts[0]} to {report.parts[1]}; gray where chance can explain it."
        figure.supxlabel(_plain(shorten(said, 170)), fontsize=11, color=_MUTED, ha="left", x=0.012)
        sink = io.BytesIO()
        figure.savefig(sink, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    return sink.getvalue()


def _shares(axes: Any, themes: Sequence[Theme], colors: Sequence[str]) -> None:
    places = range(len(themes))
    values = [100 * theme.share for theme in themes]
    axes.barh(places, values, color=colors, height=0.62)
    for place, theme in enumerate(themes):
        low, high = theme.share_range
        axes.plot([100 * low, 100 * high], [place, place], color=_INK, linewidth=1.2)
        axes.text(100 * high, place, f"  {100 * theme.share:.1f} %", va="center", fontsize=12)
    axes.set_yticks(places, [_plain(shorten(theme.name, 48)) for theme in themes], fontsize=13)
    axes.set_xlim(0, 1.18 * max((100 * theme.share_range.high for theme in themes), default=1))
    _quiet(axes, "share of rows", len(themes))


def _changes(axes: Any, report: Themes, themes: Sequence[Theme], colors: Sequence[str]) -> None:
    low, high = change_span(themes)
    room = 0.22 * max(high - low, 1e-9)
    axes.axvline(0, color=_MUTED, linewidth=1)
    for place, (theme, color) in enumerate(zip(themes, colors, strict=True)):
        if theme.change is None or theme.change_range is None:
            continue
        axes.barh(place, theme.change, color=color if theme.marked else OTHER, height=0.62)
        axes.plot(list(theme.change_range), [place, place], color=_INK, linewidth=1.2)
        axes.text(
            high + room, place, f"{mark(theme)} {theme.change:+.1f}".strip(), va="center", ha="right", fontsize=12
        )
    axes.set_yticks([])
    axes.set_xlim(low - 0.02 * room, high + room)
    _quiet(axes, "change, percentage points", len(themes))


def _quiet(axes: Any, title: str, themes: int) -> None:
    axes.set_ylim(max(themes, 1) - 0.4, -0.6)
    axes.set_title(_plain(title), loc="left", fontsize=12, color=_MUTED)
    axes.tick_params(length=0)
    axes.set_xticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def _fonts() -> list[str]:
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return [name for name in _FONTS if name in there]


def _plain(text: str) -> str:
    """Text for matplotlib, which reads what stands between dollar signs as mathematics."""
    return text.replace("$", r"\$")
