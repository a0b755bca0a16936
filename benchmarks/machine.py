"""The machine and the versions with which figures were measured."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from explorer.machine import cores

LIBRARIES = (
    "streamlit",
    "torch",
    "openvino",
    "sentence-transformers",
    "umap-learn",
    "scikit-learn",
    "numpy",
    "lancedb",
)
_ROOT = Path(__file__).resolve().parents[1]


def describe() -> str:
    """One sentence: day, processor, cores, memory, load, Python, library versions, and the project's commit."""
    memory = psutil.virtual_memory().total / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    # The load shows whether others used the machine at the same time.
    return (
        f"{datetime.date.today().isoformat()}, {_processor()}, {cores()} cores, {memory:.0f} GiB memory, load "
        f"{os.getloadavg()[0]:.1f} before the start, {platform.system()}, Python {platform.python_version()}, "
        f"{libraries}, project at {_commit()}."
    )


def _processor() -> str:
    try:
        names = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        names = []
    return names[0].strip() if names else platform.processor() or platform.machine()


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=_ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "explorer", "pages", "streamlit_app.py")
        return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "an unknown commit"
