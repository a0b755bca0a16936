"""From a command to the Streamlit server, with as few imports as possible."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

DEFAULT_PORT = 8501


def become_server(port: int, page: str = "") -> NoReturn:
    """Print the app's address and run its server in place of this process.

    page : the part of the address after the slash
    """
    print(f"Embedding Explorer: http://localhost:{port}/{page}", flush=True)
    script = Path(__file__).resolve().parents[2] / "streamlit_app.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.port", str(port), "--server.address", "localhost", "--server.headless", "true"]
    # A page of another site whose name points here must not be able to talk to the server (DNS rebinding).
    command += [word for host in ("localhost", "127.0.0.1", "::1") for word in ("--server.allowedHosts", host)]
    os.chdir(script.parent)
    # In place of this process: that saves a process's memory, and signals reach the server itself.
    os.execve(sys.executable, command, {**os.environ, "EXPLORER_WORKSPACES": "shared"})


def asked_port(arguments: Sequence[str]) -> int | None:
    """The port where the arguments only start the app; None where the command line must read them."""
    match list(arguments):
        case ["app"]:
            return DEFAULT_PORT
        case ["app", "--port", port] if port.isdecimal():
            return int(port)
    return None
