"""The scripts of the map in the browser: our modules and Plotly, as text, with one version for all of them."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent / "map"
PLOTLY = HERE / "plotly_map.min.js"

# In an order in which one script may hold them: each uses only those before it.
MODULES = (
    "gestures.js", "keys.js", "pick.js", "panels.js", "legend.js", "tip.js", "labels.js", "overlay.js", "traces.js",
    "camera.js", "map.js",
)  # fmt: skip
CLIENT = "client.js"  # between Streamlit and the map
STYLE = "map.css"


@cache
def plotly_js() -> str:
    """The part of plotly.js that the map uses (MIT license), made by `scripts/plotly_bundle.py`."""
    return PLOTLY.read_text(encoding="utf-8")


def source(name: str) -> str:
    """One of MODULES, CLIENT or STYLE."""
    return (HERE / name).read_text(encoding="utf-8")


def version() -> str:
    """Digest of all scripts and the style. It is a part of their addresses."""
    digest = hashlib.blake2b(plotly_js().encode(), digest_size=8)
    for name in (*MODULES, CLIENT, STYLE):
        digest.update(source(name).encode())
    return digest.hexdigest()


def one_script() -> str:
    """All modules as one script without exports, for a page that may not load a second file."""
    parts = []
    for name in MODULES:
        text = re.sub(r"^import [^;]*;\n", "", source(name), flags=re.MULTILINE)
        parts.append(re.sub(r"^export ", "", text, flags=re.MULTILINE))
    return "\n".join(parts)
