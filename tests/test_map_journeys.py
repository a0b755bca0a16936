"""What opens and closes on the map page, in a real browser: questions, rows, selections, on a desk and on a phone."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from map_driver import PATIENCE, Visitor
from playwright.sync_api import Browser, Page, expect

MAP = "map?sample=support_tickets"
CLOSE_ROW, CLOSE_ANSWERS = (f".st-key-{key} button:visible" for key in ("close-row", "close-answers"))
ANSWERS = "[class*=st-key-answer-] button"


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def ask(page: Page, question: str) -> None:
    page.get_by_role("textbox", name="Ask or search").fill(question)
    page.get_by_role("textbox", name="Ask or search").press("Enter")


@pytest.mark.timeout(240)
def test_a_question_over_an_open_row_closes_it_and_shows_its_answers(browser: Browser, app_url: str):
    me = Visitor(browser.new_context(viewport={"width": 1440, "height": 900}), app_url)
    page = me.page
    me.go(f"{MAP}&at=11")
    expect(page.locator(CLOSE_ROW)).to_be_visible(timeout=PATIENCE)
    ask(page, "my parcel never came")
    expect(page.locator(ANSWERS)).to_have_count(10, timeout=PATIENCE)
    expect(page.locator(CLOSE_ROW)).to_have_count(0)
    assert "at" not in address(page)

    # A row that is opened from the answers closes to them.
    page.locator(ANSWERS).first.click()
    expect(page.locator(CLOSE_ROW)).to_be_visible(timeout=PATIENCE)
    page.locator(CLOSE_ROW).click()
    expect(page.locator(ANSWERS)).to_have_count(10, timeout=PATIENCE)

    # The same question asked again closes a row too.
    page.locator(ANSWERS).nth(1).click()
    expect(page.locator(CLOSE_ROW)).to_be_visible(timeout=PATIENCE)
    page.get_by_role("textbox", name="Ask or search").press("Enter")
    expect(page.locator(ANSWERS)).to_have_count(10, timeout=PATIENCE)
    expect(page.locator(CLOSE_ROW)).to_have_count(0)

    page.locator(CLOSE_ANSWERS).click()
    expect(page.locator(".st-key-groups")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("textbox", name="Ask or search")).to_have_value("")
    assert "q" not in address(page)
    page.context.close()
    assert me.wrongs == []


@pytest.mark.timeout(240)
def test_a_click_on_a_row_of_the_table_opens_it_until_it_is_closed(browser: Browser, app_url: str):
    me = Visitor(browser.new_context(viewport={"width": 1440, "height": 900}), app_url)
    page = me.page
    me.go(f"{MAP}&show=repeated")
    me.await_map("map.selected > 0")
    for place in (2, 2, 0):  # the same row twice: closed, it can be opened again
        table = page.get_by_test_id("stDataFrame")
        table.locator("canvas").first.wait_for()
        me.idle()
        page.wait_for_timeout(1500)  # the table forgets its cell and draws itself, and says nothing when it is done
        shown = table.bounding_box()
        assert shown is not None
        page.mouse.click(shown["x"] + 200, shown["y"] + 35 * (place + 1) + 17)
        expect(page.locator(CLOSE_ROW)).to_be_visible(timeout=PATIENCE)
        row = address(page)["at"]
        expect(page.locator(".st-key-panel-heading")).to_contain_text(f"Row {row}")
        page.locator(CLOSE_ROW).click()
        expect(page.locator("h4", has_text="15 rows selected")).to_be_visible(timeout=PATIENCE)
        me.idle()
        assert "at" not in address(page)
        assert "sel" in address(page)
    page.context.close()
    assert me.wrongs == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_a_tap_opens_the_row_within_the_screen(browser: Browser, app_url: str, scheme: str):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
        color_scheme=scheme,  # type: ignore[arg-type]
    )  # fmt: skip
    me = Visitor(context, app_url)
    page = me.page
    me.go(MAP)
    state = me.map()
    me.idle()
    box = me.stage.bounding_box()
    assert box is not None
    x, y = me.spot(state, me.visible(state, 60)[0])
    page.touchscreen.tap(box["x"] + x, box["y"] + y)
    sheet = page.locator(".st-key-map-sheet")
    expect(sheet).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[class*=st-key-near-] button").first).to_be_attached(timeout=PATIENCE)
    me.idle()
    page.wait_for_timeout(400)  # it has come up
    for part in (".st-key-map-sheet", CLOSE_ROW, ".st-key-row-text"):
        place = page.locator(part).bounding_box()
        assert place is not None
        assert 0 <= place["x"] <= place["x"] + place["width"] <= 390, part
        assert 844 / 3 < place["y"] < place["y"] + min(place["height"], 40) <= 844, part
    assert page.locator(".st-key-map-sheet").bounding_box()["y"] > box["y"] + 100  # type: ignore[index]  # the map shows
    background, around = (
        page.evaluate(f"getComputedStyle(document.querySelector('{name}')).backgroundColor")
        for name in (".st-key-map-sheet", "[data-testid=stApp]")
    )
    assert background == around  # the theme's own
    assert me.sideways() == []

    # Its end can be reached, with the cross still in sight.
    sheet.evaluate("(node) => node.scrollTo(0, node.scrollHeight)")
    expect(page.locator("[class*=st-key-near-] button").last).to_be_in_viewport()
    expect(page.locator(CLOSE_ROW)).to_be_in_viewport()
    page.locator(CLOSE_ROW).tap()
    expect(sheet).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".st-key-groups")).to_be_visible()
    context.close()
    assert me.wrongs == []
