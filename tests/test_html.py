"""The offline page: drawn in a real browser, with hostile cells, and nothing asked of any network."""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from explorer.views.coloring import color_by_category, color_by_number
from explorer.views.html import write_map_html
from explorer.views.map_labels import Label

HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<!--<script>",
    "\u2028\u2029 \ud800 lone surrogate",
    "javascript:window.hacked=1",
    '"}];window.hacked=1;//',
)


@pytest.fixture
def browser_page(browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    yield page
    page.close()


@pytest.fixture(scope="module")
def page_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "map.html"
    m = 60
    rng = np.random.default_rng(0)
    texts = [HOSTILE[i % len(HOSTILE)] + f" text {i}" for i in range(m)]
    xy = np.stack([np.arange(m) % 10, np.arange(m) // 10], axis=1).astype(np.float32)
    write_map_html(
        path, title=f"tickets {HOSTILE[0]}", xy=xy, texts=texts,
        colorings=[color_by_category([HOSTILE[i % 3] for i in range(m)], HOSTILE[1]),
                   color_by_number(rng.normal(size=m), "urgency")],
        labels=[Label(4.0, 3.0, HOSTILE[1], 5)],
        fields={HOSTILE[0]: [HOSTILE[1]] * m, "empty": [None] * m},
        neighbors=(np.arange(m)[:, None] + [1, 2]) % m, similarities=np.full((m, 2), 0.5),
        ids=[f"row {i}" for i in range(m)], counts=HOSTILE[1], caption=HOSTILE[1],
    )  # fmt: skip
    return path


def test_cells_cannot_end_the_data(page_path):
    html = page_path.read_text(encoding="utf-8")
    assert html.count("</script>") == 3
    assert "window.hacked = 1</script>" not in html


def test_the_page_draws_and_asks_nothing(page_path, browser_page):
    requests, faults = [], []
    browser_page.on("request", lambda request: requests.append(request.url))
    browser_page.on("pageerror", lambda error: faults.append(str(error)))
    browser_page.on("dialog", lambda dialog: faults.append("a dialog"))
    browser_page.goto(page_path.as_uri())
    browser_page.wait_for_selector("body[data-ready]", timeout=60_000)

    # Item 22 lies at (2, 2): click where it was drawn, then read it with its neighbors.
    spot = browser_page.evaluate(
        """() => { const full = document.querySelector(".em-plot")._fullLayout;
        const box = document.querySelector(".em-stage").getBoundingClientRect();
        const [[a, b], [c, d]] = [full.xaxis.range, full.yaxis.range];
        return [box.left + (2 - a) / (b - a) * box.width, box.top + (d - 2) / (d - c) * box.height]; }"""
    )
    browser_page.mouse.move(*spot)
    browser_page.wait_for_selector(".em-tip:not([hidden])")
    assert "text 22" in browser_page.inner_text(".em-tip")
    browser_page.mouse.click(*spot)
    panel = browser_page.inner_text("#panel")
    assert panel.startswith("Row 22")
    assert HOSTILE[22 % len(HOSTILE)] + " text 22" in panel
    assert browser_page.locator("#panel .row").count() == 2
    assert browser_page.evaluate("window.hacked") is None
    assert browser_page.title() == f"tickets {HOSTILE[0]}"
    assert [url for url in requests if not url.startswith(("data:", "blob:"))] == [page_path.as_uri()]
    assert not faults


def test_points_are_really_painted(page_path, browser_page):
    """Colored pixels in the WebGL layer, taken from a screenshot (the canvas itself keeps no copy)."""
    browser_page.goto(page_path.as_uri())
    browser_page.wait_for_selector("body[data-ready]", timeout=60_000)
    browser_page.add_style_tag(content=".em-overlay, .em-tools, .em-legend { visibility: hidden }")
    shot = browser_page.locator(".em-stage").screenshot()
    pixels = np.asarray(Image.open(BytesIO(shot)).convert("RGB")).astype(int)
    colorful = (pixels.max(axis=2) - pixels.min(axis=2)) > 60
    assert colorful.sum() > 60 * 20


def test_recoloring_and_filtering_keep_the_view(page_path, browser_page):
    browser_page.goto(page_path.as_uri())
    browser_page.wait_for_selector("body[data-ready]", timeout=60_000)
    full = "document.querySelector('.em-plot')._fullLayout"
    view = f"JSON.stringify([{full}.xaxis.range, {full}.yaxis.range])"
    whole = browser_page.evaluate(view)
    browser_page.get_by_label("Zoom in").click()
    browser_page.wait_for_function(f"{view} !== {whole!r}")
    zoomed = browser_page.evaluate(view)
    browser_page.select_option("#color", "1")
    browser_page.fill("#filter", "text 5")
    browser_page.wait_for_function("document.querySelector('.em-plot').data[1].x.length === 11")
    assert browser_page.inner_text("#found") == "11 of 60 rows"
    assert browser_page.evaluate(view) == zoomed


def test_lengths_that_disagree_are_refused(tmp_path):
    with pytest.raises(ValueError, match="3 points, but texts has 2"):
        write_map_html(tmp_path / "x.html", title="x", xy=np.zeros((3, 2), np.float32), texts=["a", "b"])


@pytest.mark.parametrize("m", [0, 1, 2])
def test_a_handful_of_points_still_makes_a_page(tmp_path, browser_page, m):
    path = tmp_path / "few.html"
    write_map_html(path, title="few", xy=np.zeros((m, 2), np.float32), texts=["a"] * m)
    browser_page.goto(path.as_uri())
    browser_page.wait_for_selector("body[data-ready]", timeout=60_000)
    assert not browser_page.locator(".em-notice").inner_text()
    assert f"Map of {m} points" in str(browser_page.locator(".em-stage").get_attribute("aria-label"))
