"""The browser's Back undoes what the reader did last, and nothing else stands in its way."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from map_driver import Visitor
from playwright.sync_api import Browser

SAMPLE = {"sample": ["support_tickets"]}


@pytest.mark.timeout(300)
def test_back_undoes_one_thing_at_a_time_across_pages(browser: Browser, app_url: str):
    me = Visitor(browser.new_context(viewport={"width": 1440, "height": 900}), app_url)
    page = me.page

    def address() -> tuple[str, dict[str, list[str]]]:
        """The page and what its address says, but for what is in view."""
        parts = urlsplit(page.url)
        said = {name: value for name, value in parse_qs(parts.query).items() if name != "view"}
        return parts.path.strip("/"), said

    def ask(question: str) -> None:
        box = page.get_by_role("textbox").first
        box.fill(question)
        box.press("Enter")

    steps = []

    def arrived(pattern: str) -> None:
        page.wait_for_url(pattern)
        me.idle()
        page.wait_for_timeout(500)  # a map reports its view a quarter of a second after it came to rest
        me.idle()
        steps.append(address())

    me.go("map?sample=support_tickets")
    state = me.map()
    arrived("**/map?sample=*")
    page.mouse.move(500, 450)
    page.mouse.wheel(0, -300)  # a look around is no step
    page.wait_for_url("**view=**")
    me.idle()
    before = page.evaluate("history.length")

    me.point(me.lonely(me.map()), click=True)
    arrived("**at=**")
    ask("refund for a cancelled order")
    arrived("**q=refund**")
    assert "at" not in steps[-1][1], "a question closes the open row"
    page.get_by_role("link", name="Search", exact=True).click()
    arrived("**/search?**")
    ask("password")
    arrived("**q=password**")
    page.locator(".st-key-show-all button").click()
    arrived("**/map?**sel=**")
    page.get_by_role("link", name="Outliers", exact=True).click()
    arrived("**/outliers?**")
    assert page.evaluate("history.length") == before + 6
    assert steps[0] == ("map", SAMPLE)

    for expected in steps[-2::-1]:
        page.go_back()
        page.wait_for_function("([path, query]) => location.pathname.endsWith(path)", arg=[expected[0], ""])
        me.idle()
        page.wait_for_timeout(500)
        me.idle()
        assert address() == expected
        box = page.get_by_role("textbox").first
        assert box.input_value() == expected[1].get("q", [""])[0], "the box says what the address says"
    assert me.map()["px"] == state["px"]
    page.go_forward()
    page.wait_for_url("**at=**")
    me.idle()
    assert address() == steps[1]
    assert me.wrongs == []
