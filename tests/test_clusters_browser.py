"""The list of groups in a real browser: a click opens a line, another closes it; ten lines fit on a screen."""

from __future__ import annotations

import re

import pytest
from map_driver import PATIENCE, Visitor
from playwright.sync_api import Browser, Locator, expect
from test_parts import Runs

LINE = 56  # pixels


@pytest.fixture
def me(browser: Browser, app_url: str):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield Visitor(context, app_url)
    context.close()


def lines(me: Visitor) -> Locator:
    return me.page.locator(".st-key-lines summary")


def open_lines(me: Visitor) -> Locator:
    return me.page.locator(".st-key-lines details[open] > summary")


def expect_open(me: Visitor, name: str) -> None:
    """Until the line with this name is open, and no other; a line that closes takes a moment."""
    expect(open_lines(me).filter(has_text=name)).to_have_count(1, timeout=PATIENCE)
    expect(open_lines(me)).to_have_count(1, timeout=PATIENCE)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("path", ["clusters?sample=digits", "clusters?sample=support_tickets&level=12"])
def test_ten_groups_fit_on_a_screen(me: Visitor, path: str):
    me.go(path)
    expect(lines(me).nth(9)).to_be_visible(timeout=PATIENCE)
    me.map()
    boxes = [line.bounding_box() for line in lines(me).all()]
    inside = [box for box in boxes if box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 900]
    assert len(inside) >= 10
    assert all(box["height"] <= LINE for box in inside)
    assert me.sideways() == []
    assert me.wrongs == []


@pytest.mark.timeout(240)
def test_a_click_opens_a_line_and_another_closes_it(me: Visitor):
    runs, page = Runs(me), me.page
    me.go("clusters?sample=support_tickets")
    me.map()
    runs.since()
    lines(me).nth(2).click(position={"x": 400, "y": 10})  # anywhere on the line
    expect(page.get_by_text("Typical: nearest to the middle")).to_be_visible(timeout=PATIENCE)
    me.await_map("map.selected > 0")
    expect(open_lines(me)).to_have_count(1)
    assert "group=" in page.url
    assert runs.since()[0] == 0

    lines(me).nth(0).focus()  # one is open at a time, by the keyboard too
    page.keyboard.press("Enter")
    expect_open(me, "parcel, arrived, glass")
    expect(page.get_by_text("Typical: nearest to the middle")).to_have_count(1, timeout=PATIENCE)

    lines(me).nth(0).click()
    expect(open_lines(me)).to_have_count(0, timeout=PATIENCE)
    me.await_map("map.selected == 0")
    assert "group=" not in page.url

    page.go_back()
    expect_open(me, "parcel, arrived, glass")
    page.go_back()
    expect_open(me, "app, crashes, signal")
    page.go_back()
    expect(open_lines(me)).to_have_count(0, timeout=PATIENCE)
    assert me.wrongs == []


@pytest.mark.timeout(240)
def test_a_click_on_a_point_opens_its_group(me: Visitor):
    me.go("clusters?sample=support_tickets")
    me.idle()
    state = me.map()
    item = me.lonely(state)
    me.point(item, click=True)
    me.page.wait_for_url(re.compile("group="))
    expect(open_lines(me)).to_have_count(1, timeout=PATIENCE)
    chosen = me.await_map("map.selected > 0")["selected"]
    rows = re.search(r"(\d+) rows(?:\s*\((\d+) distinct\))?", open_lines(me).inner_text())
    assert rows is not None
    assert chosen == int(rows[2] or rows[1])
    assert me.wrongs == []


@pytest.mark.timeout(240)
def test_groups_are_renamed_split_and_merged_in_place(me: Visitor):
    page = me.page
    me.go("clusters?sample=support_tickets")
    me.map()
    lines(me).nth(1).click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="New name").fill("Money back")
    page.keyboard.press("Enter")
    expect_open(me, "Money back")
    me.idle()
    page.get_by_role("button", name="Split").click()
    page.get_by_role("button", name="2", exact=True).click()
    expect(page.get_by_text("9 groups")).to_be_visible(timeout=PATIENCE)
    expect(open_lines(me)).to_have_count(1, timeout=PATIENCE)
    me.idle()
    page.get_by_role("button", name="Merge").click()
    page.get_by_role("combobox", name="With which groups?").fill("notes")
    page.keyboard.press("Enter")
    me.idle()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Merge").click()
    expect(page.get_by_text("8 groups")).to_be_visible(timeout=PATIENCE)
    expect(open_lines(me)).to_have_count(1, timeout=PATIENCE)
    page.locator(".st-key-undo-here button").click()
    expect(page.get_by_text("9 groups")).to_be_visible(timeout=PATIENCE)
    assert me.wrongs == []
