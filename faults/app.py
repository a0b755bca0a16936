"""The real app and visitors to it, each in a browser context of their own, for provoking faults."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser, Page, async_playwright

from scripts import serve
from scripts.browser import find_browser

ROOT = serve.ROOT
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
FOUND = ".st-key-tile-rows"  # the first of the numbers that Home shows of what is built
PATIENCE = 300.0  # seconds for a page, on a busy machine
_UP_WITHIN = 120.0


@dataclass
class App:
    """A server that can be killed and started again with the same home and port. Each visitor has an own workspace."""

    home: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(self.port)]
        command += ["--server.address", "localhost", "--server.headless", "true"]
        self.process = serve.start(command, self.port, self.environment, self.home / "server.log", _UP_WITHIN)

    def kill(self) -> None:
        """kill -9 the server. Its workers end by themselves."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the server and all its processes."""
        if self.process is not None:
            serve.end(self.process)

    @property
    def server(self) -> psutil.Process:
        assert self.process is not None
        return psutil.Process(self.process.pid)


@contextmanager
def running(**settings: str) -> Iterator[App]:
    """An app with an empty home and the small model "letters"; `settings` are further environment variables."""
    with tempfile.TemporaryDirectory(prefix="explorer-faults-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "temporary").mkdir()
        ours = {"EXPLORER_MODELS": "faults.encoder", "HF_HUB_OFFLINE": "1", "TMPDIR": f"{folder}/temporary"}
        environment = {**serve.environment(f"{folder}/home"), **ours, **settings}
        app = App(Path(folder), serve.free_port(), environment)
        try:
            app.start()
            yield app
        finally:
            app.stop()


@dataclass
class Visitor:
    """One browser context with one page. Records what a page must never do, and how long pages take."""

    page: Page
    url: str
    wrongs: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)  # of the map's arrays and hover texts that it requested

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("pageerror", lambda error: self.wrongs.append(f"page error: {error}"))
        self.page.on("request", self._requested)

    def _requested(self, request: Any) -> None:
        if "/explorer-map/data/" in request.url:
            self.addresses.add(request.url)
        elif not request.url.startswith((self.url + "/", "data:", "blob:", self.url.replace("http", "ws", 1))):
            self.wrongs.append(f"request: {request.url}")

    async def idle(self) -> None:
        """Wait until the script has ended and stays so for a moment."""
        await self.page.wait_for_selector(IDLE)
        await self.page.wait_for_timeout(150)
        await self.page.wait_for_selector(IDLE)
        if await self.page.locator("[data-testid=stException], .st-key-script-error").count():
            self.wrongs.append(f"{self.page.url}: the page failed")

    async def go(self, path: str, until: str | None = None) -> str:
        """Open a page by its address, and record the seconds. Returns its text once it is idle."""
        began = time.perf_counter()
        await self.page.goto(path if path.startswith("http") else f"{self.url}/{path}")
        await self.idle()
        if until:
            await self.page.wait_for_selector(until)
        self.seconds.append(time.perf_counter() - began)
        return await self.text()

    async def text(self) -> str:
        return await self.page.inner_text("body")

    async def drop(self, name: str, content: bytes) -> None:
        """Give a file to Home's drop zone and choose the small model."""
        files: Any = {"name": name, "mimeType": "text/csv", "buffer": content}
        await self.page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(files)
        await self.page.get_by_role("button", name="Build the map").wait_for()
        await self.idle()
        await self.page.get_by_test_id("stRadio").get_by_text("Other", exact=True).click()
        await self.page.get_by_role("combobox", name="Other models").click()
        await self.page.get_by_role("option", name="Letters (for tests)").click()
        await self.idle()

    async def build(self) -> None:
        await self.page.get_by_role("button", name="Build the map").click()

    async def built(self) -> None:
        """Wait until the five numbers are shown."""
        await self.page.wait_for_selector(FOUND)
        await self.idle()

    @property
    def link(self) -> str:
        """The query of the address, which names the open dataset: "?space=…&w=…"."""
        return "?" + self.page.url.partition("?")[2]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One headless browser for all visitors."""
    arguments = ["--disable-background-networking", "--no-first-run", "--enable-unsafe-swiftshader"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []  # root has no sandbox
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


async def visitor(browser: Browser, url: str) -> Visitor:
    """A new visitor, whose browser context shares nothing with others."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    return Visitor(await context.new_page(), url)


async def at_once(*tasks: Any) -> list[Any]:
    """Run all tasks together. The result of a task that fails is its exception."""
    return list(await asyncio.gather(*tasks, return_exceptions=True))
