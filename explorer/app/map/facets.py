"""Columns beside the map: choosing in one filters all pages."""

from __future__ import annotations

import streamlit as st

from explorer.analysis.filters import NO_VALUE, Condition, rows_meeting
from explorer.app import filtering
from explorer.app.cache import cached
from explorer.app.map.ranges import range_slider
from explorer.app.theme import Theme, theme
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.space import Space
from explorer.views.facets import Facet, facet, facet_kinds, histogram_html, share
from explorer.wording import counted, one_line, shorten

_COLUMNS = 8  # shown at once; others are chosen from a list
_VALUES = 8  # of a column
_OPENED = 40  # of a column, after a click; where there are more, one is found by typing
_STYLE = """
<style>
.st-key-facets [class*="st-key-value-"] button { justify-content: flex-start; min-height: 0; border-radius: 4px;
  padding: .12rem .4rem .35rem; background: linear-gradient(to right, var(--left) var(--to), var(--all) var(--to),
  var(--all) var(--end), transparent var(--end)) bottom .1rem left .4rem / calc(100% - .8rem) 4px no-repeat; }
.st-key-facets [class*="st-key-value-"] button:hover {
  background-color: color-mix(in srgb, currentColor 6%, transparent); }
.st-key-facets [class*="st-key-value-"] button > div, .st-key-facets [class*="st-key-value-"] button > div > span,
.st-key-facets [class*="st-key-value-"] [data-testid="stMarkdownContainer"] { width: 100%; }
.st-key-facets [class*="st-key-value-"] p { display: flex; justify-content: space-between; gap: .6rem; text-align: left;
  white-space: normal; overflow-wrap: anywhere; line-height: 1.3; font-size: .88rem; }
.st-key-facets [class*="st-key-value-"] p > .stMarkdownColoredText {
  white-space: nowrap; font-variant-numeric: tabular-nums; }
.st-key-facets [class*="st-key-column-head-"] { min-height: 1.9rem; margin-top: .5rem; }
</style>
"""


def facets_panel(visit: Visit) -> None:
    """What each column holds, of the rows that meet the filter on the others. A click on a value, or a range of a
    number or a date, sets that column's condition."""
    space = visit.space
    kinds = _kinds(space.recipe.table, _space=space)
    if not kinds:
        st.caption("There is no column of categories, numbers or dates to filter by.")
        return
    _how_many(visit)
    chosen = {condition.column: condition for condition in visit.conditions}
    first = list(kinds)[:_COLUMNS]
    others = [column for column in kinds if column not in first]
    more = None
    if others:
        more = st.selectbox(
            "More columns", others, index=None, placeholder=f"{counted(len(others), 'more column')}: choose one",
            key="facet-more", label_visibility="collapsed", format_func=one_line,
        )  # fmt: skip
    shown = [column for column in kinds if column == more or column in chosen or column in first]
    shown.sort(key=lambda column: column != more)
    st.html(_STYLE)
    paint = theme()
    with st.container(height=600, border=False, gap="xxsmall", key="facets"):
        for column in shown:
            rest = tuple(condition for condition in visit.conditions if condition.column != column)
            found = _facet(space.key("items"), column, rest, _space=space)
            if found is not None:
                _draw(list(kinds).index(column), found, chosen.get(column), paint)


def _how_many(visit: Visit) -> None:
    if visit.rows is None:
        st.caption("Click a value, or set a range. Map, search, groups and outliers then show only those rows.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="facets-count"):
        met = int(visit.view.counted.sum())
        st.markdown(f"**{met:,} of {counted(visit.entry.rows, 'row')}** meet the filter", width="content")
        st.button("Remove the filter", key="unfilter-all", type="tertiary", on_click=filtering.clear)


def _draw(number: int, found: Facet, chosen: Condition | None, paint: Theme) -> None:
    """One column. number : its place among all, which names its widgets"""
    with st.container(horizontal=True, vertical_alignment="center", key=f"column-head-{number}"):
        st.markdown(f"**{literal(shorten(one_line(found.column), 80))}**", width="stretch")
        if chosen is not None:
            st.button(
                "", key=f"uncolumn-{number}", type="tertiary", icon=":material/close:",
                help="Remove the filter on this column", on_click=filtering.set_condition, args=(found.column, None),
            )  # fmt: skip
    with st.container(gap="xxsmall", key=f"facet-{found.column}"):
        if found.kind != "category":
            st.html(histogram_html(found, chosen, paint.accent, paint.pale))
            range_slider(f"range-{number}", found, chosen)
        _values(number, found, chosen, paint)


def _values(number: int, found: Facet, chosen: Condition | None, paint: Theme) -> None:
    """A bar for each of the commonest values, and a way to the others."""
    if not found.labels:
        return
    wanted = set(chosen.values or ()) if chosen is not None else set()
    real = [place for place, label in enumerate(found.labels) if label != NO_VALUE]
    opened = f"facet-open-{number}"
    many = len(real) > _OPENED
    most = _OPENED if st.session_state.get(opened) and not many else _VALUES
    # What is chosen stays in sight, and so do rows without a value.
    shown = [*real[:most], *(place for place in real[most:] if found.labels[place] in wanted)]
    shown += [place for place, label in enumerate(found.labels) if label == NO_VALUE]
    st.html(_lengths(number, found, shown, wanted, paint))
    for place in shown:
        _value(number, place, found, chosen)
    rest = [place for place in real if place not in shown]
    if many:
        key = f"find-value-{number}"
        st.selectbox(
            f"Values of {one_line(found.column)}", rest, index=None, key=key, label_visibility="collapsed",
            format_func=lambda place: f"{shorten(one_line(found.labels[place]), 80)} · {found.values[place, 1]:,}",
            placeholder=f"Find one of {len(rest):,} more values", on_change=_found, args=(key, found, chosen),
        )  # fmt: skip
    elif rest or len(real) > _VALUES:
        st.button(
            f"and {len(rest):,} more" if rest else "Show fewer", key=f"more-values-{number}", type="tertiary",
            on_click=_open, args=(opened, bool(rest)),
        )  # fmt: skip


def _value(number: int, place: int, found: Facet, chosen: Condition | None) -> None:
    label = found.labels[place]
    picked = chosen is not None and label in (chosen.values or ())
    name = literal(shorten(one_line(label), 120)) or "*no value*"
    left = int(found.values[place, 1])
    st.button(
        f"{f'**{name}**' if picked else name} :gray[{left:,} · {share(left, found.rows)}]",
        key=f"value-{number}-{place}", type="tertiary", width="stretch", on_click=_toggle, args=(found, chosen, label),
        icon=":material/check:" if picked else None,
    )  # fmt: skip


def _lengths(number: int, found: Facet, shown: list[int], wanted: set[str], paint: Theme) -> str:
    """A style with the length of each value's bar: all its rows pale, and those that meet the filter before them."""
    most = max(int(found.values[:, 0].max()) if found.kind == "category" else int(found.bins[:, 0].sum()), 1)
    lines = []
    for place in shown:
        accent = paint.accent if not wanted or found.labels[place] in wanted else paint.muted
        every, left = 100 * found.values[place] / most
        lines.append(
            f".st-key-value-{number}-{place} {{ --left: {accent}; --all: {paint.pale}; --to: {left:.2f}%; --end: "
            f"{every:.2f}%; }}"
        )
    return f"<style>{' '.join(lines)}</style>"


def _toggle(found: Facet, chosen: Condition | None, label: str) -> None:
    """Add a value to those that are wanted of the column, or take it from them."""
    values = list(chosen.values or ()) if chosen is not None else []
    values = [value for value in values if value != label] if label in values else [*values, label]
    condition = Condition(found.column, values=tuple(values)) if values else None
    filtering.set_condition(found.column, condition)


def _found(key: str, found: Facet, chosen: Condition | None) -> None:
    place = st.session_state[key]
    st.session_state[key] = None
    if place is not None:
        _toggle(found, chosen, found.labels[place])


def _open(key: str, opened: bool) -> None:
    st.session_state[key] = opened


@cached()
def _kinds(table: str, _space: Space) -> dict[str, str]:
    return facet_kinds(_space.wrapped, _space.kinds)


@cached()
def _facet(items: str, column: str, others: tuple[Condition, ...], _space: Space) -> Facet | None:
    kind = _kinds(_space.recipe.table, _space=_space)[column]
    rows = rows_meeting(_space.wrapped, others)
    return facet(_space.wrapped, column, kind, rows, _space.item_of_row >= 0)
