"""A real browser's hands and eyes on the app, for the browser tests."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
PATIENCE = 60_000  # milliseconds: two cores, shared with others

# The map lies in a shadow root, which Playwright's selectors enter and page scripts do not.
FIND = """
  const find = (root, name) => {
    const inner = [...root.querySelectorAll("*")].filter((node) => node.shadowRoot);
    return root.querySelector(name) ?? inner.reduce((found, node) => found ?? find(node.shadowRoot, name), null);
  };
  const plot = find(document, ".em-plot");
"""
STATE = f"""() => {{ {FIND}
  const full = plot && plot._fullLayout;
  if (!full || !plot.data) return null;
  const list = (values) => Array.from(values ?? []);
  return {{ x: full.xaxis && list(full.xaxis.range), y: full.yaxis && list(full.yaxis.range), type: plot.data[0].type,
            width: plot.clientWidth, height: plot.clientHeight,
            px: list(plot.data[0].x), py: list(plot.data[0].y), shades: list(plot.data[0].marker.color),
            scale: plot.data[0].marker.colorscale, selected: list(plot.data[2].x).length }}; }}"""


@dataclass
class Visitor:
    """One browser context with one page; it notes everything that a page must never do."""

    context: BrowserContext
    base: str
    page: Page = field(init=False)
    wrongs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.wrongs.append(f"page error: {error}"))
        self.page.on("console", self._console)
        self.page.on("dialog", self._dialog)
        self.context.on("request", self._request)

    @classmethod
    def on_a_phone(cls, browser: Browser, base: str) -> Visitor:
        """A visitor with a small screen and fingers."""
        phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        return cls(phone, base)

    def _console(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.wrongs.append(f"blocked: {message.text}")
        elif message.type == "error":
            self.wrongs.append(f"console: {message.text}")

    def _dialog(self, dialog: Any) -> None:
        self.wrongs.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base + "/", "data:", "blob:", self.base.replace("http", "ws", 1))):
            self.wrongs.append(f"request: {request.url}")

    def go(self, path: str = "") -> None:
        self.page.goto(path if path.startswith("http") else f"{self.base}/{path}")
        self.idle()

    def idle(self) -> None:
        """Until the script has run to its end and stays there for a moment."""
        self.page.wait_for_selector(IDLE)
        self.page.wait_for_timeout(150)
        self.page.wait_for_selector(IDLE)
        assert not self.page.locator("[data-testid=stException], .st-key-script-error").count(), (
            "the page shows a traceback"
        )

    # ---- the map ---------------------------------------------------------------------------------------

    @property
    def stage(self) -> Locator:
        return self.page.locator(".em-stage")

    def map(self) -> dict[str, Any]:
        """What Plotly shows once it has drawn: ranges, points, shades, how many are selected."""
        self.page.wait_for_function(f"() => {{ {FIND} return plot && plot._fullLayout && plot.data; }}")
        return self.page.evaluate(STATE)

    def await_map(self, condition: str) -> dict[str, Any]:
        """Until a JavaScript condition on `map` (as `map()` gives it) holds."""
        self.page.wait_for_function(f"() => {{ const map = ({STATE})(); return map && ({condition}); }}")
        return self.map()

    def spot(self, state: dict[str, Any], item: int) -> tuple[float, float]:
        """Where an item lies, in pixels of the stage."""
        (x0, x1), (y0, y1) = state["x"], state["y"]
        across = (state["px"][item] - x0) / (x1 - x0) * state["width"]
        return across, (y1 - state["py"][item]) / (y1 - y0) * state["height"]

    def visible(self, state: dict[str, Any], margin: float = 0.0) -> list[int]:
        """Items inside the stage, so many pixels from its rim."""
        inside = []
        for item in range(len(state["px"])):
            x, y = self.spot(state, item)
            if margin <= x <= state["width"] - margin and margin <= y <= state["height"] - margin:
                inside.append(item)
        return inside

    def lonely(self, state: dict[str, Any]) -> int:
        """A visible item away from the tools and the legend, as far as may be from every other item."""
        spots = [self.spot(state, item) for item in range(len(state["px"]))]

        def room(item: int) -> float:
            return min((math.dist(spots[item], other) for i, other in enumerate(spots) if i != item), default=1e9)

        free = [
            item for item in self.visible(state, 30) if spots[item][1] > 60 and spots[item][0] < state["width"] - 240
        ]
        return max(free, key=room)

    def painted(self, state: dict[str, Any]) -> float:
        """The share of visible items at whose place the screen has the item's own color; others may lie above."""
        box = self.stage.bounding_box()
        assert box is not None
        picture = Image.open(io.BytesIO(self.stage.screenshot())).convert("RGB")
        items = self.visible(state, 3)
        hits = 0
        for item in items:
            wanted = _color(state["scale"], state["shades"][item])
            x, y = self.spot(state, item)
            seen = [picture.getpixel((min(picture.width - 1, int(x + dx)), min(picture.height - 1, int(y + dy))))
                    for dx in (-1, 0, 1) for dy in (-1, 0, 1)]  # fmt: skip
            hits += any(max(abs(a - b) for a, b in zip(wanted, color, strict=True)) < 60 for color in seen)
        return hits / len(items)

    def point(self, item: int, click: bool = False) -> None:
        """Rest on an item, or click it."""
        box = self.stage.bounding_box()
        assert box is not None
        x, y = self.spot(self.map(), item)
        self.page.mouse.move(box["x"] + x - 3, box["y"] + y)
        self.page.mouse.move(box["x"] + x, box["y"] + y)
        if click:
            self.page.mouse.click(box["x"] + x, box["y"] + y)

    def crowded(self, state: dict[str, Any]) -> int:
        """The item with the most others near it on the screen."""
        spots = [self.spot(state, item) for item in range(len(state["px"]))]
        return max(range(len(spots)), key=lambda item: sum(math.dist(spots[item], other) < 150 for other in spots))

    def zoom(self, ticks: int, item: int) -> None:
        """Turn the wheel over an item; more than 0 comes nearer."""
        self.point(item)
        for _ in range(abs(ticks)):
            self.page.mouse.wheel(0, -120 if ticks > 0 else 120)
            self.page.wait_for_timeout(60)

    def lasso(self, corners: list[tuple[float, float]]) -> None:
        """Draw a lasso through corners given as shares of the stage."""
        self.page.get_by_role("button", name="Select with a lasso").click()
        box = self.stage.bounding_box()
        assert box is not None
        spots = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
        self.page.mouse.move(*spots[0])
        self.page.mouse.down()
        for spot in [*spots[1:], spots[0]]:
            self.page.mouse.move(*spot, steps=8)
        self.page.mouse.up()

    def recolor(self, choice: str) -> None:
        self.page.get_by_role("combobox", name="Color", exact=True).click()
        self.page.get_by_role("option", name=choice, exact=True).click()
        title = self.page.locator(".em-legend-title")
        if choice == "group":  # the list of groups beside the map is its legend
            expect(title).to_be_hidden(timeout=PATIENCE)
        else:
            expect(title).to_have_text(choice, timeout=PATIENCE)
        self.idle()

    # ---- the page --------------------------------------------------------------------------------------

    def drop(self, name: str, content: bytes) -> None:
        """Give a file to the drop zone of Home and wait for what was read of it."""
        files = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self.page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(files)
        self.page.get_by_role("button", name="Build the map").wait_for()
        self.idle()

    def build(self) -> None:
        """Build what was dropped and wait for the five numbers."""
        self.page.get_by_role("button", name="Build the map").click()
        self.page.locator(".st-key-tile-rows").wait_for(timeout=4 * PATIENCE)
        self.idle()

    def open_map(self) -> dict[str, Any]:
        self.page.get_by_role("link", name="Map", exact=True).first.click()
        self.stage.wait_for()
        self.idle()
        return self.map()

    def baseline(self, selector: str) -> float:
        """Where the first line of an element's text stands, in pixels from the top of the page."""
        return self.page.locator(selector).first.evaluate("""(node) => {
            const mark = document.createElement("span");
            mark.style.cssText = "display: inline-block; width: 0; height: 0";
            const text = document.createTreeWalker(node, NodeFilter.SHOW_TEXT).nextNode();
            text.before(mark);
            const place = mark.getBoundingClientRect().bottom;
            mark.remove();
            return place;
        }""")

    def sideways(self) -> list[str]:
        """Parts of the page that a reader would have to scroll sideways."""
        return self.page.evaluate("""() => [document.documentElement, ...document.querySelectorAll(
            "[data-testid=stMain], [data-testid=stMainBlockContainer]")]
            .filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.dataset.testid ?? "page")""")


def _color(scale: list[Any], shade: float) -> tuple[int, ...]:
    """The color at a place of Plotly's colorscale whose steps are hard."""
    place = max(i for i, (start, _) in enumerate(scale) if start <= shade + 1e-9)
    return tuple(int(part, 16) for part in re.findall("..", scale[place][1].lstrip("#")))
