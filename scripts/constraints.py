"""`make constraints`: pin all dependencies of requirements.txt and requirements-dev.txt.

pip resolves them as if nothing were installed or constrained. What it would install is written to constraints.txt,
without what exists only on some machines: local labels such as +cpu, and CUDA's packages.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
CONSTRAINTS = Path("constraints.txt")
HEADER = "# Everything that requirements*.txt bring along. Written by `make constraints`: not edited by hand.\n"
_SOME_MACHINES_ONLY = re.compile(r"nvidia-|cuda-|triton")


def main() -> None:
    pins = resolve([line for file in REQUIREMENTS for line in requirements(Path(file))])
    CONSTRAINTS.write_text(HEADER + "".join(f"{name}=={version}\n" for name, version in sorted(pins.items())))
    print(f"{CONSTRAINTS}: {len(pins)} packages")


def requirements(file: Path) -> list[str]:
    """The requirements of a file, without comments and options."""
    lines = (line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def resolve(wanted: list[str]) -> dict[str, str]:
    """Name and public version of all that pip would install."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "--dry-run", "--ignore-installed", "--report", report, *wanted], check=True)
        packages = [item["metadata"] for item in json.loads(report.read_text(encoding="utf-8"))["install"]]
    pins = {canonical(package["name"]): package["version"].partition("+")[0] for package in packages}
    return {name: version for name, version in pins.items() if not _SOME_MACHINES_ONLY.match(name)}


def canonical(name: str) -> str:
    """A package's name in the one spelling that compares equal (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
