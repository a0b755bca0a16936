"""What runs again after a click, seen in a real browser, and what a run reads."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from map_driver import PATIENCE, Visitor
from playwright.sync_api import Browser, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from test_pages import MAP, upload
from visits import go, healthy, maps, press, visit

from explorer.app import session
from explorer.app.map import page as map_page
from explorer.stages import NotBuilt
from explorer.store.store import Store

WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY
PART = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


class Runs:
    """Counts the runs of a page's script, of the whole page and of a part of it."""

    def __init__(self, me: Visitor):
        self._me = me
        self._seen: Counter[int] = Counter()
        me.page.on("websocket", lambda socket: socket.on("framereceived", self._frame))

    def _frame(self, payload: bytes | str) -> None:
        if isinstance(payload, bytes):
            message = ForwardMsg.FromString(payload)
            if message.WhichOneof("type") == "script_finished":
                self._seen[message.script_finished] += 1

    def since(self) -> tuple[int, int]:
        """Runs of the whole page and of a part, since last asked."""
        self._me.page.wait_for_timeout(700)  # a map reports its view a quarter of a second after it came to rest
        self._me.idle()
        found = (self._seen[WHOLE], self._seen[PART])
        self._seen.clear()
        return found


@pytest.mark.timeout(240)
def test_a_click_on_the_map_or_beside_it_runs_that_part_alone(browser: Browser, app_url: str):
    me = Visitor(browser.new_context(viewport={"width": 1440, "height": 900}), app_url)
    runs, page = Runs(me), me.page
    me.go("map?sample=support_tickets")
    state = me.map()
    me.idle()
    assert runs.since()[0] >= 1

    me.point(me.lonely(state), click=True)
    page.wait_for_url("**at=**")
    expect(page.locator("[class*=st-key-near-]")).to_have_count(10, timeout=PATIENCE)
    whole, part = runs.since()
    assert whole == 0
    assert part >= 1

    before = page.url
    page.locator("[class*=st-key-near-] button").first.click()
    page.wait_for_function("before => location.href !== before", arg=before)
    assert runs.since()[0] == 0
    page.locator(".st-key-close-row button:visible").click()
    expect(page.locator(".st-key-groups")).to_be_visible(timeout=PATIENCE)
    assert runs.since()[0] == 0

    page.locator(".st-key-groups button").first.click()  # the map follows
    me.await_map("map.selected > 0")
    assert runs.since()[0] == 0
    page.locator(".st-key-clear-selection button:visible").click()
    me.await_map("map.selected == 0")
    page.get_by_text("Columns", exact=True).click()
    expect(page.get_by_text("Click a value, or set a range")).to_be_visible(timeout=PATIENCE)
    assert runs.since()[0] == 0

    page.locator(".st-key-facet-topic button").first.click()
    expect(page.locator(".st-key-unfilter-0")).to_be_visible(timeout=PATIENCE)  # the header shows a filter: all runs
    assert runs.since()[0] == 1
    page.locator(".st-key-unfilter-0 button").first.click()
    expect(page.locator(".st-key-unfilter-0")).to_have_count(0, timeout=PATIENCE)
    runs.since()

    page.get_by_role("button", name="Advanced").click()
    page.get_by_role("combobox", name="Method").first.click()
    page.get_by_role("option", name="PCA").click()
    expect(page.get_by_text("Minimum distance")).to_have_count(0, timeout=PATIENCE)
    assert runs.since()[0] == 0
    assert me.wrongs == []


@pytest.mark.timeout(240)
def test_the_storage_panel_opens_and_asks_without_the_rest_of_home(browser: Browser, app_url: str):
    me = Visitor(browser.new_context(viewport={"width": 1440, "height": 900}), app_url)
    runs, page = Runs(me), me.page
    me.go()
    me.drop("kept.csv", "\n".join(["text", *(f"sentence {row}" for row in range(12))]).encode())
    page.get_by_text("Fast: static MiniLM").click()
    me.build()
    runs.since()
    page.locator(".st-key-storage summary").click()
    row = page.locator("[class*=st-key-storage-row-]", has_text="kept.csv")
    expect(row).to_be_visible(timeout=PATIENCE)
    me.idle()
    row.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_contain_text("kept.csv")
    assert runs.since()[0] == 0
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    me.idle()
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No dataset yet")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert me.wrongs == []


def test_a_run_of_the_map_reads_the_project_at_most_twice(monkeypatch):
    words = ["bread", "rivers", "taxes", "violins", "clouds", "horses", "stones", "lamps", "boats", "trees"]
    text = "\n".join(f"sentence {row} about {word},{('red', 'blue')[row % 2]}" for row, word in enumerate(words))
    at = upload("read_once.csv", f"text,color\n{text}\n".encode())
    healthy(at.radio(key="model").set_value("fast").run())
    press(at, "build")
    go(at, MAP)
    press(at, "group-0")
    healthy(at.text_input(key="tag").set_value("mine").run())
    press(at, "tag-rows")
    read: list[tuple[str, str]] = []
    lock, honest = threading.Lock(), Store.read_json

    def counting(store, folder, name):
        with lock:
            read.append((folder, name))
        return honest(store, folder, name)

    monkeypatch.setattr(Store, "read_json", counting)
    healthy(at.run())
    assert any(button.key == "undo" for button in at.button)
    assert 1 <= sum(folder == "projects" for folder, _ in read) <= 2
    assert max(Counter(read).values()) <= 2, Counter(read)


def test_what_is_found_damaged_in_a_part_is_made_by_the_next_run(monkeypatch):
    asked: list[str] = []
    honest_draw, honest_complete = map_page.draw_map, session.complete

    def damaged_once(*arguments):
        asked.append("draw")
        if len(asked) == 1:
            monkeypatch.setattr(session, "complete", lambda recipe: False)
            raise NotBuilt("layout")
        return honest_draw(*arguments)

    def made(entry):
        monkeypatch.setattr(session, "complete", honest_complete)

    monkeypatch.setattr(map_page, "draw_map", damaged_once)
    monkeypatch.setattr(session, "start_job", made)
    at = visit(MAP, sample="support_tickets")
    assert len(asked) == 2
    assert not at.error
    assert len(maps(at)) == 1
