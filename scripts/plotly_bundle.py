"""`python -m scripts.plotly_bundle`: plotly.js with only the traces that the map draws. Needs Node.js and npm.

A browser must read the whole script before it can draw the map, and the map uses less than half of plotly.js. It is
built from the npm package in the same way as plotly.js: with its esbuild plugins, aliases and target.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from explorer.views.assets import PLOTLY

TRACES = ("scatter", "scattergl", "scatter3d")
TOOLS = {
    "esbuild": "0.25.12",
    "esbuild-plugin-environment": "0.4.0",
    "esbuild-plugin-glsl": "1.4.0",
    "esbuild-plugin-inline-css": "0.0.1",
    "stream-browserify": "3.0.0",
    "buffer": "6.0.3",
}
_ENTRY = "var Plotly = require('plotly.js/lib/core');\nPlotly.register([{traces}]);\nmodule.exports = Plotly;\n"
_BUILD = """
const { environmentPlugin } = require("esbuild-plugin-environment");
const { glsl } = require("esbuild-plugin-glsl");
const inlineCss = require("esbuild-plugin-inline-css");
require("esbuild").build({
  entryPoints: ["entry.js"], outfile: "bundle.js", bundle: true, minify: true, format: "iife", globalName: "Plotly",
  target: "es2016", logLevel: "error",
  plugins: [inlineCss(), glsl({ minify: true }), environmentPlugin({ NODE_DEBUG: false })],
  alias: { regl: "@plotly/regl", stream: "stream-browserify", buffer: "buffer/" },
  define: { global: "window", "define.amd": "false" },
}).catch(() => process.exit(1));
"""
_HEADER = """/**
* plotly.js v{version}, {traces} only: see scripts/plotly_bundle.py
* Copyright 2012-2026, Plotly, Inc.
* All rights reserved.
* Licensed under the MIT license
*/
"""


def main() -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        sys.exit("Node.js and npm are needed to build plotly.js: install them, then run this again.")
    version = shipped_version()
    with tempfile.TemporaryDirectory(prefix="plotly-") as name:
        folder = Path(name)
        package = {"private": True, "dependencies": {"plotly.js": version, **TOOLS}}
        (folder / "package.json").write_text(json.dumps(package), encoding="utf-8")
        traces = ", ".join(f"require('plotly.js/lib/{trace}')" for trace in TRACES)
        (folder / "entry.js").write_text(_ENTRY.format(traces=traces), encoding="utf-8")
        (folder / "build.cjs").write_text(_BUILD, encoding="utf-8")
        subprocess.run([npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, check=True)
        subprocess.run([node, "build.cjs"], cwd=folder, check=True)
        script = (folder / "bundle.js").read_text(encoding="utf-8")
    PLOTLY.write_text(
        _HEADER.format(version=version, traces=", ".join(TRACES)) + script, encoding="utf-8", newline="\n"
    )
    print(f"{PLOTLY}: {PLOTLY.stat().st_size / 1e6:.1f} MB")


def shipped_version() -> str:
    """The version of plotly.js in plotly.py, which draws the charts beside the map: both should be the same."""
    whole = (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    found = re.search(r"plotly\.js v([\d.]+)", whole[:200])
    if not found:
        sys.exit("The package plotly does not say which plotly.js it holds.")
    return found.group(1)


if __name__ == "__main__":
    main()
