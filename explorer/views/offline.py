"""What the pages that work from a disk have in common: everything is inside, and nothing is asked of any network."""

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

    title, counts : plain text for its head; body, controls : HTML. style : CSS after the one all pages share.
    policy : what the page may do beyond nothing, as a content security policy without its last two rules.
    """
    page = _PAGE.format(
        policy=policy, title=escape(title), counts=escape(counts), style=assets.source("page.css") + style,
        controls=controls, body=body,
    )  # fmt: skip
    # A surrogate without its other half cannot be written as UTF-8. Line ends stay as they are on every platform.
    return page.encode("utf-8", "replace")
