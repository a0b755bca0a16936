"""The real app and visitors to it, each in a browser context of their own, for provoking faults."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser, Page, async_playwright

from scripts.browser import find_browser

ROOT = Path(__file__).resolve().parents[1]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
PATIENCE = 300.0  # seconds for a page, on a busy machine
_UP_WITHIN = 120.0


@dataclass
class App:
    """A server that can be killed and started again: same home, same port. Every visitor has their own workspace."""

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
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        give_up = time.monotonic() + _UP_WITHIN
        while time.monotonic() < give_up and self.process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):
                return
            time.sleep(0.1)
        raise RuntimeError("the app did not start: " + self.log()[-600:])

    def kill(self) -> None:
        """kill -9 the server; its workers notice by themselves."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End everything that `start` started."""
        if self.process is None:
            return
        for how in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, how)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                break
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def log(self) -> str:
        return (self.home / "server.log").read_text(encoding="utf-8", errors="replace")

    @property
    def server(self) -> psutil.Process:
        assert self.process is not None
        return psutil.Process(self.process.pid)


@contextmanager
def running(**settings: str) -> Iterator[App]:
    """An app with an empty home and the small model "letters"; `settings` are more of its environment."""
    with tempfile.TemporaryDirectory(prefix="explorer-faults-", ignore_cleanup_errors=True) as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXPLORER_", "STREAMLIT_"))}
        ours = {"EXPLORER_HOME": f"{folder}/home", "EXPLORER_MODELS": "faults.encoder", "HF_HUB_OFFLINE": "1"}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        (Path(folder) / "temporary").mkdir()
        environment = {**kept, **ours, "TMPDIR": f"{folder}/temporary", "PYTHONPATH": str(ROOT), **settings}
        app = App(Path(folder), port, environment)
        try:
            app.start()
            yield app
        finally:
            app.stop()


@dataclass
class Visitor:
    """One browser context with one page; it notes whatever a page must never do, and how long pages take."""

    page: Page
    url: str
    wrongs: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)  # of the map's arrays and hover texts that it asked for

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
        """Until the script has run to its end and stays there for a moment."""
        await self.page.wait_for_selector(IDLE)
        await self.page.wait_for_timeout(150)
        await self.page.wait_for_selector(IDLE)
        if await self.page.locator("[data-testid=stException], .st-key-script-error").count():
            self.wrongs.append(f"{self.page.url}: the page failed")

    async def go(self, path: str, until: str | None = None) -> str:
        """Open a page by its address; its text, once idle. The seconds are noted."""
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
        await self.page.get_by_test_id("stRadio").get_by_text("Letters (for tests)").click()
        await self.idle()

    async def build(self) -> None:
        await self.page.get_by_role("button", name="Build the map").click()

    async def built(self) -> None:
        """Until the five numbers are there."""
        await self.page.get_by_text("distinct items").wait_for()
        await self.idle()

    @property
    def link(self) -> str:
        """The part of the address that names what is open: "?space=…&w=…"."""
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
    """Somebody new: a context of their own shares nothing with others."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    return Visitor(await context.new_page(), url)


async def at_once(*tasks: Any) -> list[Any]:
    """All of them together; what one raises is its result."""
    return list(await asyncio.gather(*tasks, return_exceptions=True))
