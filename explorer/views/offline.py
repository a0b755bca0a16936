"""The frame of pages that work offline: everything is in the file, and nothing is loaded from a network."""

from __future__ import annotations

from html import escape

from explorer.views import assets

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1><span class="counts">{counts}</span>
{controls}
</header>
{body}
</body>
</html>
"""


def offline_page(title: str, counts: str, body: str, *, policy: str, style: str, controls: str = "") -> bytes:
    """A whole page as UTF-8.

    title, counts : plain text for its head
    body, controls : HTML
    policy : a content security policy; two rules that all pages share are added
    style : CSS after the CSS that all pages share
    """
    page = _PAGE.format(
        policy=policy, title=escape(title), counts=escape(counts), style=assets.source("page.css") + style,
        controls=controls, body=body,
    )  # fmt: skip
    # A lone surrogate cannot be written as UTF-8. As bytes, line ends stay the same on every platform.
    return page.encode("utf-8", "replace")
