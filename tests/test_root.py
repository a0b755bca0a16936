"""Where the app lies is read off the page's address: nothing is asked for in vain, behind a proxy's prefix neither."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_WR, create_connection, socket
from urllib.parse import urlsplit

import pytest
from map_driver import Visitor
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.app import root

OTHER = "<html><head></head><body>" + "another page " * 100 + "</body></html>"


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_streamlits_page_knows_its_address_and_other_answers_are_left_alone(encoding):
    def streamlit(request):
        return HTMLResponse(root.streamlit_page(), headers={"ETag": '"streamlit"'})

    app = Starlette(
        routes=[
            Route("/", streamlit),
            Route("/other", lambda request: HTMLResponse(OTHER)),
            Route("/text", lambda request: Response(root.streamlit_page(), media_type="text/plain")),
        ],
        middleware=[Middleware(root.KnownRoot), Middleware(GZipMiddleware)],
    )
    client = TestClient(app, headers={"Accept-Encoding": encoding})
    answer = client.get("/")
    assert answer.text.count(root.SCRIPT) == 1
    assert answer.text.index(root.SCRIPT) < answer.text.index("<script type=")
    assert answer.headers["content-length"] == str(len(answer.content))
    assert "etag" not in answer.headers
    assert client.get("/other").text == OTHER
    assert client.get("/text").content == root.streamlit_page()


@contextmanager
def proxy(app_url: str, prefix: str) -> Iterator[str]:
    """Another address of the app: what is asked for below a prefix is passed on without it, all else is not found."""
    behind = urlsplit(app_url)

    def pump(source: socket, target: socket) -> None:
        with suppress(OSError):
            while part := source.recv(65_536):
                target.sendall(part)
            target.shutdown(SHUT_WR)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            head = b""
            while b"\r\n\r\n" not in head:
                part = self.request.recv(65_536)
                if not part:
                    return
                head += part
            path = head.split(b" ", 2)[1].decode()
            if not path.startswith(prefix + "/"):
                self.request.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            head = head.replace(path.encode(), path.removeprefix(prefix).encode(), 1)
            if b"\r\nupgrade: websocket" not in head.lower():  # one request a connection, so that each is seen
                head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"\r\nConnection: close", head, count=1)
            with create_connection((behind.hostname, behind.port)) as server:
                server.sendall(head)
                threading.Thread(target=pump, args=(self.request, server), daemon=True).start()
                pump(server, self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://localhost:{listening.server_address[1]}{prefix}"
        listening.shutdown()


@pytest.mark.parametrize("prefix", ["", "/some/where"])
def test_no_page_asks_for_anything_in_vain(browser: Browser, app_url: str, prefix: str):
    with proxy(app_url, prefix) as address:
        context = browser.new_context()
        me = Visitor(context, address)
        missed: list[str] = []
        context.on("response", lambda answer: answer.status >= 400 and missed.append(answer.url))
        pages = ["", "map", "search", "clusters", "outliers"] if not prefix else ["", "map"]
        for page in pages:
            me.go(f"{page}?sample=support_tickets")
            if page in ("map", "search", "outliers"):
                me.map()
        me.page.get_by_role("link", name="Map", exact=True).first.click()  # from page to page within the app, too
        me.page.wait_for_url("**/map?**")
        me.idle()
        me.map()
        context.close()
    assert not missed
    assert not me.wrongs
