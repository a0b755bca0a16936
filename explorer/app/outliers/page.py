"""The parts of the page of outliers: method and threshold, the ranking with its reasons."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from explorer.analysis.outliers import OUTLIER_METHODS, Outliers, find_outliers
from explorer.answers.outliers import Ask, Found, Result
from explorer.answers.registry import ask
from explorer.app.address import bound, item_in_address, one_of, put, put_item, row_of_item
from explorer.app.cache import cached
from explorer.app.links import page_link
from explorer.app.map_component import Highlight
from explorer.app.outliers.decisions import decide, decided_items, take_away
from explorer.app.small_map import kept, small_map
from explorer.app.theme import theme
from explorer.app.visit import Visit
from explorer.app.wording import literal, passage_of
from explorer.space import Space
from explorer.views import map_content
from explorer.views.coloring import color_by_number
from explorer.views.score_histogram import score_histogram
from explorer.wording import counted, shorten

SHOWN = 10  # items on one page of the ranking
_TEXT = 420  # characters of a text shown in the ranking
_FIELDS = 5
_PAGE = "outliers-page"  # key of the page number
_HEIGHT = 400  # pixels of the map
_STYLE = f"""
<style>
.st-key-outliers-map-2d, .st-key-outliers-map-3d {{ min-height: {_HEIGHT}px; }}  /* its place, before it has come */
</style>
"""


def draw(visit: Visit) -> None:
    """Method and line, the ranking with its reasons, and what remains."""
    view = visit.view.with_scores(lambda method: _scored(visit.space.key("neighbors"), method, _space=visit.space))
    left, right = st.columns([5, 4], gap="large")
    with left:
        method = method_box()
    with right:
        threshold = threshold_box(view.outliers(method))
    found = ask("outliers", view, Ask(method, SHOWN, threshold), mend=False)
    with left:
        effect(visit, found)
    results, beside = st.columns([13, 7], gap="large")
    with results:
        ranking(visit, found)
    with beside:
        picture(visit, found)
        take_away(visit)


def method_box() -> str:
    """Where a method is chosen, kept in the address as `method`: a key of `OUTLIER_METHODS`."""
    names = list(OUTLIER_METHODS)
    method = bound(
        st.radio, "What counts as strange", "method", usual=names[0], read=one_of(names), then=_forget_threshold,
        options=names, horizontal=True, format_func=lambda name: OUTLIER_METHODS[name].title,
    )  # fmt: skip
    st.caption(f"{OUTLIER_METHODS[method].about} Score: {OUTLIER_METHODS[method].unit}.")
    return method


def threshold_box(found: Outliers) -> float:
    """Where the threshold is moved, kept in the address as `above`, over the histogram of all scores."""
    low, high = _range(found.scores)
    if low == high:
        st.caption("All items score the same: none is stranger than another.")
        return high
    usual = min(found.threshold, high)
    threshold = bound(
        st.slider, "Stranger than", "above", usual=usual, read=lambda text: _within(text, low, high),
        write=lambda value: f"{value:.6g}", then=_to_first_page, key=f"above-{found.method}",
        min_value=low, max_value=high, step=_step(low, high), format="%.2f",
        help="Flagged is what scores above the line. Its usual place is two robust standard deviations above the "
        "median, at most 3 in 100 items; about 2 in 100 lie there in a table without anything odd, so what is "
        "flagged is worth a look, not proof.",
    )  # fmt: skip
    chosen = found.with_threshold(threshold)
    flagged, paint = int(chosen.flagged.sum()), theme()
    st.plotly_chart(
        score_histogram(found.scores, chosen.threshold, paint.alarm, paint.muted, paint.text), key="scores", theme=None,
        config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
        alt=f"Histogram of {len(found.scores):,} scores from {low:.2f} to {high:.2f}; "
        f"{flagged:,} lie above the line at {chosen.threshold:.2f}.",
    )  # fmt: skip
    if not math.isfinite(found.threshold):
        st.caption("Fewer than 20 items are too few to say what is usual: move the line to see the strangest.")
    elif "above" in st.query_params:
        st.button(
            f"Back to the usual line, {usual:.2f}", key="usual-line", type="tertiary", on_click=_forget_threshold,
        )  # fmt: skip
    return threshold


def effect(visit: Visit, found: Found) -> None:
    """What the threshold does: how many are flagged, and how many of them another method flags too."""
    items, flagged = visit.space.items, found.outliers.flagged
    count, every = int(flagged.sum()), len(flagged)
    rows = len(items.rows_of(np.flatnonzero(flagged)))
    with st.container(horizontal=True, vertical_alignment="center", key="effect"):
        st.markdown(
            f"**{counted(count, 'item')}** ({100 * count / max(every, 1):.1f} %) above {found.outliers.threshold:.2f}"
            + (f", in {counted(rows, 'row')}" if rows != count else "")
            + f" &nbsp;·&nbsp; two methods agree on **{found.agreed:,}**",
            width="content",
        )
        with st.popover("What this means", type="tertiary"):
            _explain(found)
    if visit.items is not None:
        st.caption(
            f"{len(found.listed):,} of them meet the filter and are listed. Scores and line are those of "
            "all items: a filter changes what is shown, not what is strange."
        )


@st.fragment
def ranking(visit: Visit, found: Found) -> None:
    """The flagged items, strangest first, each with its reason and what can be decided about it.

    Turning its pages redraws nothing else; a decision redraws all, since downloads and Undo follow from it.
    """
    space = visit.space
    keeps, removes = decided_items(visit.project.decisions(), visit.keys, space)
    clicked = item_in_address(space)
    if clicked is not None:
        scores = found.outliers.scores
        with st.container(horizontal=True, vertical_alignment="center"):
            place = int((scores > scores[clicked]).sum()) + 1
            st.markdown(f"#### Clicked on the map: number {place:,} of {len(scores):,}", width="stretch")
            st.button(
                "Close", key="close-row", type="tertiary", icon=":material/close:", on_click=_close_row, args=(space,)
            )
        _cards(visit, found, np.array([clicked]), keeps, removes, "clicked")
        st.divider()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("#### Strangest first", width="stretch")
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
            st.caption(f"{counted(len(open_ones), 'item')} listed here still undecided:", width="content")
            for value, label in (("keep", "Keep them all"), ("remove", "Remove them all")):
                st.button(label, key=f"all-{value}", type="tertiary", on_click=decide, args=(visit, open_ones, value))


def picture(visit: Visit, found: Found) -> None:
    """Where the flagged items lie on the map."""
    st.html(_STYLE)
    odd, space = found.outliers, visit.space
    flagged = np.flatnonzero(odd.flagged).astype(np.int32)
    title = OUTLIER_METHODS[odd.method].title.lower()
    small_map(
        visit, "outliers-map", Highlight(flagged, item_in_address(space)), height=_HEIGHT,
        color=color_by_number(odd.scores.astype(np.float32), title), lit=visit.items,
    )  # fmt: skip
    if len(flagged):
        page_link(
            "map", f"All {len(flagged):,} on the map" if len(flagged) > 1 else "On the map", sel=kept(space, flagged)
        )


def _cards(visit: Visit, found: Found, items: np.ndarray, keeps: np.ndarray, removes: np.ndarray, where: str) -> None:
    for result in found.about(items):
        item = result.line.item
        with st.container(key=f"{where}-card-{item}", gap="xxsmall"):
            _card(visit, result)
            _decision(visit, item, bool(keeps[item]), bool(removes[item]), where)


def _card(visit: Visit, result: Result) -> None:
    """Why an item was found, and what its row says."""
    entry, space, line = visit.entry, visit.space, result.line
    also = ", ".join(OUTLIER_METHODS[name].title.lower() for name in result.also)
    passage = f" &nbsp; {passage_of(line)}" if passage_of(line) else ""
    st.markdown(
        f"**{result.score:.2f}** &nbsp; row {line.row:,}{passage} &nbsp; :gray[{literal(result.reason)}]"
        + (f"  \n:small[:orange[also {literal(also)}]]" if also else "")
    )
    if image := map_content.picture_of(space, entry.roles, line.row):
        st.image(image, width=64)
    if result.shown:
        st.markdown(literal(shorten(result.shown, _TEXT)))
    fields = map_content.field_columns(space, entry.roles)[:_FIELDS]
    values = [(name, shorten(map_content.cell(space, line.row, name), 60)) for name in fields]
    cells = " · ".join(f"{literal(name)} {literal(value)}" for name, value in values if value)
    if cells:
        st.caption(cells)


def _decision(visit: Visit, item: int, keep: bool, remove: bool, where: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if keep or remove:
            st.badge("removed" if remove else "kept", color="red" if remove else "green")
            st.button(
                "Take back", key=f"{where}-back-{item}", type="tertiary", icon=":material/undo:",
                on_click=decide, args=(visit, np.array([item]), ""),
            )  # fmt: skip
        else:
            for value, icon in (("keep", ":material/check:"), ("remove", ":material/delete:")):
                st.button(
                    value.capitalize(), key=f"{where}-{value}-{item}", type="tertiary", icon=icon,
                    on_click=decide, args=(visit, np.array([item]), value),
                )  # fmt: skip
        page_link("map", "On the map", **row_of_item(visit.space, item))


def _explain(found: Found) -> None:
    flagged = found.outliers.flagged
    st.markdown(
        f"Each method asks something else. **Two methods agree** on an item when it lies above your line here and "
        f"above the usual line of at least one other method. Of the {counted(int(flagged.sum()), 'item')} above "
        "your line:"
    )
    for name, other in found.others.items():
        method = OUTLIER_METHODS[name]
        st.markdown(f"- **{int((flagged & other).sum()):,}** are also {method.title.lower()} ({method.about})")
    st.markdown(
        "What two methods flag is odd in two ways and usually the better candidate; what one flags alone may be odd "
        "in the one way that it looks at. **None of this is proof**: a message in another language, or a rare but fair "
        "request, scores high too. Read before you remove."
    )
    st.markdown(
        "A text that several rows repeat is one item, scored against the *other* texts. That it was written more "
        "than once makes it less likely a slip, so the number of rows is shown, but it does not enter the score: "
        "a boilerplate line that a thousand rows hold can still belong nowhere."
    )


def _why_empty(found: Found) -> str:
    if not found.outliers.flagged.any():
        return "Nothing scores above the line. Move it to the left to see the strangest."
    if not len(found.listed):
        return "None of the flagged items meets the filter."
    return "Every item listed here has been decided. Switch “Undecided only” off to see them."


def _close_row(space: Space) -> None:
    put_item(space, None)
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
