"""Files of all rows, of those that meet a filter and of a selection, compared with what the page shows."""

import csv
import io
import re
from collections import Counter
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from map_driver import PATIENCE, Visitor
from playwright.sync_api import Browser, expect

GROUPS = ".st-key-groups [class*=st-key-group-] button"


def read(path: Path, kind: str) -> list[dict]:
    """The rows of a file, each a dict by column."""
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    if kind == "xlsx":
        header, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        return [dict(zip(header, row, strict=True)) for row in rows]
    return pq.read_table(path).to_pylist()


def numbers(rows: list[dict]) -> list[int]:
    return [int(row["_row"]) for row in rows]


def groups_of(rows: list[dict]) -> Counter[str]:
    return Counter(row["_cluster_name"] for row in rows if row["_cluster_name"])


def download(me: Visitor, key: str, tmp_path: Path) -> list[dict]:
    """The rows that a button of the open "Download" gives."""
    with me.page.expect_download() as waiting:
        me.page.locator(f".st-key-{key} button").click()
    name = waiting.value.suggested_filename
    waiting.value.save_as(tmp_path / name)
    return read(tmp_path / name, name.rpartition(".")[2])


def listed(me: Visitor) -> Counter[str]:
    """The groups beside the map with their rows: "card, refund, days  92 · 21%"."""
    expect(me.page.locator(GROUPS).first).to_be_visible(timeout=PATIENCE)
    lines = [text.split("\n")[0] for text in me.page.locator(GROUPS).all_inner_texts()]
    found = [re.match(r"(.*?)\s+([\d,]+) · \d+", line) for line in lines]
    return Counter({match[1]: int(match[2].replace(",", "")) for match in found if match})


@pytest.mark.timeout(300)
def test_what_is_downloaded_is_what_the_page_shows(browser: Browser, app_url: str, tmp_path: Path):
    me = Visitor(browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True), app_url)
    page = me.page
    me.go("map?sample=support_tickets")
    me.map()

    # All rows in three formats: the same numbers, groups and texts, and the groups are those beside the map.
    shown = listed(me)
    page.locator(".st-key-all-rows button").first.click()
    every = {kind: download(me, f"all-rows-{kind}", tmp_path) for kind in ("csv", "excel", "parquet")}
    for rows in every.values():
        assert numbers(rows) == list(range(len(rows)))
        assert groups_of(rows) == shown
        assert [row["text"] or "" for row in rows] == [row["text"] or "" for row in every["parquet"]]
    page.keyboard.press("Escape")

    # A row has the number that the page names it by, and the file's own id.
    row = every["parquet"][100]
    me.go("map?sample=support_tickets&at=100")
    expect(page.get_by_role("heading", name=re.compile(r"^Row 100\b"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(row["id"]).first).to_be_visible()
    expect(page.get_by_role("button", name=row["_cluster_name"])).to_be_visible()

    # The rows that meet a filter.
    me.go("map?sample=support_tickets")
    page.get_by_text("Columns", exact=True).first.click()
    value = page.locator(".st-key-facet-topic button").first
    topic, count = re.match(r"(.*?)\s+(\d+) · ", value.inner_text()).groups()
    value.click()
    expect(page.get_by_text(f"{count} of {len(every['csv'])} rows").first).to_be_visible(timeout=PATIENCE)
    me.idle()
    wanted = [number for number, row in enumerate(every["parquet"]) if row["topic"] == topic and row["_cluster_name"]]
    assert len(wanted) == int(count)
    page.locator(".st-key-all-rows button").first.click()
    expect(page.get_by_text(f"{count} rows that meet the filter")).to_be_visible()
    for kind in ("csv", "excel", "parquet"):
        rows = download(me, f"all-rows-filtered-{kind}", tmp_path)
        assert numbers(rows) == wanted
        assert [row["_cluster_name"] for row in rows] == [every["parquet"][n]["_cluster_name"] for n in wanted]
    page.keyboard.press("Escape")

    # A selection leaves all rows to be had. Clusters offers them too.
    page.get_by_text("Groups", exact=True).first.click()
    page.locator(GROUPS).first.click()
    me.await_map("map.selected > 0")
    me.idle()
    page.locator(".st-key-all-rows button").first.click()
    assert numbers(download(me, "all-rows-csv", tmp_path)) == numbers(every["csv"])
    me.go("clusters?sample=support_tickets")
    page.locator(".st-key-all-rows button").first.click()
    assert download(me, "all-rows-parquet", tmp_path) == every["parquet"]
    assert me.wrongs == []


@pytest.mark.timeout(300)
def test_groups_at_another_level_are_those_of_the_page(browser: Browser, app_url: str, tmp_path: Path):
    me = Visitor(browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True), app_url)
    me.go("map?sample=support_tickets&level=4")
    me.map()
    shown = listed(me)
    assert len(shown) == 4
    me.page.locator(".st-key-all-rows button").first.click()
    assert groups_of(download(me, "all-rows-excel", tmp_path)) == shown
