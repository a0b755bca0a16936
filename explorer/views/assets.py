"""The browser's share of the map: its modules and Plotly, as text, with one version for all of them."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent

# In the order in which one script could hold them: each uses only what stands before it.
MODULES = (
    "map_gestures.js", "map_pick.js", "map_panels.js", "map_tip.js", "map_overlay.js", "map_traces.js",
    "map_camera.js", "map.js",
)  # fmt: skip
STYLE = "map.css"


@cache
def plotly_js() -> str:
    """plotly.js as plotly.py ships it (MIT license)."""
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


@cache
def plotly_version() -> str:
    found = re.search(r"plotly\.js v([\d.]+)", plotly_js()[:200])
    return found.group(1) if found else "0"


def source(name: str) -> str:
    """One of MODULES, or STYLE."""
    return (HERE / name).read_text(encoding="utf-8")


def version() -> str:
    """Digest of the map's own files and of Plotly's version: it stands in their addresses."""
    digest = hashlib.blake2b(plotly_version().encode(), digest_size=8)
    for name in (*MODULES, STYLE):
        digest.update(source(name).encode())
    return digest.hexdigest()


def one_script() -> str:
    """All modules as one that exports nothing, for a page that may not load a second file."""
    parts = []
    for name in MODULES:
        text = re.sub(r"^import [^;]*;\n", "", source(name), flags=re.MULTILINE)
        parts.append(re.sub(r"^export ", "", text, flags=re.MULTILINE))
    return "\n".join(parts)
