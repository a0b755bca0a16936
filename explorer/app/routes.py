"""Addresses beside Streamlit's own: the map's scripts, and arrays too large for its messages.

Arrays and hover texts are published under unguessable tokens, because `st.login` does not guard these routes.
What is published is kept while it is used: the oldest leave when there are too many or too large, and all
after some hours without a request. The component asks for a new address when one has gone.
"""

from __future__ import annotations

import gzip
import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from explorer.views import assets

PREFIX = "/explorer-map"
MOST_ENTRIES = 2_000
MOST_BYTES = 1_000_000_000
IDLE_SECONDS = 6 * 3600.0
FOREVER = "max-age=31536000, immutable"

Describe = Callable[[int], dict[str, object]]
"""Item to {"title", "text", "fields": [[name, value], ...], "image"?}; runs on a server thread."""


@dataclass
class _Entry:
    content: bytes | Describe
    used: float


class Published:
    """What browsers may fetch, by token. Safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, str], str] = {}
        self._keys: dict[str, tuple[str, str]] = {}
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._bytes = 0

    def publish(self, owner: str, name: str, content: Callable[[], bytes] | bytes | Describe, *,
                describes: bool = False) -> str:  # fmt: skip
        """The token of `content`, the same one for the same owner (a session) and name (with its version).

        Bytes may be given as a function without arguments, called only when the name is new. With
        `describes`, `content` is a Describe and replaces the one published before.
        """
        now = self._clock()
        with self._lock:
            token = self._tokens.get((owner, name))
            if token is not None:
                entry = self._entries[token]
                entry.used = now
                self._entries.move_to_end(token)
                if describes:
                    entry.content = content  # type: ignore[assignment]
                return token
        made = content if describes or isinstance(content, bytes) else content()  # type: ignore[call-arg]
        with self._lock:
            token = self._tokens.setdefault((owner, name), secrets.token_urlsafe(18))
            if token not in self._entries:
                self._keys[token] = (owner, name)
                self._entries[token] = _Entry(made, now)  # type: ignore[arg-type]
                self._bytes += len(made) if isinstance(made, bytes) else 0
                self._make_room(now, token)
        return token

    def get(self, token: str) -> bytes | Describe | None:
        """What was published under a token, or None."""
        with self._lock:
            now = self._clock()
            self._make_room(now, newest="")
            entry = self._entries.get(token)
            if entry is None:
                return None
            entry.used = now
            self._entries.move_to_end(token)
            return entry.content

    def _make_room(self, now: float, newest: str) -> None:
        while self._entries:
            token, entry = next(iter(self._entries.items()))
            full = len(self._entries) > MOST_ENTRIES or self._bytes > MOST_BYTES
            if token == newest or not (full or now - entry.used > IDLE_SECONDS):
                return
            del self._entries[token]
            del self._tokens[self._keys.pop(token)]
            self._bytes -= len(entry.content) if isinstance(entry.content, bytes) else 0


@cache
def published() -> Published:
    """The one registry of this process (the server and all sessions share it)."""
    return Published()


def asset_path() -> str:
    """Path of the scripts, below the app's own address."""
    return f"{PREFIX}/{_bundle()[0]}"


def data_path(token: str) -> str:
    """Path of what was published under a token, below the app's own address."""
    return f"{PREFIX}/data/{token}"


def routes() -> list[BaseRoute]:
    """What `st.App(__file__, routes=routes())` needs; honors `server.baseUrlPath`."""
    from streamlit import config

    base = (config.get_option("server.baseUrlPath") or "").strip("/")
    root = f"/{base}{PREFIX}" if base else PREFIX
    return [
        Route(root + "/data/{token}", _data, methods=["GET"]),
        Route(root + "/data/{token}/{item:int}", _describe, methods=["GET"]),
        Route(root + "/{version}/{name}", _asset, methods=["GET"]),
        Route(root + "/{rest:path}", _nothing, methods=["GET"]),  # else Streamlit answers with its page
    ]


@cache
def _bundle() -> tuple[str, dict[str, tuple[str, bytes]]]:
    """(version, name -> (media type, gzipped bytes)); compressed once, not at every request."""
    texts = {name: assets.source(name) for name in (*assets.MODULES, assets.CLIENT, assets.STYLE)}
    texts["plotly.min.js"] = assets.plotly_js()
    kinds = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
    packed = {
        name: (kinds[Path(name).suffix], gzip.compress(text.encode(), 6, mtime=0)) for name, text in texts.items()
    }
    return assets.version(), packed


def _headers(**more: str) -> dict[str, str]:
    return {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", **more}


def _nothing(request: Request) -> Response:
    return Response("Not found.", 404, _headers(**{"Cache-Control": "no-store"}))


def _asset(request: Request) -> Response:
    version, packed = _bundle()
    found = packed.get(request.path_params["name"])
    if found is None or request.path_params["version"] != version:
        return Response("Not found.", 404, _headers(**{"Cache-Control": "no-store"}))
    kind, body = found
    headers = _headers(**{"Cache-Control": f"public, {FOREVER}", "Vary": "Accept-Encoding"})
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(body), media_type=kind, headers=headers)
    return Response(body, media_type=kind, headers={**headers, "Content-Encoding": "gzip"})


def _data(request: Request) -> Response:
    content = published().get(request.path_params["token"])
    if not isinstance(content, bytes):
        return Response("Not found.", 404, _headers(**{"Cache-Control": "no-store"}))
    # "identity" keeps Streamlit's gzip off: floats hardly shrink, and level 9 costs more than it saves.
    headers = _headers(**{"Cache-Control": f"private, {FOREVER}", "Content-Encoding": "identity"})
    return Response(content, media_type="application/octet-stream", headers=headers)


def _describe(request: Request) -> Response:
    content = published().get(request.path_params["token"])
    if content is None or isinstance(content, bytes):
        return Response("Not found.", 404, _headers(**{"Cache-Control": "no-store"}))
    try:
        answer = content(request.path_params["item"])
    except (IndexError, KeyError, ValueError):
        return Response("Not found.", 404, _headers(**{"Cache-Control": "no-store"}))
    body = json.dumps(answer, ensure_ascii=True, default=str)
    headers = _headers(**{"Cache-Control": "private, no-cache"})
    return Response(body, media_type="application/json", headers=headers)
