"""The benchmark's own code, on a size that takes seconds; no time is ever asserted."""

from __future__ import annotations

import numpy as np

from benchmarks import stages
from benchmarks.data import mixture
from benchmarks.report import Section, Table, keep_sections


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
