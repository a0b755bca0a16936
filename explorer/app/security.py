"""What every answer tells the browser: what a page may load, whom it may talk to, who may frame it.

Text that got to be markup after all could still reach no other host: a page may load from, send to and embed
nothing but its own server. `tests/test_security.py` opens every page in a browser that reports what was blocked.
"""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import settings
from explorer.app import root

_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip


def content_policy(inline_scripts: tuple[str, ...] = (), framed_by: str = "'self'") -> str:
    """The value of Content-Security-Policy.

    inline_scripts are the texts that the page holds between <script> and </script>: they run by their digests, and
    no other inline script does.
    """
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline_scripts]
    rules = {
        "default-src": "'none'",
        # blob: Streamlit imports a component's script from one. A page that can make a blob runs scripts already.
        # 'unsafe-eval': the drawing library under Plotly's WebGL points (regl) writes its functions as text. Without it
        # the map says that WebGL is not supported, and the console says nothing.
        "script-src": " ".join(["'self'", "blob:", "'unsafe-eval'", *(f"'sha256-{digest}'" for digest in digests)]),
        "style-src": "'self' 'unsafe-inline'",  # Streamlit and Plotly write their styles while they run
        "img-src": "'self' data: blob:",  # blob: a chart saved as a picture
        "font-src": "'self' data:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": framed_by,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def headers() -> dict[str, str]:
    """What is added to every answer. EXPLORER_FRAMED_BY names the sites that may embed the app."""
    framed_by = " ".join(["'self'", *settings.FRAMED_BY()])
    if not re.fullmatch(r"[\w\s.:/*'-]+", framed_by):
        raise ValueError(f"EXPLORER_FRAMED_BY must list addresses such as https://intranet.example, not {framed_by!r}")
    return {
        "Content-Security-Policy": content_policy(_inline_scripts(), framed_by),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",  # the address holds the workspace's token
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
        "X-Robots-Tag": "noindex",
    }


def _inline_scripts() -> tuple[str, ...]:
    return tuple(re.findall(r"<script>(.*?)</script>", root.page().decode(), re.DOTALL))


class SecurityHeaders:
    """ASGI middleware: adds `headers()` to every answer, and hides Streamlit's metrics from who may not see them.

    Streamlit gives its metrics (sessions, caches, memory) to anybody. Here they are not found unless
    EXPLORER_METRICS=1, which is for a server whose proxy keeps `/_stcore/metrics` from the public.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = headers()
        self.hidden = () if settings.METRICS() == "1" else ("/_stcore/metrics",)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    answer[name] = value
                # What says nothing of its own about being kept (downloads, pictures from data) is not kept.
                answer.setdefault("Cache-Control", "private, no-store")
            await send(message)

        hidden = scope["path"].rstrip("/").endswith(self.hidden) if self.hidden else False
        app = PlainTextResponse("Not found.", 404) if hidden else self.app
        await app(scope, receive, send_with_headers)
