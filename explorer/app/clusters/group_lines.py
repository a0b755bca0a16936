"""The list of groups: each one line, which a click opens in place. Which one is open stands in the address."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from urllib.parse import quote as quoted_url

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.analysis import portraits
from explorer.analysis.filters import Condition
from explorer.analysis.portraits import OverTime
from explorer.answers.clusters import Found
from explorer.app.address import put, whole_number
from explorer.app.cache import cached
from explorer.app.clusters.group_edits import leave_renaming
from explorer.app.clusters.group_panel import group_panel, panel_of_the_rest
from explorer.app.map_colors import group_colors
from explorer.app.theme import theme
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.geometry.clusters import UNGROUPED, Clusters
from explorer.space import Space
from explorer.views import map_content
from explorer.views.coloring import Coloring
from explorer.views.themes import number as written
from explorer.wording import Amount, counted

PAGE = 30  # groups on one page of the list
OPEN = "group"  # the parameter of the address: a row (from 0) of the group that is open, or `NO_GROUP`
NO_GROUP = "none"

_STYLE = """
<style>
.st-key-lines { gap: 0; }
.st-key-lines details > div:has(*) { padding: .5rem .5rem 1rem calc(.5rem + INDENT); }
.st-key-lines details > div > [data-testid="stVerticalBlock"] { gap: .5rem; }
.st-key-lines details [data-testid="stElementContainer"]:has(a) { width: 100%; }
.st-key-lines details a[data-testid="stPageLink-NavLink"] { width: fit-content; min-height: 0; padding: .2rem .4rem;
  margin-left: -.4rem; }
.st-key-lines details a p { white-space: normal; overflow-wrap: anywhere; line-height: 1.35; }
.st-key-lines details a p > span:last-child { white-space: nowrap; }  /* the row's name */
.st-key-lines .st-key-open-actions { gap: .2rem 1.2rem; }
.st-key-lines details { border: 0; border-radius: 0;
  border-top: 1px solid color-mix(in srgb, currentColor 12%, transparent); }
.st-key-lines summary { min-height: 0; height: 52px; padding: 0 .5rem; border-radius: 0; align-items: center; }
.st-key-lines summary:hover { background: color-mix(in srgb, currentColor 4%, transparent); }
.st-key-lines details[open] > summary { background: color-mix(in srgb, currentColor 6%, transparent); }
.st-key-lines summary :is(span:has(p), div:has(p)) { width: 100%; min-width: 0; }
.st-key-lines summary p span { font-size: inherit !important; }  /* also what :small makes */
.st-key-lines summary p, .em-heads { display: grid; grid-template-columns: GRID; align-items: center; gap: 0 .8rem;
  width: 100%; margin: 0; font-variant-numeric: tabular-nums; }
.st-key-lines summary p::before { content: ""; width: 12px; height: 12px; border-radius: 50%; background: var(--dot); }
.st-key-lines summary p::after { content: ""; height: 26px; background: var(--bars) left center / 100% 100% no-repeat; }
.st-key-lines summary p > strong { font-weight: 600; line-height: 1.25; overflow: hidden; overflow-wrap: anywhere;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.st-key-lines summary p > :is(span, em) { text-align: right; font-size: .88rem; font-style: normal; white-space: nowrap;
  grid-row: 1; }
.st-key-lines summary p > span:nth-of-type(1) { grid-column: 3; }
.st-key-lines summary p > em { grid-column: 4; text-align: left; opacity: .65; margin-left: -.5rem; }
.st-key-lines summary p > span:nth-of-type(2) { grid-column: 5; }
.st-key-lines summary p > span:nth-of-type(3) { grid-column: 6; }
.st-key-lines summary p::after { grid-column: -2; grid-row: 1; }
.st-key-lines summary p > span > span { position: absolute; clip-path: inset(50%); }  /* the column's head says it */
.em-heads { font-size: .8rem; opacity: .65; padding: 0 .5rem .15rem calc(.5rem + INDENT); }
.em-heads span { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.em-heads span:not(:last-child) { text-align: right; }
@media (min-width: 641px) and (max-width: 1400px) {  /* the number of distinct rows stands below the number of rows */
  .st-key-lines summary p, .em-heads { grid-template-columns: NARROW; gap: 0 .6rem; }
  .st-key-lines summary p:has(> em) > span:nth-of-type(1) { transform: translateY(-.5rem); }
  .st-key-lines summary p > em { grid-column: 3; text-align: right; transform: translateY(.5rem); font-size: .78rem; }
}
@media (max-width: 640px) {
  .em-heads { display: none; }
  .st-key-lines summary p { grid-template-columns: 12px auto auto auto auto 1fr; gap: 0 .5rem; }
  .st-key-lines summary p > strong { grid-column: 2 / -1; -webkit-line-clamp: 1; }
  .st-key-lines summary p > :is(span, em) { font-size: .78rem; grid-row: 2; }
  .st-key-lines summary p > span:nth-of-type(1) { grid-column: 2; }
  .st-key-lines summary p > em { grid-column: 3; margin-left: -.2rem; }
  .st-key-lines summary p > span:nth-of-type(2) { grid-column: 4; }
  .st-key-lines summary p > span:nth-of-type(3) { grid-column: 5; }
  .st-key-lines summary p > span > span { position: static; clip-path: none; }
  .st-key-lines summary p::after { display: none; }
}
COLORS
</style>
"""


@dataclass(frozen=True, eq=False)
class Details:
    """What is shown of each group beside its answer.

    Attributes
    ----------
    time : rows over time; None without dates
    means : (groups,) float64, of the number column; None without one
    outside : (m,) int64, how many of an item's nearest neighbors are in other groups
    """

    time: OverTime | None
    means: np.ndarray | None
    outside: np.ndarray


def group_lines(visit: Visit, found: Found, opened: int | None) -> None:
    """Every group, the largest first, then the rows in no group; the open one says more.

    opened : the group that is open; `UNGROUPED` for the rows in no group, None for none
    """
    listed = by_size(found)
    if not len(visit.groups):
        st.info(
            "No group is dense enough, so every row is in no group. Lower the smallest group under Advanced, or choose "
            "another method there.", icon=":material/scatter_plot:",
        )  # fmt: skip
    if len(listed) < len(visit.groups):
        st.caption(f"{counted(len(visit.groups) - len(listed), 'group')} without a row that meets the filter.")
    details = _details(
        visit.groups.key, visit.conditions, visit.entry.roles.date, _number(visit), _space=visit.space,
        _clusters=visit.groups.clusters, _rows=visit.rows,
    )  # fmt: skip
    pages = max(math.ceil(len(listed) / PAGE), 1)
    page_key = _page_key(visit)
    if page_key not in st.session_state:
        _turn_to(visit, found, opened)
    page = min(max(int(st.session_state.get(page_key, 1)), 1), pages)
    shown = listed[(page - 1) * PAGE : page * PAGE].tolist()
    colors = group_colors(visit.groups)
    painted = {str(group): (map_content.group_color(colors, group), _bars(visit, found, details, group, colors))
               for group in shown}  # fmt: skip
    painted[NO_GROUP] = (theme().missing, "none")
    st.html(_styled(painted, details.means is not None))
    with st.container(key="lines"):
        if shown:
            st.html(_heads(visit, details))
        for group in shown:
            cluster = found.clusters[group]
            mean = None if details.means is None else float(details.means[group])
            label = _label(visit, cluster.name, cluster.amount, cluster.share, mean)
            with _line(visit, group, label, group == opened):
                if group == opened:
                    group_panel(visit, group, cluster, details.outside)
        rest = visit.view.amount_of_rows(visit.view.rows_in(UNGROUPED))
        if rest.rows and page == pages:
            label = _label(visit, "In no group", rest, rest.rows / max(found.counted, 1), None)
            with _line(visit, UNGROUPED, label, opened == UNGROUPED):
                if opened == UNGROUPED:
                    panel_of_the_rest(visit)
    if pages > 1:
        st.session_state[page_key] = page
        st.pagination(pages, key=page_key)


def by_size(found: Found) -> np.ndarray:
    """The groups that have rows under the filter, the largest first."""
    rows = np.array([cluster.rows for cluster in found.clusters], np.int64)
    order = np.argsort(-rows, kind="stable")
    return order[rows[order] > 0]


# ---- which group is open ---------------------------------------------------------------------------------


def opened_group(visit: Visit) -> int | None:
    """The group that the address names by one of its rows; None where it names none. A group keeps its row when it is
    renamed, merged, split, or found again at another level."""
    text = st.query_params.get(OPEN, "")
    if text == NO_GROUP:
        return UNGROUPED
    row = whole_number(text, 0, visit.space.table.num_rows - 1)
    group = UNGROUPED if row is None else int(visit.view.cluster_of_row[row])
    return None if group == UNGROUPED else group


def open_group(visit: Visit, group: int | None) -> None:
    """Open a group, in the address; None closes the one that is open."""
    leave_renaming()
    if group == UNGROUPED:
        put(**{OPEN: NO_GROUP})
        return
    rows = [] if group is None else np.flatnonzero(visit.view.cluster_of_row == group)[:1].tolist()
    put(**{OPEN: str(rows[0]) if rows else None})


def open_clicked(visit: Visit, found: Found, item: int | None) -> None:
    """Open the group of a point of the map, and turn to its page of the list."""
    if item is None:
        return
    group = int(visit.groups.clusters.labels[item])
    open_group(visit, group)
    _turn_to(visit, found, group)


def _turn_to(visit: Visit, found: Found, group: int | None) -> None:
    """Turn to the page of the list where a group is."""
    listed = by_size(found).tolist()
    if group in listed:
        st.session_state[_page_key(visit)] = listed.index(group) // PAGE + 1
    elif group == UNGROUPED:
        st.session_state[_page_key(visit)] = max(math.ceil(len(listed) / PAGE), 1)


def _page_key(visit: Visit) -> str:
    return f"clusters-page-{visit.space.key('clusters')}"


def _line(visit: Visit, group: int, label: str, is_open: bool) -> DeltaGenerator:
    """A group's line: what is drawn in it is seen while it is open."""
    key = f"line-{NO_GROUP if group == UNGROUPED else group}"
    st.session_state[key] = is_open  # always: Streamlit forgets it where the line says something else

    def toggled() -> None:
        open_group(visit, group if st.session_state[key] else None)

    return st.expander(label, key=key, on_change=toggled)


# ---- what a line shows -----------------------------------------------------------------------------------


def _label(visit: Visit, name: str, amount: Amount, share: float, mean: float | None) -> str:
    """A line as Markdown: the name and each number are an element of their own, which the style puts in columns."""
    rows, _, distinct = str(amount).partition(" (")
    parts = [
        f"**{literal(name)}**",
        f":gray[{rows}]",
        f"_({distinct}_" if distinct else "",
        f":gray[{100 * share:.0f} %]",
    ]
    if mean is not None:
        value = "–" if math.isnan(mean) else literal(written(mean))
        parts.append(f":gray[:small[mean {literal(_number(visit) or '')}] {value}]")
    return " ".join(part for part in parts if part)


def _heads(visit: Visit, details: Details) -> str:
    """What the columns of numbers are."""
    mean = "" if details.means is None else f"<span>mean {escape(_number(visit) or '')}</span>"
    bars = "<span></span>"
    if details.time is not None:
        first, last = (moment.astype("datetime64[D]") for moment in (details.time.first, details.time.last))
        bars = f'<span title="Rows from {first} to {last}">{escape(visit.entry.roles.date or "")}</span>'
    return f'<div class="em-heads"><i></i><i></i><i></i><i></i><span>share</span>{mean}{bars}</div>'


def _number(visit: Visit) -> str | None:
    """The number column whose mean is shown: a label's mean says nothing."""
    roles = visit.entry.roles
    return roles.number if roles.number != roles.label else None


def _bars(visit: Visit, found: Found, details: Details, group: int, colors: Coloring) -> str:
    """A small picture behind a line, as a CSS image: rows over time, or without dates the group's share."""
    color = map_content.group_color(colors, group)
    if details.time is None:
        largest = max(cluster.rows for cluster in found.clusters)
        boxes = [(0.0, 10.0, 96.0 * found.clusters[group].rows / max(largest, 1), 6.0)]
    else:
        counts = details.time.counts[group]
        step = 96 / len(counts)
        tall = [26 * float(count) / max(int(counts.max()), 1) for count in counts]
        boxes = [(place * step, 26 - max(high, 1), step - 2, max(high, 1)) for place, high in enumerate(tall)]
    drawn = "".join(
        f"<rect x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}' fill='{color}'/>"
        for x, y, width, height in boxes
    )
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 96 26'>{drawn}</svg>"
    return f'url("data:image/svg+xml,{quoted_url(svg)}")'


def _styled(painted: dict[str, tuple[str, str]], has_means: bool) -> str:
    colors = "\n".join(
        f".st-key-line-{name} {{ --dot: {color}; --bars: {bars}; }}" for name, (color, bars) in painted.items()
    )
    wide, narrow = (
        f"12px minmax(0, 1fr) {rows} 3rem {'5rem' if has_means else ''} 96px" for rows in ("5.2rem 5.8rem", "5.2rem 0")
    )
    return _STYLE.replace("GRID", wide).replace("NARROW", narrow).replace("INDENT", "1.6rem").replace("COLORS", colors)


@cached()
def _details(
    key: str, conditions: tuple[Condition, ...], date: str | None, number: str | None, _space: Space,
    _clusters: Clusters, _rows: np.ndarray | None,
) -> Details:  # fmt: skip
    return Details(
        portraits.over_time(_space, _clusters, date, _rows) if date else None,
        portraits.means(_space, _clusters, number, _rows) if number else None,
        portraits.foreign(_space, _clusters),
    )
