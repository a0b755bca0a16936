"""The parts of the page of outliers: method and line, the ranking with its reasons."""

from __future__ import annotations

import math
import re

import numpy as np
import streamlit as st

from explorer.analysis.outlier_line import CHANCE, CHOSEN, FARTHEST, GAP, NONE, SHARE
from explorer.analysis.outliers import OUTLIER_METHODS, Outliers, find_outliers
from explorer.answers.outliers import Ask, Found, Result, summary
from explorer.answers.registry import ask
from explorer.app.address import bound, close_row, item_in_address, one_of, put, row_of_item
from explorer.app.cache import cached
from explorer.app.links import page_link
from explorer.app.map_component import Highlight
from explorer.app.outliers.decisions import decide, decided_items, downloads
from explorer.app.small_map import kept, small_map
from explorer.app.theme import theme
from explorer.app.visit import Visit
from explorer.app.wording import literal, passage_of
from explorer.space import Space
from explorer.views import map_content
from explorer.views.coloring import color_by_number
from explorer.views.score_histogram import score_histogram
from explorer.wording import capital, shorten

SHOWN = 10  # items on one page of the ranking
_TEXT = 420  # characters of a text shown in the ranking
_FIELDS = 5
_PAGE = "outliers-page"  # key of the page number
_HEIGHT = 400  # pixels of the map
LINES = {GAP: "a gap", CHANCE: "beyond chance", FARTHEST: f"the {SHARE} % farthest", CHOSEN: "your line"}
_HELP = (
    "At first the line is where the scores leave a gap, or where chance no longer explains them, whichever is lower. "
    "In tables without outliers, about 1 row in 1,000 is above it. Where there is neither, no row stands out, and the "
    f"line is below the {SHARE} % with the highest scores. To be above the line is no proof: read the row."
)
_STYLE = f"""
<style>
[class*="st-key-ranked-card-"], [class*="st-key-clicked-card-"] {{
  border-top: 1px solid rgba(128, 136, 148, 0.25); padding-top: 0.5rem;
}}
[class*="st-key-ranked-text-"] p {{
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
}}
@media (max-width: 640px) {{  /* the row's name on a line of its own, what can be done about it on the next */
  [class*="-head-"] > :first-child {{ flex: 1 0 100% !important; }}
}}
.st-key-outliers-map-2d, .st-key-outliers-map-3d {{ min-height: {_HEIGHT}px; }}  /* its place, before it has come */
</style>
"""


def draw(visit: Visit) -> None:
    """Method and line, the ranking with its reasons, and what remains."""
    st.html(_STYLE)
    view = visit.view.with_scores(lambda method: _scored(visit.space.key("neighbors"), method, _space=visit.space))
    left, right = st.columns([5, 4], gap="large")
    with left:
        method = method_box()
    with right:
        above = threshold_box(visit, view.outliers(method))
    found = ask("outliers", view, Ask(method, SHOWN, above), mend=False)
    with left:
        effect(visit, found)
    results, beside = st.columns([13, 7], gap="large")
    with results:
        ranking(visit, found)
    with beside:
        picture(visit, found)
        downloads(visit)


def method_box() -> str:
    """Where a method is chosen, kept in the address as `method`: a key of `OUTLIER_METHODS`."""
    names = list(OUTLIER_METHODS)
    method = bound(
        st.radio, "Outlier score", "method", usual=names[0], read=one_of(names), then=_forget_threshold,
        options=names, horizontal=True, format_func=lambda name: OUTLIER_METHODS[name].title,
    )  # fmt: skip
    st.caption(f"{OUTLIER_METHODS[method].about} Score: {OUTLIER_METHODS[method].unit}.")
    return method


def threshold_box(visit: Visit, found: Outliers) -> float | None:
    """Where the line is moved, kept in the address as `above`, over the histogram of all scores; None where nobody
    moved it."""
    low, high = _range(found.scores)
    if low == high:
        return None
    usual = min(found.threshold, high)
    threshold = bound(
        st.slider, "Score above", "above", usual=usual, read=lambda text: _within(text, low, high),
        write=lambda value: f"{value:.6g}", then=_to_first_page, key=f"above-{found.method}",
        min_value=low, max_value=high, step=_step(low, high), format="%.2f", help=_HELP,
    )  # fmt: skip
    chosen = None if threshold == usual else threshold
    shown = found if chosen is None else found.with_threshold(chosen)
    paint, rows = theme(), _rows_of_items(visit)
    flagged = int(rows[shown.flagged].sum())
    st.plotly_chart(
        score_histogram(
            found.scores, rows, shown.threshold, LINES.get(shown.line, ""), paint.alarm, paint.muted, paint.text,
            "passages" if visit.space.items.several else "rows",
        ), key="scores", theme=None,
        config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
        alt=f"Histogram of {int(rows.sum()):,} scores from {low:.2f} to {high:.2f}; "
        + (f"{flagged:,} are above the line at {shown.threshold:.2f}." if shown.line != NONE else "no line is drawn."),
    )  # fmt: skip
    if chosen is not None and found.line != NONE:
        st.button(
            f"Back to {usual:.2f}: {LINES[found.line]}", key="usual-line", type="tertiary", on_click=_forget_threshold,
        )  # fmt: skip
    return chosen


def effect(visit: Visit, found: Found) -> None:
    """What is above the line, how it was drawn, and how much of it another method flags too."""
    first, rest = re.split(r"(?<=[:.,]) ", summary(found), maxsplit=1)
    with st.container(key="effect", gap="xxsmall"):
        st.markdown(f"**{literal(first)}** {literal(rest)}")
        if found.agreed:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                amount = visit.view.amount(found.also)
                st.markdown(f"Another method flags **{amount}** of these too.", width="content")
                with st.popover("What this means", type="tertiary"):
                    _explain(visit, found)
        if visit.items is not None:
            st.caption("Counted and listed are rows that meet the filter. Scores and line are those of all rows.")


@st.fragment
def ranking(visit: Visit, found: Found) -> None:
    """The rows above the line, highest score first, each with its reason and what can be decided about it.

    Turning its pages redraws nothing else; a decision redraws all, since downloads and Undo follow from it.
    """
    space = visit.space
    keeps, removes = decided_items(visit.project.decisions(), visit.keys, space)
    clicked = item_in_address(space)
    if clicked is not None:
        scores = found.outliers.scores
        with st.container(horizontal=True, vertical_alignment="center"):
            place = visit.view.amount(scores > scores[clicked]).rows + 1
            every = visit.view.amount_of_rows(np.arange(space.table.num_rows)).rows
            st.markdown(f"#### Open row: number {place:,} of {every:,}", width="stretch")
            st.button("✕", key="close-row", type="tertiary", help="Close", on_click=_close_row)
        _cards(visit, found, np.array([clicked]), keeps, removes, "clicked")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("#### Highest score first", width="stretch")
        undecided = bound(
            st.toggle, "Undecided only", "undecided", usual=False, read=lambda text: text == "true",
            write=lambda _: "true", then=_to_first_page,
        )  # fmt: skip
    open_ones = found.listed[~(keeps | removes)[found.listed]]
    shown = open_ones if undecided else found.listed
    if not len(shown):
        st.caption(_why_empty(found))
        return
    pages = math.ceil(len(shown) / SHOWN)
    page = min(max(int(st.session_state.get(_PAGE, 1)), 1), pages)
    _cards(visit, found, shown[(page - 1) * SHOWN : page * SHOWN], keeps, removes, "ranked")
    if pages > 1:
        if st.session_state.get(_PAGE, 1) != page:
            st.session_state[_PAGE] = page
        st.pagination(pages, key=_PAGE)
    if len(open_ones) > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{visit.view.amount(open_ones)} listed here, undecided:", width="content")
            for value, label in (("keep", "Keep all"), ("remove", "Remove all")):
                st.button(label, key=f"all-{value}", type="tertiary", on_click=decide, args=(visit, open_ones, value))


def picture(visit: Visit, found: Found) -> None:
    """Where the rows above the line are on the map."""
    odd, space = found.outliers, visit.space
    flagged = np.flatnonzero(odd.flagged).astype(np.int32)
    title = OUTLIER_METHODS[odd.method].title.lower()
    small_map(
        visit, "outliers-map", Highlight(flagged, item_in_address(space)), height=_HEIGHT,
        color=color_by_number(odd.scores.astype(np.float32), title), lit=visit.items,
    )  # fmt: skip
    if len(flagged):
        page_link("map", f"Show {found.above} on the map", sel=kept(space, flagged))


def _cards(visit: Visit, found: Found, items: np.ndarray, keeps: np.ndarray, removes: np.ndarray, where: str) -> None:
    for result in found.about(items):
        item = result.line.item
        with st.container(key=f"{where}-card-{item}", gap="xxsmall"):
            with st.container(key=f"{where}-head-{item}", horizontal=True, vertical_alignment="center", gap="small"):
                name = visit.view.row_name(result.line.row)
                passage = f" · {passage_of(result.line)}" if passage_of(result.line) else ""
                st.markdown(f"**{result.score:.2f}** &nbsp; {literal(capital(name) + passage)}", width="stretch")
                _decision(visit, item, bool(keeps[item]), bool(removes[item]), where)
            _card(visit, result, where)


def _card(visit: Visit, result: Result, where: str) -> None:
    """Why a row is listed, and what it says."""
    entry, space, line = visit.entry, visit.space, result.line
    also = "; also " + ", ".join(OUTLIER_METHODS[name].title.lower() for name in result.also) if result.also else ""
    st.caption(literal(result.reason + also))
    if image := map_content.picture_of(space, entry.roles, line.row):
        st.image(image, width=64)
    if result.shown:
        with st.container(key=f"{where}-text-{line.item}"):
            st.markdown(literal(shorten(result.shown, _TEXT)))
    fields = [name for name in map_content.field_columns(space, entry.roles) if name != entry.roles.id][:_FIELDS]
    values = [(name, shorten(map_content.cell(space, line.row, name), 60)) for name in fields]
    cells = " · ".join(f"{literal(name)} {literal(value)}" for name, value in values if value)
    if cells:
        st.caption(cells)


def _decision(visit: Visit, item: int, keep: bool, remove: bool, where: str) -> None:
    if keep or remove:
        st.badge("removed" if remove else "kept", color="red" if remove else "green")
        st.button(
            "Undo", key=f"{where}-back-{item}", type="tertiary", icon=":material/undo:",
            on_click=decide, args=(visit, np.array([item]), ""),
        )  # fmt: skip
    else:
        for value, icon in (("keep", ":material/check:"), ("remove", ":material/delete:")):
            st.button(
                value.capitalize(), key=f"{where}-{value}-{item}", type="tertiary", icon=icon,
                on_click=decide, args=(visit, np.array([item]), value),
            )  # fmt: skip
    page_link("map", "On the map", **row_of_item(visit.space, item))


def _explain(visit: Visit, found: Found) -> None:
    st.markdown(
        "Each method asks something else. A row counts here when it is above your line, and above the line of at "
        f"least one other method. Of the {found.above} above your line:"
    )
    for name, other in found.others.items():
        method = OUTLIER_METHODS[name]
        st.markdown(
            f"- **{visit.view.amount(found.outliers.flagged & other)}**: {method.title.lower()}. {method.about}"
        )
    st.markdown(
        "What two methods flag is unusual in two ways and a good candidate; what one flags alone may be "
        "unusual in the one way that it looks at. **None of this is proof**: a message in another language, or a rare "
        "but fair request, scores high too. Read before you remove."
    )
    st.markdown(
        "Rows with the same text have one score, against the *other* texts. How many they are does not enter the "
        "score: a line that a thousand rows repeat can still be far from all others."
    )


def _why_empty(found: Found) -> str:
    if not found.outliers.flagged.any() and found.outliers.line != NONE:
        return "No row scores above the line. Move it to the left to see the highest."
    if not len(found.listed):
        return "No row above the line meets the filter."
    return "Every row listed here is decided. Switch “Undecided only” off to see them."


def _rows_of_items(visit: Visit) -> np.ndarray:
    """How many rows that meet the filter hold each item: (m,) int64."""
    links = visit.space.links
    return np.bincount(links[visit.view.counted[links[:, 0]], 1], minlength=len(visit.space.items))


def _close_row() -> None:
    close_row()
    st.rerun()  # the map is redrawn too


def _forget_threshold() -> None:
    put(above=None)
    _to_first_page()


def _to_first_page() -> None:
    st.session_state.pop(_PAGE, None)


def _within(text: str, low: float, high: float) -> float | None:
    """The number that a text writes, brought into range; None where it writes none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return min(max(number, low), high) if math.isfinite(number) else None


def _range(scores: np.ndarray) -> tuple[float, float]:
    return (float(scores.min()), float(scores.max())) if len(scores) else (0.0, 0.0)


def _step(low: float, high: float) -> float:
    """A power of ten, a hundredth of the range or less."""
    return 10.0 ** math.floor(math.log10((high - low) / 100))


@cached(spinner="Scoring every item…")
def _scored(neighbors_key: str, method: str, _space: Space) -> Outliers:
    return find_outliers(_space.unit, _space.neighbors, method)
