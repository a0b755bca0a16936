"""One reader's way through the app in a real browser: file, build, map, selection, download, link."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from examples import SENTENCES
from map_driver import PATIENCE, Visitor
from PIL import Image
from playwright.sync_api import Browser, expect

GROUPS = ".st-key-groups button"
DOTS = f"""() => [...document.querySelectorAll("{GROUPS}")].map(
    (button) => getComputedStyle(button, "::before").backgroundColor)"""
FORMULA = '=HYPERLINK("http://example.org","x")'


def reviews() -> bytes:
    """The sentences with a number and a column of cells that a spreadsheet would run."""
    rows = list(csv.reader(io.StringIO(SENTENCES.read_text("utf-8"))))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*rows[0], "stars", "note"])
    for number, row in enumerate(rows[1:]):
        writer.writerow([*row, f"{number % 5 + 1}.5", FORMULA if number % 2 else f"-{number}"])
    return out.getvalue().encode()


def scale_color(state: dict, group: int) -> str:
    """The color of a group's points as CSS writes it: the scale begins with two steps of "no value"."""
    color = state["scale"][2 + 2 * group][1]
    return f"rgb({int(color[1:3], 16)}, {int(color[3:5], 16)}, {int(color[5:7], 16)})"


def close(a: list[float], b: list[float], tolerance: float) -> bool:
    return all(abs(one - other) <= tolerance * abs(b[1] - b[0]) for one, other in zip(a, b, strict=True))


@pytest.mark.timeout(480)
def test_from_a_file_to_a_selection_and_back_by_its_link(browser: Browser, app_url: str, tmp_path: Path):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", accept_downloads=True)
    me = Visitor(context, app_url)
    page = me.page

    me.go()
    me.drop("reviews.csv", reviews())
    expect(page.get_by_text("59 rows · 5 columns · CSV")).to_be_visible()
    title, facts = (me.baseline(f".st-key-what-was-read {part}") for part in ("h3", "[data-testid=stText]"))
    assert abs(title - facts) < 1
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(page.get_by_role("combobox", name="Label")).to_be_visible()
    me.build()
    for what in ("rows", "groups", "possible outliers", "repeated row", "errors or cut"):
        expect(page.locator("[class*=st-key-tile-]", has_text=what).first).to_be_visible()

    # The points are on the screen, each in its own color.
    state = me.open_map()
    assert state["type"] == "scattergl"
    assert len(state["px"]) == 58
    assert me.painted(state) > 0.7

    # The list of groups beside the map is its legend; a picture of the map has one of its own, beside the map.
    expect(page.locator(".em-legend")).to_be_hidden()
    assert page.evaluate(DOTS) == [scale_color(state, group) for group in range(page.locator(GROUPS).count())]
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as a picture (PNG)").click()
    waiting.value.save_as(tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.size == (2 * (state["width"] + 208), 2 * state["height"])

    # The wheel zooms, and a new color leaves the view alone.
    me.zoom(3, me.crowded(state))
    near = me.await_map(f"map.x[1] - map.x[0] < {0.6 * (state['x'][1] - state['x'][0])}")
    page.wait_for_url("**view=**")
    me.recolor("topic")
    recolored = me.map()
    assert recolored["x"] == near["x"]
    assert recolored["y"] == near["y"]
    assert recolored["shades"] != near["shades"]
    assert me.painted(recolored) > 0.7

    # A click shows the row and its neighbors; the tooltip had the text before.
    item = me.lonely(recolored)
    me.point(item)
    expect(page.locator(".em-tip-text")).to_be_visible()
    text = page.locator(".em-tip-text").inner_text()
    me.point(item, click=True)
    page.wait_for_url("**at=**")
    expect(page.get_by_text("Nearest neighbors in the original space")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-row-text")).to_have_text(text)
    expect(page.locator("[class*=st-key-near-]")).to_have_count(10)
    assert me.map()["x"] == near["x"]

    # A lasso around the upper left of what is seen selects those rows and no others.
    me.lasso([(0.02, 0.1), (0.6, 0.1), (0.6, 0.97), (0.02, 0.97)])
    page.wait_for_url("**sel=**")
    me.idle()
    chosen = me.await_map("map.selected > 0")
    inside = [i for i in me.visible(near) if 0.02 < me.spot(near, i)[0] / near["width"] < 0.6
              and 0.1 < me.spot(near, i)[1] / near["height"] < 0.97]  # fmt: skip
    assert chosen["selected"] == len(inside) > 3
    assert chosen["x"] == near["x"]
    heading = page.locator("h4", has_text="selected")
    count = int(heading.inner_text().split()[0])
    assert len(inside) <= count <= len(inside) + 1  # two rows may be one item

    # What was selected can be taken away: as CSV without formulas, as Parquet exactly.
    page.locator(".st-key-download-selection button").first.click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV", exact=True).click()
    waiting.value.save_as(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    notes = {row["note"] for row in rows}
    assert "'" + FORMULA in notes
    assert not any(note.startswith("=") for note in notes)
    assert any(note.startswith("-") for note in notes), "plain numbers stay as they are"
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Parquet", exact=True).click()
    waiting.value.save_as(tmp_path / "rows.parquet")
    exact = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    assert [row["text"] for row in exact] == [row["text"] for row in rows]
    assert FORMULA in {row["note"] for row in exact}

    # The link opens the same thing elsewhere: colors, selection and zoom.
    link = page.url
    context.close()
    assert not me.wrongs
    for scheme, width in (("light", 1440), ("dark", 390)):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        other = Visitor(context, app_url)
        other.go(link)
        there = other.await_map(f"map.selected === {chosen['selected']}")
        expect(other.page.locator(".em-legend-title")).to_have_text("topic")
        expect(other.page.locator("h4", has_text=f"{count} rows selected")).to_be_visible(timeout=PATIENCE)
        if width == 1440:
            assert close(there["x"], near["x"], 0.005)
            assert close(there["y"], near["y"], 0.005)
        assert other.sideways() == []
        other.go("?" + link.partition("?")[2])
        assert other.sideways() == []
        context.close()
        assert not other.wrongs


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, app_url: str, scheme: str):
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    me = Visitor(context, app_url)
    for path in ("", "map", "?sample=support_tickets", "map?sample=support_tickets&at=11", "map?sample=digits"):
        me.go(path)
        if path.startswith("map?"):
            me.map()
        assert me.sideways() == [], path
    background = me.page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    light = sum(int(part) for part in background.strip("rgb()").split(",")[:3]) > 380
    assert light == (scheme == "light")
    context.close()
    assert not me.wrongs
