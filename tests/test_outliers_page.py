"""The page of outliers: what is above the line and why, decisions and their undo, filter, links, downloads."""

from __future__ import annotations

import re
from functools import partial

import numpy as np
import pytest
from examples import EXACT_DUPLICATES, HASHED, sentence_space, sentence_table, stored_recipe, table_of, three_clouds
from garbage import SHOWN_GARBAGE
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest
from visits import drawn, healthy, link_of, opened, page_text, press
from visits import visit as visit_page

from explorer.analysis.outliers import OUTLIER_METHODS
from explorer.app import session
from explorer.app.outliers import decisions
from explorer.app.outliers import page as outliers_page
from explorer.app.pages import PAGES
from explorer.building import build
from explorer.embedding.models import MODELS
from explorer.library.annotations import hexes, row_keys
from explorer.recipe import READY_MADE
from explorer.views.score_histogram import score_histogram

TICKETS = "support_tickets"
CHESS = "Knight to f5"  # the ticket with the highest score by distance; row 122, id T0123

visit = partial(visit_page, "pages/outliers.py")


def ranked(at: AppTest, what: str = "remove") -> list[int]:
    """The items listed that can be kept or removed ("remove"), or whose decision can be taken back ("back")."""
    start = f"ranked-{what}-"
    return [int(b.key.removeprefix(start)) for b in at.button if (b.key or "").startswith(start)]


# ---- what is flagged ---------------------------------------------------------------------------------------


def test_without_a_dataset_it_says_what_it_would_show_and_offers_a_sample():
    at = visit()
    assert at.markdown[0].value == f"# {PAGES['outliers'].shows}"
    press(at, f"open-{TICKETS}")
    assert CHESS in page_text(at)


def test_the_tickets_by_score_each_with_its_reason():
    at = visit(sample=TICKETS)
    words = page_text(at)
    assert "**No row stands out\\.** These are the 3 % with the highest scores, to look at\\: 13 rows\\." in words
    assert re.search(r"Another method flags \*\*\d+ rows\*\* of these too", words)
    assert "**0.82** &nbsp; Row 122 · T0123" in words
    assert r"far from everything\: nearest similarity 0\.22, typical 0\.48" in words
    assert words.index(CHESS) < words.index("Full time")
    assert len(ranked(at)) == outliers_page.SHOWN
    assert len(drawn(at)["highlight"]["items"]) == 13


def test_where_the_data_draw_the_line_its_rows_are_possible_outliers():
    """A handful of digits is farther from the average than the others explain."""
    at = visit(sample="digits", method="covariance")
    rows = int(re.search(r"\*\*(\d+) rows are possible outliers\\:\*\* above 1\d\\.", page_text(at))[1])
    assert 0 < rows == len(ranked(at)) < 10
    at = visit(sample="digits")
    assert "**No row stands out" in page_text(at)
    assert "far from everything\\:" not in page_text(at)


@pytest.mark.parametrize("method", OUTLIER_METHODS)
@pytest.mark.parametrize("sample", [TICKETS, "digits"])
def test_every_method_on_every_sample(sample, method):
    at = visit(sample=sample, method=method)
    assert at.radio(key="method").value == method
    assert not at.error
    assert OUTLIER_METHODS[method].about in page_text(at)
    assert len(ranked(at)) == min(len(drawn(at)["highlight"]["items"]), outliers_page.SHOWN) > 0


def test_another_method_ranks_anew_under_its_own_line():
    at = visit(sample=TICKETS, above="0.70")
    healthy(at.radio(key="method").set_value("density").run())
    assert link_of(at) == {"sample": TICKETS, "method": "density"}
    assert 1 < at.slider[0].value < 2
    assert "the sparsest of all" in page_text(at)


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["One text."], "There is only one row"),
        (["One text."] * 30, "All 30 rows have the same content"),
        (["A text about bread.", "A text about the moon."], "Fewer than 20 rows are too few to say what is usual"),
        ([f"Text {n % 5} of five." for n in range(40)], "Fewer than 20 distinct rows are too few"),
    ],
)
def test_too_few_rows_for_a_line_are_all_listed(texts, says, monkeypatch):
    monkeypatch.setitem(MODELS, "hashed", HASHED)
    table, store = table_of(text=texts), session.store()
    recipe = stored_recipe(store, table, ("text",), model="hashed")
    build(recipe, store=store)
    at = opened("pages/outliers.py", recipe, table)
    assert f"**{says}" in page_text(at)
    assert len(ranked(at)) == len(set(texts))
    assert drawn(at)["highlight"]["items"] == []


# ---- the threshold -----------------------------------------------------------------------------------------


def test_a_lower_line_flags_more_and_stays_in_the_address():
    at = visit(sample=TICKETS)
    healthy(at.slider[0].set_value(0.70).run())
    assert r"**67 rows \(64 distinct\) score above 0\.70,** the line you chose\." in page_text(at)
    assert link_of(at)["above"] == "0.7"
    again = visit(**link_of(at))
    assert again.slider[0].value == 0.7
    assert len(drawn(again)["highlight"]["items"]) == 64
    press(again, "usual-line")
    assert "above" not in link_of(again)
    assert len(drawn(again)["highlight"]["items"]) == 13


def test_a_line_above_everything_flags_nothing_and_says_what_to_do():
    at = visit(sample=TICKETS, above="99")
    assert "**0 rows score above" in page_text(at)
    assert "Move it to the left" in page_text(at)
    assert drawn(at)["highlight"]["items"] == []


@pytest.mark.parametrize("garbage", ["nan", *SHOWN_GARBAGE])
def test_an_address_that_makes_no_sense_does_no_harm(garbage):
    wrong = dict.fromkeys(("method", "above", "undecided", "row", "f"), garbage)
    at = visit(sample=TICKETS, **wrong)
    assert at.radio(key="method").value == "distance"
    assert 0.4 < at.slider[0].value < 0.9


def test_the_pages_of_a_long_ranking():
    at = visit(sample=TICKETS)
    first = ranked(at)
    at.session_state["outliers-page"] = 2
    healthy(at.run())
    assert len(ranked(at)) == 3
    assert not set(first) & set(ranked(at))


# ---- decisions ---------------------------------------------------------------------------------------------


def test_remove_keep_and_undo():
    at = visit(sample=TICKETS, method="density", above="1.1")
    one, other = ranked(at)[:2]
    press(at, f"ranked-remove-{one}")
    press(at, f"ranked-keep-{other}")
    assert ranked(at, "back") == [one, other]
    assert "What remains: **444 rows**" in page_text(at)
    assert "What was removed: **1 row**" in page_text(at)
    link = link_of(at)
    assert (link["method"], link["above"]) == ("density", "1.1")  # making the project lost nothing
    again = visit(**link)  # decisions belong to the project, not to the visit
    assert ranked(again, "back") == [one, other]
    press(again, f"ranked-back-{one}")
    assert ranked(again, "back") == [other]
    assert "all 445 rows remain" in page_text(again)


def test_undecided_only_and_all_at_once():
    at = visit(sample=TICKETS)
    highest = ranked(at)[0]
    press(at, f"ranked-keep-{highest}")
    healthy(at.toggle(key="undecided").set_value(True).run())
    assert link_of(at)["undecided"] == "true"
    assert highest not in ranked(at)
    assert CHESS not in page_text(at)
    press(at, "all-remove")
    assert ranked(at) == []
    assert "Every row listed here is decided" in page_text(at)
    assert "What was removed: **12 rows**" in page_text(at)
    press(at, "undo")
    assert len(ranked(at)) == outliers_page.SHOWN
    assert "all 445 rows remain" in page_text(at)


def test_an_item_of_two_rows_is_removed_when_both_are():
    space, ids = sentence_space(), sentence_table().arrow.column("id").to_pylist()
    keys = row_keys(space.table, "id")
    twins = [ids.index(name) for name in EXACT_DUPLICATES]
    item = int(space.item_of_row[twins[0]])
    one, other = hexes(keys[twins])
    keep, remove = decisions.decided_items({one: "remove"}, keys, space)
    assert not keep.any()
    assert not remove.any()
    keep, remove = decisions.decided_items({one: "remove", other: "remove"}, keys, space)
    assert np.flatnonzero(remove).tolist() == [item]
    keep, remove = decisions.decided_items({one: "remove", other: "keep"}, keys, space)
    assert np.flatnonzero(keep).tolist() == [item]
    assert not remove.any()
    assert decisions.rows_decided({one: "remove"}, keys, "remove").tolist() == [twins[0]]


def test_the_downloads_hold_the_rows_as_read():
    import io

    import pyarrow.parquet as pq

    space = sentence_space()
    rows = np.array([0, 2])
    assert pq.read_table(io.BytesIO(decisions._parquet(space, rows)())).equals(space.table.take(rows))
    lines = decisions._csv(space, rows)().decode("utf-8-sig").splitlines()
    assert lines[0] == "id,text,topic"
    assert len(lines) == 3


def test_in_a_browser_a_decision_redraws_the_page_and_a_turned_page_keeps_what_stands_beside_it(browser, app_url):
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.goto(f"{app_url}/outliers?sample={TICKETS}")
    cards = page.locator("[class*=st-key-ranked-card]")
    expect(cards).to_have_count(outliers_page.SHOWN, timeout=60_000)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.get_by_test_id("stPagination").get_by_text("2", exact=True).first.click()
    expect(cards).to_have_count(3, timeout=30_000)
    page.get_by_role("button", name="Remove", exact=True).first.click()
    expect(page.get_by_text("What was removed: 1 row")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Undo")).to_have_count(2)  # of the card, and of the header
    expect(cards).to_have_count(3)
    page.close()


# ---- filter and map ----------------------------------------------------------------------------------------


def test_a_filter_changes_what_is_listed_and_not_the_scores():
    at = visit(sample=TICKETS, f='[["topic",["damaged item"]]]')
    words = page_text(at)
    count = int(re.search(r"to look at\\: (\d+) rows?\\.", words)[1])
    assert "Scores and line are those of all rows" in words
    assert len(ranked(at)) == count
    assert 0 < count < 13
    assert CHESS in words
    assert "Full time" not in words
    assert len(drawn(at)["highlight"]["items"]) == 13


def test_a_filter_that_nothing_flagged_meets():
    at = visit(sample=TICKETS, f='[["topic",["no such topic"]]]')
    assert ranked(at) == []
    assert "No row above the line meets the filter" in page_text(at)


def test_a_row_clicked_on_the_map_stands_first_and_can_be_closed():
    at = visit(sample=TICKETS, at="122")
    assert re.search(r"#### Open row: number 1 of 44\d", page_text(at))
    assert page_text(at).count(CHESS) == 2  # there, and in the ranking
    press(at, "close-row")
    assert "Open row" not in page_text(at)


def test_a_row_without_content_is_no_row_to_show():
    assert "Open row" not in page_text(visit(sample=TICKETS, at="22"))  # T0023 is empty


@pytest.mark.parametrize("planted", [0, 2])
def test_the_link_of_home_to_the_possible_outliers_shows_them_on_the_map(planted):
    """Three bundles, and directions that no row takes; without these nothing stands out, and nothing is selected."""
    vectors = np.vstack([three_clouds()[0], np.eye(16, dtype=np.float32)[14 : 14 + planted]])
    table, store = table_of(vector=vectors), session.store()
    recipe = stored_recipe(store, table, ("vector",), model=READY_MADE)
    build(recipe, store=store)
    at = opened("pages/map.py", recipe, table, show="strange")
    assert drawn(at)["highlight"]["items"] == list(range(120, 120 + planted))
    assert ("sel" in link_of(at)) == bool(planted)


def test_each_item_and_all_of_them_link_to_the_map():
    at = visit(sample=TICKETS)
    links = [link.proto.query_string for link in at.page_link if "map" in link.page]
    assert any("at=122" in link for link in links)
    assert any("sel=" in link for link in links)


# ---- the histogram -----------------------------------------------------------------------------------------


def histogram(scores, threshold, rows=None, name="a gap"):
    rows = np.ones(len(scores), int) if rows is None else rows
    return score_histogram(scores, rows, threshold, name, "red", "gray", "black")


def test_the_histogram_counts_the_rows_of_every_item_once():
    scores = np.array([0.1, 0.1, 0.2, 0.3, 0.9])
    below, above = histogram(scores, 0.25, np.array([1, 1, 7, 2, 1])).data
    assert (sum(below.y), sum(above.y)) == (9, 3)


def test_the_line_is_named_by_how_it_was_drawn():
    figure = histogram(np.linspace(0, 1, 40), 0.8, name="the 3 % farthest")
    assert any("the 3 % farthest" in note.text for note in figure.layout.annotations)
    assert len(histogram(np.linspace(0, 1, 10), float("inf")).layout.shapes) == 0


def test_a_tall_histogram_is_logarithmic_so_that_a_single_odd_item_can_be_seen():
    scores = np.append(np.full(5_000, 0.1), 0.9)
    assert histogram(scores, 0.5).layout.yaxis.type == "log"
    assert histogram(scores[-40:], 0.5).layout.yaxis.type == "log"
    assert histogram(scores[-20:], 0.5).layout.yaxis.type is None


@pytest.mark.parametrize("scores", [[], [0.3], [0.3, 0.3]])
def test_a_histogram_of_nothing_much(scores):
    figure = histogram(np.array(scores), float("inf"))
    assert sum(map(int, figure.data[0].y)) == len(scores)
