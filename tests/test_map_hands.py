"""The map under a reader's hands, in a real browser: the legend, the Escape key, names nearby, a phone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from map_driver import PATIENCE, Visitor
from playwright.sync_api import Browser, Page, expect

from explorer.views import assets
from explorer.views.coloring import color_by_category
from explorer.views.html import write_map_html
from explorer.views.map_labels import Label

BILLING = 48  # rows of the sample whose topic is billing


def addressed(me: Visitor, *present: str, absent: tuple[str, ...] = ()) -> None:
    """Until the address holds some parameters and lacks others."""
    me.page.wait_for_function(
        """([present, absent]) => { const now = new URLSearchParams(location.search);
           return present.every((name) => now.has(name)) && !absent.some((name) => now.has(name)); }""",
        arg=[list(present), list(absent)],
    )
    me.idle()


@pytest.mark.timeout(240)
def test_the_legend_selects_and_escape_closes_the_innermost(browser: Browser, app_url: str):
    me = Visitor(browser.new_context(viewport={"width": 1440, "height": 900}), app_url)
    page = me.page
    me.go("map?sample=support_tickets&color=topic")
    state = me.map()
    me.idle()
    page.locator(".em-entry", has_text="billing").click()
    addressed(me, "sel")
    assert 0 < me.await_map("map.selected > 0")["selected"] <= BILLING
    expect(page.locator("h4", has_text=f"{BILLING} rows")).to_be_visible(timeout=PATIENCE)
    me.point(me.lonely(state), click=True)
    addressed(me, "sel", "at")

    # The focus is in the box of questions. What is typed there stays; an open popover closes first.
    box = page.get_by_label("Ask or search")
    box.click()
    page.keyboard.type("late")
    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Backspace")
    page.get_by_role("button", name="Advanced").click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_be_hidden()
    me.idle()
    addressed(me, "sel", "at")
    page.keyboard.press("Escape")
    addressed(me, "sel", absent=("at",))

    # A tool that is in use comes before the selection.
    lasso = page.get_by_role("button", name="Select with a lasso")
    lasso.click()
    expect(lasso).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(lasso).to_have_attribute("aria-pressed", "false")
    addressed(me, "sel")
    page.keyboard.press("Escape")
    addressed(me, absent=("sel", "why"))

    box.fill("the refund is late")
    page.keyboard.press("Enter")
    addressed(me, "q")
    page.keyboard.press("Escape")
    addressed(me, absent=("q",))
    expect(box).to_have_value("", timeout=PATIENCE)
    assert me.wrongs == []


@pytest.mark.timeout(240)
def test_a_finger_opens_the_legend_and_a_point_and_pinches(browser: Browser, app_url: str):
    me = Visitor.on_a_phone(browser, app_url)
    page = me.page
    me.go("map?sample=support_tickets&color=topic")
    me.map()
    entries = page.locator(".em-entry")
    expect(entries.first).to_be_hidden()
    page.locator(".em-legend-title").tap()
    expect(entries.first).to_be_visible()
    page.locator(".em-legend-title").tap()
    expect(entries.first).to_be_hidden()
    me.idle()

    state = me.map()
    item = max(me.visible(state, 25), key=lambda item: me.spot(state, item)[1])  # the lowest: no tool lies above it
    x, y = me.spot(state, item)
    box = me.stage.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + x + 3, box["y"] + y + 3)
    addressed(me, "at")
    page.evaluate("scrollTo(0, 0)")

    box = me.stage.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + 120)  # what was tapped lies below, under the sheet of its row
    fingers = me.context.new_cdp_session(page)

    def touch(kind: str, *apart: int) -> None:
        spots = [{"x": middle[0] + side, "y": middle[1], "id": finger} for finger, side in enumerate(apart)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    opened = re.search("at=([0-9]+)", page.url)
    touch("touchStart", -20)
    touch("touchStart", -20, 20)
    for side in range(30, 90, 10):
        touch("touchMove", -side, side)
    touch("touchEnd")
    me.await_map(f"map.x[1] - map.x[0] < {0.6 * (state['x'][1] - state['x'][0])}")
    now = re.search("at=([0-9]+)", page.url)
    assert opened is not None
    assert now is not None
    assert now[0] == opened[0]  # a pinch is no tap
    assert me.wrongs == []


# ---- the offline page, whose script has the same parts --------------------------------------------------


@pytest.fixture
def offline(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Six points on a line: three of a, two of b, one without a value; the first stands for three rows."""
    path = tmp_path / "map.html"
    write_map_html(
        path, title="letters", xy=np.array([[i, i % 2] for i in range(6)], np.float32),
        texts=[f"text {i}" for i in range(6)], weight=np.array([3, 1, 1, 1, 1, 1]),
        colorings=[color_by_category(["a", "a", "a", "b", "b", None], "letter")],
    )  # fmt: skip
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]", timeout=PATIENCE)
    yield page
    page.close()


def legend(page: Page) -> dict[str, str]:
    entries = page.locator(".em-entry")
    return dict(zip(entries.locator(".em-name").all_inner_texts(), entries.locator(".em-count").all_inner_texts(),
                    strict=True))  # fmt: skip


def test_offline_too_the_legend_counts_and_selects_rows_and_escape_closes(offline: Page):
    assert legend(offline) == {"a": "5", "b": "2", "no value": "1"}
    heading = offline.locator("#panel h2")
    offline.locator(".em-entry", has_text="a").first.click()
    expect(heading).to_have_text("5 rows selected")
    offline.locator(".em-entry", has_text="no value").click(modifiers=["Shift"])
    expect(heading).to_have_text("6 rows selected")
    offline.locator("#panel .row").first.click()
    expect(heading).to_have_text("#0")
    offline.keyboard.press("Escape")
    expect(heading).to_have_text("6 rows selected")
    offline.keyboard.press("Escape")
    expect(heading).to_have_count(0)

    # Of what is found, the legend counts the rows that meet it.
    offline.fill("#filter", "text 0")
    offline.wait_for_function("document.querySelector('.em-plot').data[1].x.length === 1")
    assert offline.inner_text("#found") == "3 of 8 rows"
    assert legend(offline) == {"a": "3"}
    offline.fill("#filter", "")
    offline.wait_for_function("document.querySelector('.em-plot').data[1].x.length === 0")


# ---- which names stand on the map ------------------------------------------------------------------------


@pytest.fixture
def placed(browser: Browser) -> Iterator[Callable[..., list[tuple[str, int]]]]:
    """The names on a stage of 800 by 600 pixels, as the map's script chooses them, with their places from the left."""
    page = browser.new_page()
    page.add_script_tag(type="module", content=assets.source("labels.js") + "window.placed = placed;")
    page.wait_for_function("() => Boolean(window.placed)")

    def ask(labels: list[Label], **scene: object) -> list[tuple[str, int]]:
        usual = {"width": 800, "height": 600, "nearness": 1, "scale": 1, "radius": 3, "theme": {"font": "sans-serif"}}
        found = page.evaluate(
            """(scene) => window.placed(document.createElement("canvas").getContext("2d"),
                { ...scene, project: (x, y) => [x, y] }).map(({ text, spot }) => [text, spot[0]])""",
            {**usual, **scene, "labels": [vars(label) for label in labels]},
        )
        return [(text, round(x)) for text, x in found]

    yield ask
    page.close()


def island(x: float, level: int, reach: float = 60, text: str = "bread") -> Label:
    return Label(x, 300, text, 100 - level, level=level, reach=reach)


def test_an_island_has_a_name_of_its_own_only_from_nearby(placed):
    labels = [island(100, 0), island(500, 1)]
    assert placed(labels) == [("bread", 100)]
    assert placed(labels, nearness=2) == [("bread", 100), ("bread", 500)]


def test_one_name_never_stands_twice_close_together(placed):
    assert placed([island(100, 0), island(250, 1), island(700, 2)], nearness=2) == [("bread", 100), ("bread", 700)]


def test_a_small_island_waits_unless_its_name_is_nowhere_else(placed):
    assert placed([island(100, 0), island(500, 1, reach=10)], nearness=2) == [("bread", 100)]
    assert placed([island(-50, 0), island(500, 1, reach=10)], nearness=2) == [("bread", 500)]


def test_another_groups_name_stands_before_a_second_of_the_same(placed):
    labels = [island(100, 0), island(500, 1), Label(510, 300, "rivers", 5, reach=60)]
    assert placed(labels, nearness=2) == [("bread", 100), ("rivers", 510)]


@pytest.mark.parametrize("text", ["harvest festivals, village bakeries, sourdough", "x" * 80])
def test_a_long_name_takes_less_than_half_of_a_phone(placed, text):
    (found,) = placed([island(180, 0, text=text)], width=390)
    assert found[0].endswith("…")
    assert len(found[0]) < 30
