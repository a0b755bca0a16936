"""The browser for the tests. `python -m scripts.browser` installs one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_COMMANDS = ("chromium", "google-chrome", "google-chrome-stable", "chrome", "chromium-browser")
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_browser() -> str | None:
    """The path of an installed Chromium or Chrome, else of Playwright's own, else None."""
    installed = [path for path in (*map(shutil.which, _COMMANDS), *_MAC) if path and Path(path).exists()]
    return next(filter(_starts, installed), None) or _playwrights_own()


def install_browser() -> None:
    """Debian's Chromium as root on Debian, else Playwright's own."""
    if os.geteuid() == 0 and _is_debian():
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], env=environment)
        # libatomic1: Playwright's driver needs it, and a bare Debian lacks it.
        install = ["apt-get", "-qq", "install", "-y", "chromium", "libatomic1"]
        if subprocess.run(install, env=environment).returncode == 0:
            return
    # As root, also install the system libraries that a bare Linux lacks; otherwise that would ask for a password.
    libraries = ["--with-deps"] if sys.platform == "linux" and os.geteuid() == 0 else []
    subprocess.run([sys.executable, "-m", "playwright", "install", *libraries, "chromium"])


def _starts(path: str) -> bool:
    """Whether it starts. Without snap, Ubuntu's chromium-browser only prints what to install."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    try:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Exception:  # its driver does not start here
        return None
    return path if Path(path).exists() else None


def _is_debian() -> bool:
    release = Path("/etc/os-release")
    return release.exists() and "ID=debian" in release.read_text(encoding="utf-8").split()


def main() -> int:
    if find_browser() is None:
        print("No Chromium or Chrome is here for the browser tests: installing one.", flush=True)
        install_browser()
        if find_browser() is None:
            print("error: no browser could be installed. Install Chromium or Chrome, then try again.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
