"""What every test runs with: no network, a store of its own, builds within the test; a browser and the app for some."""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that a plain `pytest` finds explorer/ as `python -m pytest` does

# Before anything of explorer is imported: a test must never see the settings of whoever runs it, nor fill their store.
for _name in [name for name in os.environ if name.startswith("EXPLORER_") and name != "EXPLORER_TRACE"]:
    del os.environ[_name]
_HOME = tempfile.mkdtemp(prefix="explorer-tests-")
os.environ.update(HF_HUB_OFFLINE="1", EXPLORER_JOBS="inline", EXPLORER_HOME=_HOME)
# MiniLM is converted for its engine once, not by every process and server of the tests, and by `make install` already.
# tests/test_engines.py converts it anew.
_ENGINES = ROOT / ".pytest_cache" / "engines"
os.environ["EXPLORER_ENGINES"] = str(_ENGINES)
_INSTALLED = Path(sys.prefix, "share", "embedding-explorer", "engines")
if _INSTALLED.is_dir() and not _ENGINES.exists():
    shutil.copytree(_INSTALLED, _ENGINES)

# How long an example takes depends on what else the machine does: no test asserts a time.
settings.register_profile("explorer", deadline=None)
settings.load_profile("explorer")

BROWSER_ARGUMENTS = [
    # Chromium's own errands fail slowly, many at a time, where there is no network.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card
]
_APP_STARTS_WITHIN = 120.0  # seconds, cold, on a busy machine


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


# Those that take longest, measured: whoever starts them last waits for them, so they come first.
_LONGEST = ("pages", "faults_users", "search_page", "faults_kills", "models", "jobs", "clusters_page", "engines")
_BROWSER = {"browser", "app_url"}  # fixtures


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those in a browser first, then the longest files: `make test` hands tests out in this order."""
    order = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: (not _needs_browser(item), order.get(_name(item), len(order))))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadfile`, but that all tests in a browser are as one file: they share one server and one Chromium.

    (pytest-xdist's `loadgroup` fails with pytest 9.2.)
    """
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            in_a_browser = test.rpartition("::")[2].partition("[")[0] in _browser_tests(ROOT / file)
            return "browser" if in_a_browser else super()._split_scope(nodeid)

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@cache
def _browser_tests(file: Path) -> set[str]:
    """The tests of a file that ask for a browser, themselves or through a fixture of the file."""
    functions = {
        node.name: {each.arg for each in node.args.args}
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    found = set(_BROWSER)
    while more := {name for name, arguments in functions.items() if arguments & found} - found:
        found |= more
    return found


def _name(item: pytest.Item) -> str:
    return item.path.stem.removeprefix("test_")


def _needs_browser(item: pytest.Item | None) -> bool:
    return bool(_BROWSER & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(trylast=True)  # after the test's own pages are closed
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """While Playwright runs no other event loop can: it ends with the last test that needs it."""
    if not _needs_browser(nextitem):
        _chromium.close()


@pytest.fixture
def store(tmp_path):
    """An empty store of the test's own, without what ships with the samples."""
    from explorer.store.store import Store

    return Store(tmp_path / "store", shipped=None)


@pytest.fixture(scope="session")
def sentences():
    """The shared table of sixty plain sentences: columns id, text, topic. See examples.py for what is planted."""
    from examples import sentence_table

    return sentence_table()


@pytest.fixture
def run(capsys, home):
    """Run a command with the module's `home` as its store: its exit code, its stdout and its stderr."""
    from explorer.doors import command_line as cli

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium or Chrome to drive. Its absence is a failure: a skipped journey would look like a passed one."""
    from scripts.browser import find_browser

    path = find_browser()
    if path is None:
        pytest.fail("No Chromium or Chrome was found. `make test` installs one, `make browser` does only that.")
    return path


@pytest.fixture
def browser(browser_path):
    """One headless Chromium for all tests. A test takes its own page: `browser.new_page()`, closed at its end."""
    return _chromium.opened(browser_path)


class _Chromium:
    """Chromium with its Playwright, from the first test that needs it to the last."""

    def __init__(self) -> None:
        self._stack, self._browser = contextlib.ExitStack(), None

    def opened(self, path: str):
        from playwright.sync_api import expect, sync_playwright

        if self._browser is None:
            expect.set_options(timeout=60_000)  # two cores, shared with others: its 5 s are too short
            arguments = BROWSER_ARGUMENTS + (["--no-sandbox"] if os.geteuid() == 0 else [])  # root has no sandbox
            chromium = self._stack.enter_context(sync_playwright()).chromium
            self._browser = chromium.launch(executable_path=path, args=arguments)
            self._stack.callback(self._browser.close)
        return self._browser

    def close(self) -> None:
        self._browser = None
        self._stack.close()


_chromium = _Chromium()


@pytest.fixture(scope="session")
def app_url(tmp_path_factory) -> Iterator[str]:
    """The address, without a slash at its end, of the real app: a server of its own with worker and store."""
    folder = tmp_path_factory.mktemp("app")
    environment = {**os.environ, "EXPLORER_HOME": str(folder / "home")}
    del environment["EXPLORER_JOBS"]
    port, log = _free_port(), folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "explorer", "app", "--port", str(port)],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,  # so that all of its processes can be ended together
        )  # fmt: skip
        try:
            _wait_until_up(server, port, log)
            yield f"http://localhost:{port}"
        finally:
            _end_group(server)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy has no business with localhost
    give_up = time.monotonic() + _APP_STARTS_WITHIN
    while time.monotonic() < give_up and server.poll() is None:
        try:
            direct.open(f"http://localhost:{port}/_stcore/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"The app did not start. Its log:\n{log.read_text(errors='replace')[-3000:]}")


def _end_group(server: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, how)
            server.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
