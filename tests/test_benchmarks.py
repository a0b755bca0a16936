"""The benchmark's own code, on a size that takes seconds; no time is ever asserted."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from benchmarks import __main__ as command
from benchmarks import app, clicks, engines, fidelity, large, memory, names, one_group, outliers, passages, peer, stages
from benchmarks.data import mixture
from benchmarks.processes import Memory
from benchmarks.report import Section, Table, keep_sections
from benchmarks.server import KINDS, Server
from explorer.embedding import models
from explorer.geometry import neighbors
from tests.examples import sentence_space

TINY = set()  # parts that have a run below


def tiny(part: str):
    """Marks the run of a part."""
    TINY.add(part)
    return lambda test: test


@tiny("stages")
def test_stages_of_sixty_rows_with_ready_made_vectors():
    section = stages.run((60,), model_up_to=0)
    builds, visits = section.tables
    (row,) = builds.rows
    cells = dict(zip(builds.columns, row, strict=True))
    assert cells["rows"] == "60"
    assert cells["vectors"] == "ready-made"
    assert cells["embed s"] == "–"
    for column in ("project s", "total s", "whole process s", "peak MB"):
        assert float(cells[column].replace(",", "")) > 0, column
    (row,) = visits.rows
    cells = dict(zip(visits.columns, row, strict=True))
    assert cells["rows"] == "60"
    assert cells[""] in ("met", "not met")
    for column in ("start and imports s", "both s", "peak MB"):
        assert float(cells[column].replace(",", "")) > 0, column
    assert "ready-made" in section.text().lower()


def test_mixture_has_groups_and_no_near_copies():
    vectors = mixture(400)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    similarity = vectors @ vectors.T - 2 * np.eye(400)
    nearest = similarity.max(axis=1)
    assert 0.5 < np.median(nearest) < 0.95
    assert nearest.max() < 0.99


def test_a_section_replaces_its_older_self_and_leaves_the_others(tmp_path):
    def section(title: str, figure: str) -> Section:
        return Section(title, "About.", (Table("Figures", ("what", "s"), (("a", figure),)),)).measured("cmd", "machine")

    file = tmp_path / "docs" / "performance.md"
    keep_sections(file, [section("Stages", "1.0"), section("App", "2.0")])
    keep_sections(file, [section("Stages", "3.0")])
    text = file.read_text(encoding="utf-8")
    assert text.count("## Stages") == text.count("## App") == 1
    assert "| a | 3.0 |" in text
    assert "| a | 2.0 |" in text
    assert "1.0" not in text
    assert "Measured with `cmd`: machine" in text


def test_every_part_has_a_tiny_run_here():
    assert set(command.PARTS) == TINY


@tiny("clicks")
def test_clicks_on_a_hundred_rows(monkeypatch):
    monkeypatch.setenv("EXPLORER_WORKSPACES", "shared")  # which the child sets for itself
    monkeypatch.setattr(clicks, "child", lambda module, size, home: clicks._measure(int(size)))
    (table,) = clicks.run((100,)).tables
    assert [row[0] for row in table.rows] == [
        "100, first visit", "100, nothing changed", "100, a point clicked, slowest of five"
    ]  # fmt: skip


@tiny("fidelity")
def test_fidelity_of_sixty_rows(monkeypatch):
    """In this process, and with another layout for umap-learn's, which takes half a minute to compile."""
    layouts = {"ours": fidelity._ours, "umap": lambda unit: unit[:, :2]}

    def child(module, what, *rest, home):
        return fidelity._embed(*rest) if what == "embed" else fidelity._timed(layouts[what], rest[0])

    monkeypatch.setattr(fidelity, "child", child)
    (table,) = fidelity.run(60).tables
    ours, theirs = (float(row[1]) for row in table.rows)
    assert 0.5 < theirs <= 1
    assert 0.5 < ours <= 1


@tiny("large")
def test_large_of_a_few_hundred(monkeypatch):
    exact = neighbors.nearest_neighbors
    monkeypatch.setattr(neighbors, "nearest_neighbors", lambda unit, exact_up_to=0: exact(unit))  # nothing to compile
    monkeypatch.setattr(large, "child", lambda module, size, home: large._measure(int(size)))
    runs, verdicts = large.run((200, 400)).tables
    assert [row[0] for row in runs.rows] == ["200", "400"]
    assert [row[0] for row in verdicts.rows] == ["peak memory, GB", "recall", "exponent of the cost"]
    assert verdicts.rows[1][1] == "1.000"


@tiny("groups")
def test_one_group_or_several_in_few_items():
    section = one_group.run(counts=(40,), seeds=1)
    cells = {table.caption: dict(table.rows) for table in section.tables}
    assert cells["384 dimensions"]["one round cloud"] == "0 of 1"
    assert cells["384 dimensions"]["two clouds, far apart"].startswith("1 of 1")


@tiny("names")
def test_names_of_the_sentences(monkeypatch):
    space = sentence_space()

    def grouped(title, encode):
        return names.Grouped(title, space.texts(), space.unit, space.clusters.labels, encode)

    monkeypatch.setattr(names, "_sample", grouped)
    monkeypatch.setattr(names, "_news", lambda encode: grouped("news", encode))
    recovered, times = names.run().tables
    by_name = {row[0]: row for row in recovered.rows}
    assert len(by_name) == 3 * (len(names.METHODS) + 1)
    assert 0.5 < float(by_name["news, phrases"][2]) <= float(by_name["news, centers"][2]) <= 1
    assert by_name["news, phrases"][4] in ("met", "not met")
    assert times.rows[0][-1] in ("met", "not met")


@tiny("outliers")
def test_outliers_in_the_tickets_and_a_few_glosses(monkeypatch):
    monkeypatch.setattr(outliers, "GLOSSES", 60)
    monkeypatch.setattr(outliers, "_digits", lambda: [])
    monkeypatch.setattr(outliers.outlier_line, "SIZES", (60,))
    monkeypatch.setattr(outliers.outlier_line, "SEEDS", range(1))
    tables = outliers.run().tables
    assert len(tables) == 5  # three sets, and made ones without and with outliers
    assert all(len(table.rows) == len(outliers.OUTLIER_METHODS) + 1 for table in tables)


@tiny("engines")
def test_engines_on_sixty_texts(monkeypatch):
    """With the engine in torch's place: nothing is converted or quantized."""
    monkeypatch.setenv("EXPLORER_ENGINE", "openvino")  # which the benchmark sets for itself
    engine = models.encoder("minilm")

    def encode(texts, **_):
        return engine.documents(texts)

    torch = SimpleNamespace(get_embedding_dimension=lambda: 384, encode_document=encode)
    monkeypatch.setattr(models, "minilm_on_torch", lambda: torch)
    monkeypatch.setattr("explorer.embedding.engines.with_engine", lambda *_: engine)
    speed, accuracy = engines.run(60, 1).tables
    assert [row[0] for row in speed.rows][-1] == "fast"
    assert float(speed.rows[0][5]) == 1.0  # agreement of torch with itself
    assert len(accuracy.rows) == 2 * len(speed.rows)


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells the peak")
def test_memory_of_sixty_items(monkeypatch):
    monkeypatch.setattr(memory, "child", lambda module, *size, home: memory.measure(*map(int, size)))
    table = memory.table([("60", "8")])
    assert {"size", "worst", "outliers", "fidelity", "estimate"} <= set(table.columns)


@tiny("app")
def test_the_app_is_opened_and_weighed(browser, app_url):
    """On the server that the tests share; the benchmark starts its own."""
    server = Server(app_url, os.getpid(), 1.0)
    page = browser.new_page()
    times = [app._open(page, server, path) for path in app._READY]
    page.close()
    table = app._opening([1.0, 2.0], [(time, time) for time in times], [0.3, 0.2])
    assert [row[0] for row in table.rows][1:3] == [f"`{path}` open" for path in app._READY]
    assert server.memory()["launcher"].rss > 0


def test_weights_are_added_up():
    held = {kind: Memory(10**6, 2 * 10**6) for kind in KINDS}
    table = app._weights(held, held, held)
    assert [row[4] for row in table.rows] == ["3", "2", "3", "3"]


# -- beside Embedding Atlas ----------------------------------------------------------------------------


def test_pip_is_handed_requirements_and_no_comments():
    torch, atlas = peer.requirements()
    assert torch.startswith("torch==")
    assert not set(" #") & set(torch + atlas)


def test_the_peer_is_installed_once_in_an_environment_of_its_own(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(peer, "HOME", tmp_path / "peer")
    monkeypatch.setattr(peer.subprocess, "run", lambda words, **_: ran.append([str(word) for word in words]))
    peer.install()
    python = str(tmp_path / "peer" / "bin" / "python")
    assert ran[0] == [sys.executable, "-m", "venv", str(tmp_path / "peer")]
    assert ran[1] == [python, "-m", "scripts.torch_without_cuda"]
    assert ran[2][:4] == [python, "-m", "pip", "install"]
    assert ran[2][-2:] == peer.requirements()
    (tmp_path / "peer" / "bin").mkdir(parents=True)
    (tmp_path / "peer" / "bin" / "embedding-atlas").touch()
    peer.install()
    assert len(ran) == 3


@tiny("peer")
def test_both_maps_are_read_and_compared(tmp_path):
    """Ten points in a row: each tool's files, with the neighbors on either side."""
    x = np.arange(10, dtype=np.float32)
    near = [[max(row - 1, 0), min(row + 1, 9)] for row in range(10)]
    ours = pa.table({"_x": x, "_y": 0 * x, "_neighbors": near})
    ids = [{"ids": [row, *each]} for row, each in enumerate(near)]  # the peer counts a row among its own
    theirs = pa.table({"projection_x": x, "projection_y": 0 * x, "__neighbors": ids})
    (tmp_path / "data").mkdir()
    parquet.write_table(ours, tmp_path / "map.parquet")
    parquet.write_table(theirs, tmp_path / "data" / "dataset.parquet")
    maps = {"accurate": peer._our_map(tmp_path), "peer": peer._peers_map(tmp_path)}
    np.testing.assert_array_equal(maps["accurate"][0], maps["peer"][0])
    assert maps["peer"][1][4].tolist() == [3, 5]
    made = {
        (name, caches): peer.Run(2.0 if name == "accurate" else 8.0, 10**8, *found)
        for name, found in maps.items()
        for caches in ("cold", "warm")
    }
    angle = x / 10
    lines = peer._lines("2,000 texts", 2_000, made, np.stack([np.cos(angle), np.sin(angle)], axis=1))
    assert lines[0][:6] == ("2,000 texts, accurate", "cold", "2.00", "4.0", "≥ 3", "met")
    assert lines[-1][0] == "2,000 texts, Embedding Atlas"


@tiny("passages")
def test_a_fact_deep_in_a_long_text_is_found_by_its_passage():
    section = passages.run(passages.planted(count=4, sentences=160, facts=4))
    whole, best = section.tables[0].rows
    assert (whole[1], whole[2], best[2]) == ("4", "4", "0")
    assert int(best[1]) > 8
    assert float(whole[3]) < float(best[3]), "most facts stand behind the limit"
