"""Several users at once, slow clients and aborted uploads, and a server that is killed while pages are open."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import secrets
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.async_api import TimeoutError as PlaywrightTimeout

from explorer.app.pages import PAGES
from faults import Result
from faults.app import FOUND, PATIENCE, ROOT, App, Visitor, at_once, chromium, running, visitor
from faults.probe import Probe

_ROWS = 15
_PAGES = tuple(name for name, page in PAGES.items() if page.needs)
_SUBJECTS = ("bread", "rivers", "engines", "taxes", "violins")
_LARGE = 40 * 2**20  # bytes of an upload that never ends
_LEAVES = 12 * 2**20  # bytes that may stay allocated: allocators keep some freed memory


def run(short: bool) -> list[Result]:
    """Every fault of this module; the short version has two users, a small file, and no restart."""
    with running() as app:
        results = [_in_own_loop(_many_users(app, 2 if short else 20))]
        results.append(_in_own_loop(_vanishing(app, 1 if short else 8, 4 * 2**20 if short else _LARGE)))
    return results if short else [*results, restarted(3), hostile_text()]


def _in_own_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread: while Playwright drives a browser, as in tests, no other loop can run here."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, work).result()


# -- many users ------------------------------------------------------------------------------------


async def _many_users(app: App, users: int) -> Result:
    """Each user uploads a dataset with words of its own, opens every page, and looks for the words of others."""
    result = Result(f"{users} users at once, each with a dataset of their own")
    words = [f"canary{number}x{secrets.token_hex(4)}" for number in range(users)]
    async with chromium() as browser:
        people = [await visitor(browser, app.url) for _ in words]
        with Probe(app.url) as probe:
            arrived = await at_once(*(_arrive(me, word) for me, word in zip(people, words, strict=True)))
            links = [me.link for me in people]
            looked = await at_once(*(_look_around(me, words, number, links) for number, me in enumerate(people)))
        for number, me in enumerate(people):
            with result.case(f"user {number + 1}"):
                for outcome in (arrived[number], looked[number]):
                    if isinstance(outcome, BaseException):
                        raise outcome
                assert not me.wrongs, me.wrongs[0]
                assert me.addresses, "it asked for no map data: the check would show nothing"
        with result.case("the map's addresses, guessed and foreign"):
            _addresses_are_private(app, people)
        with result.case("the server answers meanwhile"):
            assert not probe.failures, probe.failures[0]
    pages = sorted(second for me in people for second in me.seconds)
    result.worst = pages[-1] if pages else 0.0
    result.peak_mb = app.server.memory_info().rss / 1e6
    result.note = (
        f"{len(pages)} pages: median {statistics.median(pages):.1f} s, slowest {result.worst:.1f} s, all in one "
        f"browser on the same machine; health and first page answered {probe.count} times, slowest {probe.worst:.1f} s"
    )
    return result


def canary_table(word: str) -> bytes:
    """Fifteen rows about five subjects, with the word in each cell of text."""
    rows = [f"{word} {_SUBJECTS[row % 5]} number {row} is {'bright' * (row % 3 + 1)},{row}" for row in range(_ROWS)]
    return "\n".join([f"text,number_{word}", *rows]).encode()


async def _arrive(me: Visitor, word: str) -> None:
    await me.go("")
    await me.drop(f"{word}.csv", canary_table(word))
    await me.build()
    await me.built()


async def _look_around(me: Visitor, words: list[str], number: int, links: list[str]) -> None:
    own, others = words[number], [word for word in words if word != words[number]]
    foreign = urllib.parse.parse_qs(links[(number + 1) % len(links)][1:])
    for page in _PAGES if len(words) > 2 else _PAGES[:1]:  # with two, as in the tests, the map stands for all
        until = ".em-stage" if page == "map" else None
        text = await me.go(page + links[number], until)
        assert own in text, f"{page}: its own data is not there"
        _nothing_of(others, text, page)
    # Search, by words and by meaning, for what others have. Of two users one asks, and each tries half of the tokens.
    asks = len(words) > 2 or number == 0
    for other in others[:2] if asks else []:
        await me.go(f"search{links[number]}&q={other}")
        hits = await me.page.locator("[class*=st-key-hit-]").all_inner_texts()
        _nothing_of(others, " ".join(hits), "search results")
    # Another's dataset by its key, without their token and with a made-up one.
    assert foreign.get("w"), "the address names no workspace"
    space = foreign["space"][0]
    tokens = ["", f"&w={secrets.token_urlsafe(24)}", f"&w={_altered(foreign['w'][0])}", "&w=local"]
    for token in tokens if len(words) > 2 else tokens[number::2]:
        await me.go(f"map?space={space}{token}")
        refused = me.page.get_by_text("not in this workspace")
        with contextlib.suppress(PlaywrightTimeout):
            await refused.wait_for(timeout=20_000)
        text = await me.text()
        _nothing_of(others, text, "another's address")
        assert await refused.count(), f"another's dataset with {token or 'no token'}: not refused, but {text[:200]!r}"
    if not asks:
        return
    # The list of what was opened before.
    text = await me.go(f"?w={urllib.parse.parse_qs(links[number][1:])['w'][0]}")
    assert own in text, "Recent: its own data is not there"
    _nothing_of(others, text, "Recent")


def _altered(token: str) -> str:
    """Another token that differs in its last character only."""
    return token[:-1] + ("B" if token.endswith("A") else "A")


def _nothing_of(others: list[str], text: str, where: str) -> None:
    seen = [word for word in others if word in text]
    assert not seen, f"{where}: shows {seen[0]}, which is another's"


def _addresses_are_private(app: App, people: list[Visitor]) -> None:
    """No two users were given the same address, and nothing is behind an address that was not given."""
    each = [{address.split("/explorer-map/data/")[1].split("/")[0] for address in me.addresses} for me in people]
    given = set[str]().union(*each)
    assert len(given) == sum(map(len, each)), "two users were given the same address"
    tokens = [next(iter(given))[:-1] + "~", secrets.token_urlsafe(18), "0", "..", "%2e%2e"]
    for token in tokens:
        for path in (token, f"{token}/0", f"{token}/-1"):
            status = _status(app, f"/explorer-map/data/{path}")
            assert status in (400, 404), f"/explorer-map/data/{path} answered {status}"


def _status(app: App, path: str) -> int:
    connection = http.client.HTTPConnection("localhost", app.port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


# -- slow clients, aborted uploads --------------------------------------------------------------------


async def _vanishing(app: App, uploads: int, size: int) -> Result:
    """Slow uploads that are then broken off, while another user works."""
    result = Result("slow clients and aborted uploads")
    async with chromium() as browser:
        slow, other = await visitor(browser, app.url), await visitor(browser, app.url)
        upload = await _captured_upload(slow)
        await other.go("map?sample=support_tickets", ".em-stage")
        alone = other.seconds.pop()
        before = app.server.memory_info().rss
        handles = app.server.num_fds()
        with Probe(app.url) as probe:
            open_ones = [await asyncio.to_thread(_begin, app, upload, size) for _ in range(uploads)]
            with result.case("another user's page meanwhile"):
                text = await other.go("map?sample=support_tickets", ".em-stage")
                assert "Support tickets" in text
            held = app.server.memory_info().rss - before
            for connection in open_ones:
                connection.close()
        result.worst = max(other.seconds, default=0.0)
        with result.case("what they sent is freed"):
            await _until(lambda: app.server.num_fds() <= handles, "open files stay behind")
            await _until(lambda: app.server.memory_info().rss - before < _LEAVES + held // 4, "memory stays behind")
            left = [path for path in (app.home / "temporary").iterdir() if path.is_file()]
            assert not left, f"temporary files stay behind: {left[0].name}"
        with result.case("the slow user's own page goes on"):
            assert "slow.csv" in await slow.text()
            assert not slow.wrongs + other.wrongs, (slow.wrongs + other.wrongs)[0]
        with result.case("the server answers meanwhile"):
            assert not probe.failures, probe.failures[0]
    result.cases += uploads - 1
    result.peak_mb = held / 1e6
    result.note = (
        f"{uploads} uploads of {size / 1e6:.0f} MB broken off after three quarters; a page alone {alone:.1f} s, "
        f"meanwhile {result.worst:.1f} s; slowest answer {probe.worst:.1f} s; memory: what they held"
    )
    return result


async def _captured_upload(me: Visitor) -> tuple[str, dict[str, str]]:
    """The address and headers of a real upload, from which others are made."""
    await me.go("")
    async with me.page.expect_request(lambda request: request.method == "PUT") as found:
        await me.drop("slow.csv", canary_table("slow"))
    request = await found.value
    sent = await request.all_headers()
    wanted = ("x-xsrftoken", "cookie", "origin", "referer")
    return urllib.parse.urlparse(request.url).path, {name: sent[name] for name in wanted if name in sent}


def _begin(app: App, upload: tuple[str, dict[str, str]], size: int) -> socket.socket:
    """Send three quarters of a file in small pieces and keep the connection open."""
    path, headers = upload
    path = path.rsplit("/", 1)[0] + "/" + secrets.token_hex(8)
    head = 'Content-Disposition: form-data; name="file"; filename="never.csv"\r\nContent-Type: text/csv\r\n\r\n'
    body = f"--edge\r\n{head}".encode()
    lines = [f"PUT {path} HTTP/1.1", f"Host: localhost:{app.port}", f"Content-Length: {len(body) + size}"]
    lines += ["Content-Type: multipart/form-data; boundary=edge", *(f"{k}: {v}" for k, v in headers.items())]
    connection = socket.create_connection(("localhost", app.port), timeout=30)
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    piece = b"0123456,abcdefg\n" * 4096
    for _ in range(size * 3 // 4 // len(piece)):
        connection.sendall(piece)
        time.sleep(0.002)
    connection.settimeout(0.05)
    try:
        answer = connection.recv(200)
    except TimeoutError:  # no answer yet: it is waiting for the rest, as it should
        return connection
    raise AssertionError(f"the upload was not taken: {answer[:60]!r}")


async def _until(holds: Callable[[], bool], otherwise: str, seconds: float = 20.0) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, otherwise
        await asyncio.sleep(0.2)


# -- a restart with pages open ------------------------------------------------------------------------


def restarted(times: int) -> Result:
    """The server killed during a build while pages are open, and started again."""
    result = Result("the server killed in mid-build with pages open, and started again")
    with running(FAULTS_TEXTS_PER_SECOND="120") as app:
        for number in range(times):
            with result.case(f"restart {number + 1}"):
                _in_own_loop(_killed_under(app, number))
    result.note = "slowest case: from the first visit to the finished build, the restart included"
    return result


async def _killed_under(app: App, number: int) -> Result:
    word = f"survivor{number}"
    rows = 1_000
    content = "text\n" + "\n".join(f"{word} row {row} about {_SUBJECTS[row % 5]}" for row in range(rows))
    async with chromium() as browser:
        me, again = await visitor(browser, app.url), await visitor(browser, app.url)
        await me.go("")
        await me.drop(f"{word}.csv", content.encode())
        await me.build()
        await me.page.wait_for_function("() => new URLSearchParams(location.search).has('space')")
        await me.page.wait_for_timeout(3_000)  # some batches are written by now
        assert not await me.page.locator(FOUND).count(), "the build was over before the server was killed"
        link = me.link
        app.kill()
        await me.page.wait_for_timeout(500)
        app.start()
        await at_once_or_raise(me.built(), _opens(again, link, word))
        for seen in (await me.text(), await again.text()):
            assert f"{rows:,}" in seen, "not all rows are there"
        wrongs = [wrong for wrong in me.wrongs + again.wrongs if "page error" not in wrong]
        assert not wrongs, wrongs[0]
    return Result("")


async def _opens(me: Visitor, link: str, word: str) -> None:
    text = await me.go(link)
    assert word in text, "the workspace did not open again"
    await me.built()


async def at_once_or_raise(*tasks: Any) -> None:
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)


# -- hostile text ----------------------------------------------------------------------------------------


def hostile_text() -> Result:
    """Naughty strings as cells, column names and file names on every page, in a real browser."""
    result = Result("hostile text on every page, in hovers, labels and exports")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "tests/test_hostile_app.py"]
    with result.case("tests/test_hostile_app.py"):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200)
        assert done.returncode == 0, (done.stdout.strip().splitlines() or ["no output"])[-1]
    return result
