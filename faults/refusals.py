"""What must be refused before it does harm: builds that are too large, missing or harmful models, formulas."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
from pyarrow import parquet

from explorer import budget, machine
from explorer.embedding.models import MODELS, encoder, find_model
from explorer.errors import BadInput
from explorer.table.download import safe_csv, to_parquet
from faults import Result

_ROOT = Path(__file__).resolve().parents[1]
_SOON = 5.0  # seconds
_GB = 10**9


def run(short: bool) -> list[Result]:
    """Every fault of this module; the short version starts no process of its own."""
    results = [_memory(short), _names(), _folder_with_code(), _formulas()]
    return results if short else [*results, _no_network()]


def _memory(short: bool) -> Result:
    """A build that is too large must be refused before it starts, with its need and the available memory."""
    result = Result("not enough memory: the operator's limit, control groups, limits on the process")
    for limit in ("0.2", "0.000001", "0"):
        with result.case(f"EXPLORER_MEMORY_GB={limit}"), patch.dict(os.environ, EXPLORER_MEMORY_GB=limit):
            _refused(budget.fits(1_000_000, 384))
    with result.case("EXPLORER_MEMORY_GB=much"), patch.dict(os.environ, EXPLORER_MEMORY_GB="much"):
        assert "must be a number" in (budget.fits(1000, 384) or ""), "taken for a number"
    with result.case("more items than a map holds"):
        assert "are more than one map holds" in (budget.fits(10**9, 2) or "")
    for version in (1, 2):
        with result.case(f"a control group of 1 GB, version {version}"), tempfile.TemporaryDirectory() as folder:
            root = fake_cgroup(Path(folder), version, limit=_GB, used=900 * 10**6, cache=300 * 10**6)
            assert min(machine._under_cgroups(root)) == 400 * 10**6, "room in it is not what is free and what is cache"
    if not short:
        with result.case("a process under RLIMIT_AS"):
            message = _child(
                "import resource, psutil; from explorer import budget\n"
                "held = psutil.Process().memory_info().vms\n"
                "resource.setrlimit(resource.RLIMIT_AS, (held + 10**9, held + 10**9))\n"
                "budget.require(10, 10)\n"
                "try: budget.require(1_000_000, 384)\n"
                "except ValueError as error: print(error)"
            )
            _refused(message)
    return result


def _refused(message: str | None) -> None:
    assert message, "let through"
    for part in ("need about", "is at hand", "fit"):
        assert part in message, f"does not say {part!r}: {message[:200]}"


def fake_cgroup(root: Path, version: int, limit: int, used: int, cache: int) -> Path:
    """Files as a process sees them on Linux whose parent control group has a limit."""
    top = root / "sys/fs/cgroup" if version == 2 else root / "sys/fs/cgroup/memory"
    names = ("memory.max", "memory.current") if version == 2 else ("memory.limit_in_bytes", "memory.usage_in_bytes")
    inner = top / "app" / "worker"
    inner.mkdir(parents=True)
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text("0::/app/worker\n" if version == 2 else "7:cpu:/\n4:memory:/app/worker\n")
    for folder, most in ((inner, "max" if version == 2 else str(2**63 - 4096)), (inner.parent, str(limit))):
        (folder / names[0]).write_text(most + "\n")
        (folder / names[1]).write_text(f"{used}\n")
        (folder / "memory.stat").write_text(
            f"anon 1\n{'inactive_file' if version == 2 else 'total_inactive_file'} {cache}\n"
        )
    return root


def _names() -> Result:
    """Any name that is not a Hub id must be refused before anything is opened or requested."""
    result = Result("model names that are paths, URLs or look-alikes")
    names = [
        *(
            "../x",
            "..",
            ".",
            "/etc",
            "/etc/passwd",
            "./x/y",
            "~/x",
            "x/../y",
            "owner/..",
            "owner/../x",
            "a/b/c",
            "a//b",
        ),
        *("http://x/y", "https://huggingface.co/a/b", "file:///etc", "hf://a/b", "s3://a/b", "//a/b", "git+ssh://a/b"),
        *("C:\\x", "C:/x", "\\\\host\\x", "a\\b", "", " ", "/", "a/", "/b", "a/b\n", "\na/b", "a/b ", "a/b\0", "a\0/b"),
        *("x" * 10_000, "a/" + "b" * 10_000, "models--a--b/c", "-a/b", ".a/b", "a/.b", "a/b?x=1", "a/b#c", "a/b@main"),
        *("a/b;rm", "$(id)/x", "`id`/x", "a/%2e%2e", "оwner/name", "owner/nаme", "owner／name", "owner⁄name", "１/２"),
        *("owner/n\u200bame", "owner/\u202ename", "minilm\u0131", "MINILM2", "__class__", "{0}/x", "a/b\r\nHost: x"),
    ]
    for name in names:
        with result.case(repr(name[:40])):
            assert 0 < len(_refusal(name)) < 500, "accepted, or a sentence as long as the name"
    for allowed in ("none", "a/b,c/d"):
        with result.case(f"not among {allowed}"), patch.dict(os.environ, EXPLORER_HUB_MODELS=allowed):
            assert "not allowed" in _refusal("owner/name"), "accepted"
            assert find_model("minilm") is MODELS["minilm"]
    return result


def _refusal(name: str) -> str:
    """The sentence with which a name is refused; empty where it is accepted."""
    try:
        find_model(name)
    except BadInput as error:
        return str(error)
    return ""


def _folder_with_code() -> Result:
    """A folder with code instead of a model. If any of the code ran, a canary file would appear."""
    result = Result("a model folder with code or pickles in it")
    with tempfile.TemporaryDirectory() as folder:
        canary = Path(folder, "canary")
        model = Path(folder, "owner", "model")
        model.mkdir(parents=True)
        (model / "code.py").write_text(f"open({str(canary)!r}, 'w').close()\nclass Module: pass\n")
        (model / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "code.Module"}]')
        (model / "config.json").write_text('{"model_type": "bert", "auto_map": {"AutoModel": "code.Module"}}')
        (model / "pytorch_model.bin").write_text(
            f"cbuiltins\nopen\n(V{canary}\nVw\ntR."
        )  # creates the canary when it is unpickled
        before = Path.cwd()
        os.chdir(folder)
        try:
            for name in ("owner/model", "./owner/model", str(model)):
                with result.case(name.replace(folder, "…")):
                    try:
                        encoder(name)
                    except BadInput:
                        pass
                    else:
                        raise AssertionError("loaded")
                    assert not canary.exists(), "its code was run"
        finally:
            os.chdir(before)
    return result


def _formulas() -> Result:
    """A cell or header that a spreadsheet would run must get an apostrophe in CSV; Parquet must be exact."""
    result = Result("spreadsheet formulas in exports")
    starts = [
        "=",
        "+",
        "-",
        "@",
        "\t=",
        "\r=",
        "\n=",
        " =",
        "\u00a0=",
        "\ufeff=",
        "\u200b=",
        "＝",
        "＋",
        "－",
        "＠",
        "\t",
        "\r",
    ]
    for start in starts:
        for rest in ("1+1", 'cmd|"/c calc"!A1', "SUM(A1)", 'HYPERLINK("http://x")'):
            cell = start + rest
            with result.case(repr(cell)):
                table = pa.table({cell: [cell, "plain", "-1.5", None]})
                text = safe_csv(table).decode("utf-8-sig")
                header, first, plain, number, _ = csv.reader(io.StringIO(text, newline=""))
                assert header == first == ["'" + cell], f"{first[0]!r} would run"
                assert (plain, number) == (["plain"], ["-1.5"]), "changed what is no formula"
                assert parquet.read_table(io.BytesIO(to_parquet(table))).equals(table), "Parquet is not exact"
    return result


def _no_network() -> Result:
    """With an empty cache and no network, a message must come within five seconds: which model, and what to do."""
    result = Result("no network, model missing")
    settings = {
        "offline": {"HF_HUB_OFFLINE": "1"},
        "nobody listens": {"HF_ENDPOINT": "http://127.0.0.1:9"},
        "a proxy that refuses": {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
        "no such host": {"HF_ENDPOINT": "https://nowhere.invalid"},
    }
    for name, variables in settings.items():
        with result.case(name), tempfile.TemporaryDirectory() as cache:
            printed = _child(
                "import time\nfrom explorer.embedding.models import encoder\nimport huggingface_hub.utils\n"
                "began = time.monotonic()\n"
                "try: encoder('owner/unheard-of')\n"
                "except ValueError as error: print(time.monotonic() - began, error)",
                {"HF_HUB_OFFLINE": "0", "HF_HOME": cache, **variables},
            )
            seconds, _, sentence = printed.partition(" ")
            assert "owner/unheard-of is not on this machine" in sentence, sentence[:200]
            assert "packaged MiniLM" in sentence, "does not say what to do"
            assert float(seconds) < _SOON, f"took {seconds} s"
    return result


def _child(code: str, variables: dict[str, str] | None = None) -> str:
    """Run code in a new process. Returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, env={**os.environ, **(variables or {})},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert not done.returncode, done.stderr.strip().splitlines()[-1:]
    return done.stdout.strip()
