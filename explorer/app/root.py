"""The app's own address: the browser reads it off the page's address instead of finding it by trying.

Streamlit's page does not know how deep it lies: of `/map` it asks for `/map/_stcore/health` before `/_stcore/health`,
and each miss is an error in the console. But pages are one segment deep, and Streamlit names its scripts by
`./static/…`; so the folder of the page's address is the app's own, whatever prefix `server.baseUrlPath` or a proxy puts
before it.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = 'new URL(".", document.baseURI).href'
"""JavaScript: the app's own address, with a slash at its end."""

# Streamlit reads this object where its page is served apart from its server; a host that sets its own keeps it.
SCRIPT = f"window.__streamlit ??= {{ BACKEND_BASE_URL: {ROOT} }}"


@cache
def streamlit_page() -> bytes:
    """The page that Streamlit answers with on every address that is a page's."""
    from streamlit import file_util

    return Path(file_util.get_static_dir(), "index.html").read_bytes()


@cache
def page() -> bytes:
    """Streamlit's page, with the app's address worked out before its scripts run."""
    return streamlit_page().replace(b"<head>", f"<head>\n    <script>{SCRIPT}</script>".encode(), 1)


class KnownRoot:
    """ASGI middleware: answers with `page()` where Streamlit answers with its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message | None = None  # held back until the whole body is there
        body = b""

        async def send_page(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            answer = MutableHeaders(scope=start)
            packed = answer.get("content-encoding") == "gzip"
            if (gzip.decompress(body) if packed else body) == streamlit_page():
                body = page()
                answer["Content-Length"] = str(len(body))
                for name in ("Content-Encoding", "ETag", "Last-Modified"):  # of Streamlit's own page
                    del answer[name]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, send_page)


def _is_html(start: Message) -> bool:
    kind = MutableHeaders(scope=start).get("content-type", "")
    return start["status"] == 200 and kind.startswith("text/html")
