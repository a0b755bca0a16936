"""The app in a real browser: how soon a sample is shown, and how much memory the processes hold."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from benchmarks.processes import Memory
from benchmarks.report import NONE, Section, Table, megabytes, seconds, verdict
from benchmarks.server import KINDS, Server, running, total
from scripts.browser import find_browser

SAMPLE = "support_tickets"
OPEN_TARGET = 2.0  # seconds
APP_TARGET, ALL_TARGET = 600e6, 1.5e9  # bytes
QUESTIONS = ("How do I reset my password?", "My parcel never arrived")
_LONGEST = 90_000  # milliseconds

_IDLE = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
# Home is ready when it is idle and shows the five numbers. The map is ready when its scene has a description, which it
# gets once Plotly has drawn the points; it is in the component's shadow root.
_READY = {
    f"/?sample={SAMPLE}": f"() => {_IDLE} && document.querySelector('[class*=st-key-tile-]') && performance.now()",
    f"/map?sample={SAMPLE}": f"""() => {{
        const deep = (node) => node.querySelector('.em-stage[aria-label^="Map of "]')
            ?? [...node.querySelectorAll('*')].map((each) => each.shadowRoot && deep(each.shadowRoot)).find(Boolean);
        return {_IDLE} && deep(document) && performance.now();
    }}""",
}
_ANSWERS = "[...document.querySelectorAll('[class*=st-key-answer-]')].map((each) => each.textContent).join()"


def run() -> Section:
    """Open a sample on both pages, each on a server of its own; on the second also measure memory and ask questions."""
    home, its_map = _READY
    with _browser() as browser:
        version = browser.version
        print("  home", file=sys.stderr, flush=True)
        with running() as server:
            opened = [_visits(browser, server, home)]
            up = [server.seconds_to_health]
            on_home = server.settled_memory()
        print("  map", file=sys.stderr, flush=True)
        with running() as server:
            opened.append(_visits(browser, server, its_map))
            up.append(server.seconds_to_health)
            page = browser.new_page()
            _open(page, server, home)  # so that Home's memory is measured too
            _open(page, server, its_map)
            on_map = server.settled_memory()
            answered = [_ask(page, question) for question in QUESTIONS]
            asked = server.settled_memory()
    about = (
        f"`python -m explorer app` with an empty home, and headless Chromium {version} without a graphics card on the "
        f"same machine; the sample is {SAMPLE}. A page is open when the app is idle and, on the map, its points are "
        "drawn; the browser's clock runs from the start of navigation. First: the first page of a fresh server, empty "
        "browser cache. Second: the same browser again. The first question is asked once nothing is being loaded "
        "any more; it loads the model where the app has not done so already. Memory is PSS (a "
        "page that k processes share counts 1/k in each; the sum of RSS counts it k times), once it has settled. The "
        "launcher is the command itself; the worker holds the model, and the app may start it ahead of any question: "
        "the open map is therefore compared with its target both without the worker and with it."
    )
    return Section("App", about, (_opening(up, opened, answered), _weights(on_home, on_map, asked)))


def _opening(up: list[float], opened: list[tuple[float, float]], answered: list[float]) -> Table:
    goal = f"under {OPEN_TARGET:.0f} s"
    rows = [("server answers, seconds from the command", *map(seconds, up), NONE, NONE)]
    for path, (first, second) in zip(_READY, opened, strict=True):
        met = verdict(max(first, second) < OPEN_TARGET)
        rows.append((f"`{path}` open", seconds(first), seconds(second), goal, met))
    first, second = answered
    rows.append(("a question answered", seconds(first), seconds(second), NONE, NONE))
    return Table("Waiting", ("what", "first s", "second s", "target for both", ""), tuple(rows))


def _weights(on_home: dict[str, Memory], on_map: dict[str, Memory], asked: dict[str, Memory]) -> Table:
    rows = []
    for moment, held, counted, target in (
        ("sample open on Home, all processes", on_home, KINDS, APP_TARGET),
        ("sample open on Map, without worker", on_map, KINDS[:2], APP_TARGET),
        ("sample open on Map, all processes", on_map, KINDS, APP_TARGET),
        ("model loaded, all processes", asked, KINDS, ALL_TARGET),
    ):
        each = (megabytes(held[kind].pss) if kind in held and kind in counted else NONE for kind in KINDS)
        pss = total(held, counted)
        rss = sum(process.rss for kind, process in held.items() if kind in counted)
        figures = (*each, megabytes(pss), megabytes(rss))
        rows.append((moment, *figures, f"≤ {megabytes(target)}", verdict(pss <= target)))
    columns = ("once", *(f"{kind} MB" for kind in KINDS), "together MB", "RSS MB", "target", "")
    return Table("Memory", columns, tuple(rows))


def _visits(browser: Browser, server: Server, path: str) -> tuple[float, float]:
    """Seconds until the page is ready, the first time and again in the same browser."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    times = []
    for _ in range(2):
        page = context.new_page()
        times.append(_open(page, server, path))
        page.close()
    context.close()
    return times[0], times[1]


def _open(page: Page, server: Server, path: str) -> float:
    page.goto(server.address + path, wait_until="commit", timeout=_LONGEST)
    return _wait(page, _READY[path]) / 1000


def _ask(page: Page, question: str) -> float:
    """Seconds from Enter until new answers are beside the map and the app is idle."""
    before = page.evaluate(f"() => {_ANSWERS}")
    page.get_by_label("Where is my question?").fill(question)
    began = time.perf_counter()
    page.keyboard.press("Enter")
    _wait(page, f"(before) => {_IDLE} && {_ANSWERS} && {_ANSWERS} !== before", before)
    return time.perf_counter() - began


def _wait(page: Page, condition: str, argument: object = None) -> float:
    """Wait until a JavaScript condition, checked before every frame, is true. Returns its value.

    Raises
    ------
    RuntimeError : with the text of the page, when it is not true in time
    """
    try:
        return float(page.wait_for_function(condition, arg=argument, timeout=_LONGEST).json_value())
    except TimeoutError:
        state = page.evaluate("() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState")
        text = " ".join(page.inner_text("body").split())[:400]
        raise RuntimeError(f"{page.url} was not ready in {_LONGEST / 1000:.0f} s ({state}); it shows: {text}") from None


@contextmanager
def _browser() -> Iterator[Browser]:
    """Headless Chromium: the machine's own where there is one, else Playwright's."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-background-networking"]
        )
        try:
            browser.new_page().close()  # so that the browser's own start is not measured
            yield browser
        finally:
            browser.close()
