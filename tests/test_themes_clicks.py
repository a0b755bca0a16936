"""A click on a bar, on a line of the report or on a cell of the groups by label opens exactly its rows on the map."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from map_driver import PATIENCE, Visitor
from playwright.sync_api import Browser, expect
from visits import visit

from explorer.answers.clusters import Ask as Clusters
from explorer.answers.registry import ask
from explorer.answers.themes import Ask as Themes
from explorer.answers.view import View
from explorer.app import session
from explorer.app.clusters.agreement_panel import rows_of_cell
from explorer.app.clusters.themes_panel import rows_of_bar
from explorer.library.workspaces import keep_selection
from explorer.table.values import dates
from explorer.views.label_matrix import label_matrix

TICKETS = "support_tickets"
REPORT, LABELS = (
    "clusters?sample=support_tickets&tab=Themes+report",
    "clusters?sample=support_tickets&tab=Groups+by+label",
)


@lru_cache(maxsize=1)
def tickets() -> View:
    entry = session.sample(TICKETS)
    return View(session.space_of(entry), entry.roles, entry.name)


def column(name: str) -> np.ndarray:
    return np.array(tickets().space.table.column(name).to_pylist(), object)


def later(rows: np.ndarray, than: str) -> np.ndarray:
    return rows[dates(tickets().space.wrapped, "created")[rows] >= np.datetime64(than)]


def selection(me: Visitor) -> str:
    return parse_qs(urlsplit(me.page.url).query)["sel"][0]


def named(rows: np.ndarray) -> str:
    """What a selection of these rows is called in an address."""
    return keep_selection(session.store(), rows)


# ---- what a click stands for -----------------------------------------------------------------------------


def test_a_bar_stands_for_the_rows_of_its_theme_and_period():
    view = tickets()
    found = ask("themes", view, Themes(period="created"), mend=False).themes
    for theme in found.themes:
        whole, why = rows_of_bar(view, found, [theme.group, "all"])
        assert (len(whole), why) == (theme.rows, theme.name)
        parts = [rows_of_bar(view, found, [theme.group, part])[0] for part in ("earlier", "later")]
        assert np.concatenate(parts).size == theme.rows
        assert len(parts[1]) == round(theme.later * found.after)
    assert rows_of_bar(view, found, [found.themes[0].group, "later"])[1].endswith("from 2026-05-17 on")


@pytest.mark.parametrize("bar", [None, [], [99, "all"], ["0", "all"], [-1, "all"], {"group": 0}, "later"])
def test_a_bar_that_is_none_opens_nothing(bar):
    found = ask("themes", tickets(), Themes(period="created"), mend=False).themes
    assert len(rows_of_bar(tickets(), found, bar)[0]) == 0


def test_each_cell_stands_for_as_many_rows_as_it_says():
    view = tickets()
    found = ask("clusters", view, Clusters(), mend=False).agreement
    for group, line in enumerate(found.counts.tolist()):
        for place, count in enumerate(line):
            rows, why = rows_of_cell(view, found, "topic", [group, place])
            assert len(rows) == count
            assert set(column("topic")[rows]) <= {found.values[place]}
            assert why == f"{view.clusters.names[group]}, topic: {found.values[place]}"


@pytest.mark.parametrize("cell", [None, [], [0], [99, 0], [0, -1], ["0", "0"], [0, 0, 0], {"group": 0}])
def test_a_cell_that_is_none_opens_nothing(cell):
    found = ask("clusters", tickets(), Clusters(), mend=False).agreement
    assert len(rows_of_cell(tickets(), found, "topic", cell)[0]) == 0


def test_under_a_filter_both_count_the_rows_that_meet_it():
    all_of = tickets()
    kept = column("topic") == "billing"
    view = View(all_of.space, all_of.roles, all_of.name, rows=kept)
    found = ask("clusters", view, Clusters(against="product"), mend=False).agreement
    assert found.rows + found.left_out == view.counted.sum()
    everywhere = ask("clusters", all_of, Clusters(), mend=False).agreement
    assert (everywhere.rows, everywhere.left_out) == (441, 0), "four rows without content are in no count"
    largest = np.unravel_index(found.counts.argmax(), found.counts.shape)
    rows, _ = rows_of_cell(view, found, "product", [int(place) for place in largest])
    assert len(rows) == found.counts.max()
    assert kept[rows].all()
    report = ask("themes", view, Themes(), mend=False).themes
    assert all(kept[rows_of_bar(view, report, [theme.group, "all"])[0]].all() for theme in report.themes)


def test_hostile_names_are_text_in_the_table():
    found = ask("clusters", tickets(), Clusters(), mend=False).agreement
    hostile = '"><img src=x onerror="x()">'
    html = label_matrix(found, [hostile] * len(tickets().clusters), hostile)
    assert "<img" not in html
    assert html.count("<button") == (found.counts > 0).sum()


def test_the_page_says_that_a_filter_counts():
    tab = {"sample": TICKETS, "tab": "Groups by label"}
    billing = int((column("topic") == "billing").sum())
    at = visit("pages/clusters.py", **tab, f='[["topic",["billing"]]]', against="product")
    assert any(f"{billing} rows that meet the filter by product" in part.value for part in at.caption)
    assert any("computed from the rows that meet the filter" in part.value for part in at.markdown)
    at = visit("pages/clusters.py", **tab, f='[["topic",["no such"]]]')
    assert any("No row here has both" in part.value for part in at.info)


# ---- in a browser ----------------------------------------------------------------------------------------


def click_bar(me: Visitor, panel: int, place: int) -> None:
    bars = me.page.locator(".st-key-theme-bars .subplot").nth(panel).locator(".bars .point path")
    box = bars.nth(place).bounding_box()
    assert box is not None
    me.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.timeout(300)
def test_bars_lines_and_cells_open_their_rows_once(browser: Browser, app_url: str):
    me = Visitor(browser.new_context(viewport={"width": 1440, "height": 1400}), app_url)
    page, view = me.page, tickets()
    found = ask("themes", view, Themes(by="urgency", period="created"), mend=False).themes
    place = next(n for n, theme in enumerate(found.themes) if theme.change > 2)
    group = found.themes[place].group

    me.go(REPORT)
    expect(page.get_by_text("No change is larger than chance.")).to_be_visible(timeout=PATIENCE)
    click_bar(me, 2, place)
    page.wait_for_url("**/map?**sel=**")
    wanted = later(view.rows_in(group), "2026-05-17")
    assert selection(me) == named(wanted)
    expect(page.locator("h4", has_text=f"{len(wanted)} rows selected")).to_be_visible(timeout=PATIENCE)

    # Back shows the report again, and the click is over: it stays there, also when something else is chosen.
    page.go_back()
    page.wait_for_url("**/clusters?**")
    expect(page.locator(".st-key-theme-bars .bars").first).to_be_visible(timeout=PATIENCE)
    me.idle()
    page.get_by_role("combobox", name="Number or category").click()
    page.get_by_role("option", name="none", exact=True).click()
    page.wait_for_url("**by=-**")
    expect(page.locator(".st-key-theme-bars .subplot")).to_have_count(2, timeout=PATIENCE)
    me.idle()
    assert "/clusters?" in page.url
    click_bar(me, 0, place)
    page.wait_for_url("**/map?**sel=**")
    assert selection(me) == named(view.rows_in(group))

    me.go(REPORT)
    table = page.locator(".st-key-theme-table canvas").first
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + 35 * (place + 1) + 17)
    page.wait_for_url("**/map?**sel=**")
    assert selection(me) == named(view.rows_in(group))
    page.go_back()
    page.wait_for_url("**/clusters?**")
    expect(page.locator(".st-key-theme-table")).to_be_visible(timeout=PATIENCE)
    me.idle()
    assert "/clusters?" in page.url

    me.go(LABELS)
    cell = page.locator(".gl button[title*='topic: login']").first
    count = int(cell.inner_text())
    group = int(cell.get_attribute("data-group") or -1)
    cell.click()
    page.wait_for_url("**/map?**sel=**")
    rows = view.rows_in(group)
    wanted = rows[column("topic")[rows] == "login"]
    assert (len(wanted), selection(me)) == (count, named(wanted))
    page.go_back()
    page.wait_for_url("**/clusters?**")
    expect(page.locator(".gl button").first).to_be_visible(timeout=PATIENCE)
    me.idle()
    assert "/clusters?" in page.url
    assert me.wrongs == []


@pytest.mark.timeout(300)
def test_under_a_finger_the_page_scrolls_over_the_picture_and_a_tap_opens_a_bar(browser: Browser, app_url: str):
    me = Visitor.on_a_phone(browser, app_url)
    page = me.page
    me.go(REPORT)
    picture = page.locator(".st-key-theme-bars")
    expect(picture.locator(".bars").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_function("() => document.querySelector('.st-key-theme-bars-touch')")
    me.idle()
    picture.evaluate("(node) => node.scrollIntoView({ block: 'center' })")
    where = "document.querySelector('[data-testid=stMain]').scrollTop"
    before, box = page.evaluate(where), picture.bounding_box()
    assert box is not None
    finger = me.context.new_cdp_session(page)
    x, y = 195, box["y"] + 200
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y + 12 * step}]})
        page.wait_for_timeout(30)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function(f"before => {where} < before - 50", arg=before)
    assert me.sideways() == []

    bar = picture.locator(".subplot").first.locator(".bars .point path").nth(1).bounding_box()
    assert bar is not None
    page.touchscreen.tap(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.wait_for_url("**/map?**sel=**")
    found = ask("themes", tickets(), Themes(), mend=False).themes
    assert selection(me) == named(tickets().rows_in(found.themes[1].group))
    assert me.wrongs == []
