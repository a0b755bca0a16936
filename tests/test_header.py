"""The header in a real browser: whatever it has to say, nothing below it moves."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from map_driver import PATIENCE, Visitor
from playwright.sync_api import Browser, expect

from explorer.analysis.filters import Condition, to_link

TOPICS = Condition("topic", values=("card", "refund", "password", "parcel", "subscription"))
LANGUAGE = Condition("id", values=tuple(f"T{number:04}" for number in range(1, 40)))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("width", [1440, 390], ids=["desktop", "phone"])
def test_a_filter_and_undo_move_nothing_below_the_header(browser: Browser, app_url: str, width: int):
    me = Visitor(browser.new_context(viewport={"width": width, "height": 900}), app_url)
    page = me.page

    def height() -> float:
        box = page.locator(".st-key-header").bounding_box()
        assert box is not None
        return box["height"]

    me.go("outliers?sample=support_tickets")
    before = height()
    me.go(f"outliers?sample=support_tickets&above=0&f={quote(to_link((TOPICS, LANGUAGE)))}")
    expect(page.locator("[class*=st-key-unfilter-]")).to_have_count(2, timeout=PATIENCE)
    assert height() == before
    page.locator("[class*=st-key-ranked-remove-] button").first.click()
    expect(page.locator(".st-key-undo")).to_be_visible(timeout=PATIENCE)
    me.idle()
    assert height() == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the edge"
