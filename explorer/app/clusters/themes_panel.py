"""The themes report on the page of clusters: what to report, the picture, the table, and the page to hand on."""

from __future__ import annotations

import datetime
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from explorer.analysis import themes
from explorer.analysis.codebook import codebook_of
from explorer.analysis.filters import Condition
from explorer.analysis.themes import Themes
from explorer.analysis.waves import dates_of
from explorer.answers.registry import ask
from explorer.answers.themes import Ask
from explorer.answers.view import View
from explorer.app import filtering, session
from explorer.app.address import bound, one_of
from explorer.app.cache import cached
from explorer.app.clusters.to_map import leave_for_map, open_rows
from explorer.app.map_colors import group_colors
from explorer.app.theme import theme
from explorer.app.touch import touchable
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.errors import BadInput
from explorer.library.codebook_file import to_json
from explorer.media.registry import medium_of
from explorer.space import Space
from explorer.table.download import safe_csv
from explorer.views import map_content, theme_figures
from explorer.views.theme_picture import theme_picture
from explorer.views.theme_sections import TABLES_STYLE, course_sentences, segment_sentences, segments_html
from explorer.views.theme_tables import themes_workbook
from explorer.views.themes import MINOR, chance_sentence, counts_sentence, notes, themes_html, themes_table

_PICTURE, _TABLE = "theme-bars", "theme-table"  # keys of the chart and of the table
_KEPT = ("tab", "by", "also", "period", "split")  # what the address goes on saying on the map of the sentences
_NO_COLUMN = "-"  # in the address and among the choices: no column is wanted


def report(visit: Visit) -> None:
    """Themes, shares, means, changes and quotes: a table, a picture, a page to hand on."""
    leave_for_map()
    groups = visit.groups
    if not len(groups):
        st.info("No groups, so no themes: choose another method under Advanced.", icon=":material/scatter_plot:")
        return
    _sentences(visit)
    by, also, period = _choices(visit)
    split = _split_date(visit.space, period)
    try:
        found = _themes(groups.key, filtering.conditions(), by, also, period, split, _view=visit.view)
    except BadInput as error:
        st.warning(literal(str(error)), icon=":material/info:")
        return
    if not found.themes:
        st.info("No row meets the filter: remove it in the header.", icon=":material/filter_alt:")
        return
    colors = group_colors(groups)
    painted = [map_content.group_color(colors, theme.group) for theme in found.themes]
    st.text(counts_sentence(found))
    if sentence := chance_sentence(found):
        st.markdown(f"**{literal(sentence)}**")
    for line in (*segment_sentences(found), *course_sentences(found)):
        st.markdown(literal(line))
    _picture(visit, found, painted)
    _table(visit, found)
    if part := segments_html(found):
        st.html(f"<style>{TABLES_STYLE}</style>{part}")
    _over_time(found, painted)
    _downloads(visit, found, painted)
    with st.expander("What this means and when not to trust it"):
        for note in notes(found):
            st.text(note)


def _picture(visit: Visit, found: Themes, painted: list[str]) -> None:
    most, paint = theme_figures.MOST_SHOWN, theme()
    if len(found.themes) > most:
        st.caption(f"The picture shows the {most} largest of {len(found.themes)} themes; table and page all.")
    st.plotly_chart(
        theme_figures.theme_bars(found, painted, paint.text, paint.muted, paint.missing), theme=None, key=_PICTURE,
        on_select=lambda: _bar_clicked(visit, found), selection_mode="points",
        config={"displaylogo": False, "displayModeBar": True, "modeBarButtons": [["toImage"]],
                "toImageButtonOptions": {"filename": f"{visit.entry.name}-themes", "scale": 2}},
        alt=f"{chance_sentence(found)} Bars: ".lstrip()
        + "; ".join(f"{t.name} {100 * t.share:.1f} %" for t in found.themes[:8]),
    )  # fmt: skip
    touchable(_PICTURE)
    changes = " Gray: chance can explain the change." if any(theme.change is not None for theme in found.themes) else ""
    st.caption(f"A bar opens its rows on the map. Thin lines are 95 % intervals.{changes}")


def _over_time(found: Themes, painted: list[str]) -> None:
    times, paint = found.courses, theme()
    if times is None or len(times.names) < 2:
        return
    st.markdown(f"#### Over time, by {times.every}")
    st.plotly_chart(
        theme_figures.course_lines(found, painted, paint.text, paint.muted), theme=None, key="theme-courses",
        config={"displaylogo": False, "displayModeBar": False},
        alt=f"Shares of {len(found.themes)} themes from {times.names[0]} to {times.names[-1]}.",
    )  # fmt: skip


def _table(visit: Visit, found: Themes) -> None:
    table = themes_table(found)
    shown = {name: st.column_config.NumberColumn(format="%.1f") for name in table.columns if name.endswith("%")}
    shown["change, points"] = st.column_config.NumberColumn(format="%+.1f")
    for end in ("low", "high"):
        shown[f"change_{end}"] = st.column_config.NumberColumn(f"change, {end}", format="%+.1f")
    st.dataframe(
        table, hide_index=True, width="stretch", column_config=shown, key=_TABLE, selection_mode="single-row",
        on_select=lambda: _line_clicked(visit, found), column_order=[c for c in table.columns if c not in MINOR],
    )  # fmt: skip


def _downloads(visit: Visit, found: Themes, painted: list[str]) -> None:
    entry = visit.entry
    name = entry.name.rsplit(".", 1)[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Report as a page", lambda: themes_html(found, f"Themes in {entry.name}", painted, visit.view.row_name),
            f"{name}_themes.html", "text/html", on_click="ignore", icon=":material/description:", key="themes-html",
            help="One HTML file to open, print or send. It runs no scripts and needs no network.",
            type="primary",
        )  # fmt: skip
        st.download_button(
            "CSV", lambda: safe_csv(pa.Table.from_pandas(themes_table(found), preserve_index=False)),
            f"{name}_themes.csv", "text/csv", on_click="ignore", icon=":material/download:", key="themes-csv",
        )  # fmt: skip
        with st.popover("More", icon=":material/more_horiz:"):
            st.download_button(
                "Excel: themes, segments, periods, every row",
                lambda: themes_workbook(found, visit.space, visit.groups.clusters),
                f"{name}_themes.xlsx", on_click="ignore", key="themes-xlsx",
            )  # fmt: skip
            for kind in ("png", "svg"):
                st.download_button(
                    f"Picture for slides ({kind.upper()})",
                    partial(theme_picture, found, f"Themes in {entry.name}", kind, painted),
                    f"{name}_themes.{kind}", on_click="ignore", key=f"themes-{kind}",
                )  # fmt: skip
            st.download_button(
                "Codebook, to code the next wave with",
                lambda: to_json(codebook_of(visit.space, visit.groups.clusters, found, entry.name)),
                f"{name}_codebook.json", "application/json", on_click="ignore", key="themes-codebook",
            )  # fmt: skip


# ---- from a bar or a line to its rows ----------------------------------------------------------------------


def _bar_clicked(visit: Visit, found: Themes) -> None:
    points = _selected(_PICTURE).get("points") or [{}]
    rows, why = rows_of_bar(visit.view, found, points[0].get("customdata"))
    open_rows(rows, why)


def _line_clicked(visit: Visit, found: Themes) -> None:
    place = next(iter(_selected(_TABLE).get("rows") or []), None)
    if isinstance(place, int) and 0 <= place < len(found.themes):
        rows, why = rows_of_bar(visit.view, found, [found.themes[place].group, theme_figures.WHOLE])
        open_rows(rows, why)


def rows_of_bar(view: View, found: Themes, bar: object) -> tuple[np.ndarray, str]:
    """The rows that a bar stands for, and what they are. None where `bar`, which comes from a browser, is no bar.

    bar : the number of a group, and which of its rows
    """
    match bar:
        case [int(group), str(part), *_] if chosen := [theme for theme in found.themes if theme.group == group]:
            name, rows = chosen[0].name, found.members.of(group)
        case _:
            return np.empty(0, np.int64), ""
    if part == theme_figures.WHOLE:
        return rows, name
    later = part == theme_figures.LATER
    return themes.in_period(view.space, found, rows, later), f"{name}, {found.parts[int(later)]}"


def _selected(key: str) -> dict[str, Any]:
    """What is selected in a chart or a table, as its browser says."""
    state: Any = st.session_state.get(key)
    return dict((state or {}).get("selection") or {})


def _sentences(visit: Visit) -> None:
    """The switch between whole answers and their sentences: another map of the same rows."""
    wanted = visit.entry.better or visit.entry.recipe
    if not medium_of(wanted).needs_model:
        return
    split = st.toggle(
        "Split answers into sentences", value=wanted.sentences, key=f"themes-sentences-{wanted.key}",
        help="Each sentence gets a theme, so that an answer can have several. Shares still count rows. This "
        "makes another map of the same rows; names and tags stay.",
    )  # fmt: skip
    if split != wanted.sentences:
        kept = {name: st.query_params[name] for name in _KEPT if name in st.query_params}
        recipe = replace(wanted, sentences=split)
        session.open_entry(replace(visit.entry, recipe=recipe, better=None, sample=None), kept)
        st.rerun()


def _choices(visit: Visit) -> tuple[str | None, str | None, str | None]:
    entry, kinds = visit.entry, visit.space.kinds
    about = [name for name, kind in kinds.items() if kind == "number"]
    about += [name for name, kind in kinds.items() if kind == "category"]
    when = [name for name, kind in kinds.items() if kind == "date"]
    usual_by = next((name for name in (entry.roles.number, entry.roles.label) if name in about), None)
    usual_period = entry.roles.date if entry.roles.date in when else (when[0] if when else None)
    left, middle, right = st.columns(3)
    with left:
        by = _column_box(
            "Number or category", about, usual_by, "by",
            "The mean of a number for each theme; of a category the share of each theme in each value.",
        )  # fmt: skip
    others = [name for name, kind in kinds.items() if kind == "category" and name != by]
    also = None
    if by is not None and kinds.get(by) != "number":
        with middle:
            also = _column_box(
                "and", others, None, "also", "A second category: its values are combined with the first."
            )
    with right:
        waves = [name for name in others if name not in when]
        period = _column_box(
            "Change over", [*when, *waves], usual_period, "period",
            "Dates, split into an earlier and a later part, or a column that names waves.",
        )  # fmt: skip
    return by, also, period


def _column_box(label: str, columns: list[str], usual: str | None, name: str, help: str) -> str | None:
    """A column chosen, kept in the address under `name`."""
    if not columns:
        return None
    options = [_NO_COLUMN, *columns]
    column = bound(
        st.selectbox, label, name, usual=usual or _NO_COLUMN, read=one_of(options), key=f"themes-{name}",
        options=options, format_func=lambda column: "none" if column == _NO_COLUMN else column, help=help,
    )  # fmt: skip
    return None if column == _NO_COLUMN else column


def _split_date(space: Space, period: str | None) -> np.datetime64 | None:
    """Where the later period begins: the middle of the dates, or the day in the address as `split`."""
    span = _span(space.recipe.table, period, _space=space) if period else None
    if span is None:
        return None
    first, last, middle = span
    low, high = first.astype("datetime64[D]").item(), last.astype("datetime64[D]").item()
    if low == high:
        return None
    usual = middle.astype("datetime64[D]").item()
    day = bound(
        st.date_input, "The later period begins", "split", usual=usual, read=lambda text: _day(text, low, high),
        write=datetime.date.isoformat, key="themes-split", min_value=low, max_value=high, format="YYYY-MM-DD",
        help="By default the middle between the first date and the last.", width=240,
    )  # fmt: skip
    return middle if day == usual else np.datetime64(day, "us")


def _day(text: str, low: datetime.date, high: datetime.date) -> datetime.date | None:
    """The day that a text writes, where it lies within low and high; else None."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day if low <= day <= high else None


@cached()
def _span(table: str, period: str, _space: Space) -> tuple[np.datetime64, np.datetime64, np.datetime64] | None:
    moments = dates_of(_space, period)
    if moments is None:
        return None
    moments = moments[~np.isnat(moments)]
    if not len(moments):
        return None
    first, last = moments.min(), moments.max()
    return first, last, themes.middle(first, last)


@cached()
def _themes(
    key: str, conditions: tuple[Condition, ...], by: str | None, also: str | None, period: str | None,
    split: np.datetime64 | None, _view: View,
) -> Themes:  # fmt: skip
    return ask("themes", _view, Ask(by=by, also=also, period=period, split=split), mend=False).themes
