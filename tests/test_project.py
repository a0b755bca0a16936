"""The project's own files agree with each other: what is pinned, what is imported, what CI runs."""

import ast
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from explorer.views.assets import plotly_js
from scripts import browser, torch_without_cuda
from scripts.constraints import canonical, requirements
from scripts.plotly_bundle import shipped_version

ROOT = Path(__file__).resolve().parents[1]
FILES = ("requirements.txt", "requirements-dev.txt")
DIRECT = {file: [line.partition("==")[0] for line in requirements(ROOT / file)] for file in FILES}

# Direct though no line of ours imports them: by what they are here.
USED_OTHERWISE = {
    "torch": "chosen here, so that `make install` can choose its build",
    "pytest-timeout": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
    "mypy": "a command",
    "ruff": "a command",
    "import-linter": "a command",
    "psutil": "benchmarks",
}


def test_the_maps_plotly_is_the_version_of_the_other_charts():
    assert plotly_js().startswith(f"/**\n* plotly.js v{shipped_version()},")


def test_the_image_gets_the_scripts_that_it_runs():
    """What `.dockerignore` does not name stays out of the image."""
    run = set(re.findall(r"-m (scripts\.\w+)", (ROOT / "Dockerfile").read_text()))
    kept = set(re.findall(r"^!(scripts/\w+)\.py$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert run == {name.replace("/", ".") for name in kept}


def pins() -> dict[str, str]:
    return dict(line.split("==") for line in requirements(ROOT / "constraints.txt"))


def imported(*folders: str) -> set[str]:
    """The packages that Python files import, each in its canonical spelling; ours and Python's own left out."""
    modules: set[str] = set()
    for path in (path for folder in folders for path in ROOT.glob(folder)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                modules.add(node.module.partition(".")[0])
    known = packages_distributions()
    return {canonical(known[module][0]) for module in modules - set(sys.stdlib_module_names) if module in known}


@pytest.mark.parametrize("file", FILES)
def test_each_requirement_is_pinned_and_says_what_for(file):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    assert "-c constraints.txt" in lines
    loose = [
        line
        for line in lines
        if line.strip() and not line.startswith(("#", "-c ")) and not re.fullmatch(r"[a-z0-9-]+==[\w.]+ +# \S.*", line)
    ]
    assert loose == []


def test_constraints_pin_every_package_for_every_machine():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()[1:]
    # No +cpu and the like, no package of CUDA's: these exist on some machines only.
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+", line)] == []
    assert [line for line in lines if re.match(r"nvidia|cuda|triton", line)] == []


@pytest.mark.parametrize("file", FILES)
def test_constraints_hold_what_is_required(file):
    required = dict(line.split("==") for line in requirements(ROOT / file))
    assert {name: pins().get(name) for name in required} == required


def test_what_is_imported_is_required():
    app = imported("explorer/**/*.py", "pages/*.py", "*.py")
    assert app - set(DIRECT["requirements.txt"]) == set()
    everything = app | imported("tests/*.py", "benchmarks/**/*.py", "scripts/*.py")
    required = {name for file in FILES for name in DIRECT[file]}
    assert everything - required == set()
    assert required - everything - set(USED_OTHERWISE) == set()


def test_what_is_installed_is_what_is_pinned():
    names = [name for file in FILES for name in DIRECT[file]]
    assert {name: version(name).partition("+")[0] for name in names} == {name: pins()[name] for name in names}


def test_notice_names_every_direct_part():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    named = set(re.findall(r"^([a-z0-9-]+)  ", notice, re.MULTILINE))
    assert named == {name for file in FILES for name in DIRECT[file]}


def test_notice_names_every_dataset():
    patterns = re.findall(r"^(datasets/\S+)", (ROOT / "NOTICE").read_text(encoding="utf-8"), re.MULTILINE)
    data = [path.relative_to(ROOT) for path in (ROOT / "datasets").glob("*") if path.suffix not in (".md", "")]
    assert [str(path) for path in data if not any(path.match(pattern) for pattern in patterns)] == []


def test_ci_runs_what_the_readme_says():
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["exec make test"]
    assert re.search(r"^(\$ )?make test\b", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_make_run_hands_the_file_over_whole():
    spaced = 'my files/it\'s a "test".csv'
    dry = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "run", f"DATA={spaced}", "PORT=8600"],
        cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ, "DATA": spaced},
    )  # fmt: skip
    line = dry.stdout.splitlines()[-1].replace("exec .venv/bin/python", "printf '%s\\n'")
    printed = subprocess.run(["sh", "-c", line], capture_output=True, text=True, env={"DATA": spaced}).stdout
    assert printed.splitlines() == ["-m", "explorer", "app", spaced, "--port", "8600"]


def test_cuda_is_left_out_only_where_there_is_no_use_for_it(monkeypatch):
    monkeypatch.setattr(torch_without_cuda, "version", lambda name: "2.13.0+cpu")
    monkeypatch.setattr(torch_without_cuda.platform, "system", lambda: "Linux")
    monkeypatch.setattr(torch_without_cuda.shutil, "which", lambda name: None)
    assert torch_without_cuda.helps("torch==2.14.0")
    assert not torch_without_cuda.helps("torch==2.13.0"), "it is there"
    monkeypatch.setattr(torch_without_cuda.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    assert not torch_without_cuda.helps("torch==2.14.0"), "there is a card"
    monkeypatch.setattr(torch_without_cuda.shutil, "which", lambda name: None)
    monkeypatch.setattr(torch_without_cuda.platform, "system", lambda: "Darwin")
    assert not torch_without_cuda.helps("torch==2.14.0"), "no CUDA there"


def test_an_index_that_does_not_answer_is_no_error():
    assert not torch_without_cuda.answers("http://127.0.0.1:9")


def test_a_stub_is_no_browser(tmp_path, monkeypatch):
    stub, real = tmp_path / "chromium", tmp_path / "google-chrome"
    stub.write_text("#!/bin/sh\necho install the snap\nexit 1\n")
    real.write_text("#!/bin/sh\necho Chrome 1\n")
    for path in (stub, real):
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert browser.find_browser() == str(real)
