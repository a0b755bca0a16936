"""The headers of every answer, and that the browser obeys them. Every browser test notes what is blocked."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from map_driver import Visitor
from playwright.sync_api import Browser

from explorer.app import routes, security


def answer(url: str) -> tuple[int, dict[str, str]]:
    """Status and headers (names in small letters)."""
    try:
        with urllib.request.urlopen(url, timeout=30) as found:
            return found.status, {name.lower(): value for name, value in found.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}


def through(middleware: security.SecurityHeaders, path: str) -> tuple[int, dict[str, str]]:
    """What comes back of a request that goes through the middleware alone."""
    messages: list[dict] = []

    async def send(message: dict) -> None:
        messages.append(message)

    request = middleware({"type": "http", "method": "GET", "path": path, "headers": []}, None, send)
    with ThreadPoolExecutor(1) as apart:  # where Playwright drives a browser already, no other loop can run
        apart.submit(asyncio.run, request).result()
    return messages[0]["status"], {name.decode(): value.decode() for name, value in messages[0]["headers"]}


async def plain_app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"public, max-age=9")]})
    await send({"type": "http.response.body", "body": b"ok"})


def test_a_page_may_load_send_and_embed_nothing_but_its_own_servers():
    rules = dict(rule.split(" ", 1) for rule in security.content_policy().split("; "))
    assert rules.pop("default-src") == "'none'"
    allowed = {source for rule in rules.values() for source in rule.split()}
    assert allowed == {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "blob:", "data:"}
    assert [name for name, rule in rules.items() if "'unsafe-eval'" in rule] == ["script-src"]
    assert [name for name, rule in rules.items() if "'unsafe-inline'" in rule] == ["style-src"]
    assert rules["connect-src"] == rules["form-action"] == rules["frame-ancestors"] == "'self'"


def test_streamlits_own_inline_script_runs_by_its_digest():
    # sha256 of "1", as `printf 1 | openssl sha256 -binary | base64` says.
    assert "'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='" in security.content_policy(("1",))
    assert security.headers()["Content-Security-Policy"].count("sha256-") == 2  # the app's own of one line, and this


def test_who_may_frame_the_app_is_a_setting(monkeypatch):
    monkeypatch.setenv("EXPLORER_FRAMED_BY", "https://intranet.example, https://*.firm.example")
    policy = security.headers()["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://intranet.example https://*.firm.example")
    monkeypatch.setenv("EXPLORER_FRAMED_BY", "x; script-src *")
    with pytest.raises(ValueError, match="EXPLORER_FRAMED_BY"):
        security.headers()


def test_what_an_answer_says_of_being_kept_stands():
    assert through(security.SecurityHeaders(plain_app), "/")[1]["cache-control"] == "public, max-age=9"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/some/base/_stcore/metrics"])
def test_metrics_are_for_those_who_ask_for_them(monkeypatch, path):
    assert through(security.SecurityHeaders(plain_app), path)[0] == 404
    monkeypatch.setenv("EXPLORER_METRICS", "1")
    assert through(security.SecurityHeaders(plain_app), path)[0] == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 200),
        ("map", 200),
        ("_stcore/health", 200),
        ("_stcore/metrics", 404),
        ("explorer-map/data/guessed", 404),
        ("explorer-map/data/guessed/-1", 404),
        ("media/guessed.csv", 404),
    ],
)  # fmt: skip
def test_every_answer_of_the_server_has_the_headers(app_url, path, status):
    found, headers = answer(f"{app_url}/{path}")
    assert found == status
    assert {name: headers.get(name.lower()) for name in security.headers()} == security.headers()
    assert "no-cache" in headers["cache-control"] or "no-store" in headers["cache-control"]


def test_the_browser_does_as_told(browser: Browser, app_url: str):
    """Markup that got into the page by whatever hole runs nothing and reaches nobody."""
    context = browser.new_context()
    me = Visitor(context, app_url)
    me.go()
    me.page.evaluate("""() => {
        const hole = document.createElement("div");
        hole.innerHTML = "<img src=http://127.0.0.1:9/seen.png onerror='document.title=1'>"
            + "<iframe src=http://127.0.0.1:9/></iframe><a id=go href=\\"javascript:document.title='2'\\">x</a>";
        document.body.append(hole);
        const script = document.createElement("script");
        script.textContent = "document.title = '3'";
        document.body.append(script);
        document.querySelector("#go").click();
    }""")
    assert me.page.evaluate("fetch('http://127.0.0.1:9/leak').then(() => 'sent', () => 'blocked')") == "blocked"
    me.page.wait_for_timeout(300)
    assert me.page.title() not in ("1", "2", "3")
    blocked = " ".join(wrong for wrong in me.wrongs if wrong.startswith("blocked"))
    for rule in ("img-src", "frame-src", "script-src", "connect-src"):
        assert f"{rule} " in blocked or f"'{rule}'" in blocked, rule
    context.close()


def test_the_maps_addresses_end_when_they_are_not_used_even_if_nothing_new_is_published():
    now = [0.0]
    registry = routes.Published(clock=lambda: now[0])
    token = registry.publish("session", "points", b"private")
    assert len(token) == 24  # 144 random bits
    assert registry.publish("another session", "points", b"private") != token
    now[0] = routes.IDLE_SECONDS - 1
    assert registry.get(token) == b"private"  # used: it starts anew
    now[0] += routes.IDLE_SECONDS + 1
    assert registry.get(token) is None
