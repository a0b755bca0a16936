"""Degenerate tables: built, then used in every way in which the pages use a table."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.analysis import agreement, filters, findings, naming, portraits, search, themes
from explorer.building import build
from explorer.embedding.models import MODELS
from explorer.errors import BadInput
from explorer.recipe import READY_MADE, Clustering, Projection, Recipe
from explorer.space import Space
from explorer.store.digest import table_digest
from explorer.store.store import Store
from explorer.table.download import safe_csv
from explorer.table.table import vector_array
from faults import Result

MODEL = "letters"
COUNTS = (0, 1, 2, 3, 4, 5, 11, 12, 16, 31)

TEXTS: dict[str, Callable[[int], str | None]] = {
    "distinct sentences": lambda row: f"The cat number {row} sat on mat {row * row}.",
    "all the same": lambda row: "ok",
    "two distinct": lambda row: ("yes", "no")[row % 2],
    "half empty": lambda row: None if row % 2 else f"{row} fell",
    "all empty": lambda row: (None, "", " \n\t ")[row % 3],
    "stop words": lambda row: "the of and " * (row + 1),
    "symbols": lambda row: "!?#" + chr(0x2190 + row),
    "joined emoji": lambda row: "👩‍👩‍👧‍👦" * (row + 1),
    "right to left": lambda row: "שלום עולם " + str(row),
    "no spaces": lambda row: "東京都は日本の首都" + chr(0x4E00 + row),
    "one long one": lambda row: "word " * 20_000 if row == 0 else f"word {row}",
    "NUL and controls": lambda row: f"a\x00b\x01{row}\x7f",
}
NUMBERS: dict[str, Callable[[int], str | None]] = {
    "no numbers": lambda row: None,
    "one number": lambda row: "5",
    "numbers that run over": lambda row: ("1e308", "-1e308", "nan", "inf", "1e400")[row % 5],
}
QUERIES = ("cat", "the", "!?", "👩‍👩‍👧‍👦", "x" * 5000, '"', "a AND (", "東京", "\x00")


def run(short: bool) -> list[Result]:
    """Tables of texts and of ready-made vectors."""
    from faults.encoder import register

    register(MODELS)
    texts = Result("degenerate tables: built, searched, named, reported, filtered")
    counts = (1, 12) if short else COUNTS
    kinds = ("distinct sentences", "all empty", "half empty") if short else tuple(TEXTS)
    for kind, count in product(kinds, counts):
        number = list(NUMBERS)[count % len(NUMBERS)]
        with texts.case(f"{kind}, {count} rows"):
            texts.lost += _texts(TEXTS[kind], NUMBERS[number], count)
    vectors = Result("tables of degenerate vectors: built, searched for similar rows")
    for name, column in _vectors(short):
        with vectors.case(name):
            vectors.lost += _ready_made(column)
    return [texts, vectors]


def _texts(text: Callable[[int], str | None], number: Callable[[int], str | None], count: int) -> int:
    table = pa.table(
        {
            "text": pa.array([text(row) for row in range(count)], pa.string()),
            "number": pa.array([number(row) for row in range(count)], pa.string()),
            "day": pa.array([f"20{row % 99:02}-02-28" if row % 3 else None for row in range(count)], pa.string()),
            "label": pa.array([None if row % 4 == 0 else f"l{row % 3}" for row in range(count)], pa.string()),
        }
    )
    with tempfile.TemporaryDirectory() as home:
        space = _built(table, "text", MODEL, home)
        if space is None:
            return 0 if not any((text(row) or "").strip() for row in range(count)) else count
        lost = abs(count - len(space.links) - len(space.items.skipped))
        for query in QUERIES:
            for mode in search.MODES:
                _sound(search.search(space, query, 5, mode), len(space.items))
        _asked(space)
        return lost


def _ready_made(column: pa.Array) -> int:
    table = pa.table({"vector": column, "name": pa.array([f"n{row}" for row in range(len(column))])})
    with tempfile.TemporaryDirectory() as home:
        space = _built(table, "vector", READY_MADE, home)
        if space is None:
            return 0
        with contextlib.suppress(BadInput):  # words where there are some, else one sentence
            search.search(space, "n1", 5, "keyword")
        _asked(space)
        return abs(len(column) - len(space.links) - len(space.items.skipped))


def _built(table: pa.Table, column: str, model: str, home: str) -> Space | None:
    """The space under two sets of choices; None where it was refused with a sentence."""
    store = Store(home, shipped=None)
    store.put("table", table_digest(table), table)
    space = None
    for layout, clustering in (("umap", "hdbscan"), ("pca", "leiden")):
        recipe = Recipe(
            table_digest(table),
            (column,),
            model=model,
            projection=Projection(layout, 3 if layout == "pca" else 2),
            clustering=Clustering(clustering),
        )
        try:
            space = build(recipe, store=store)
        except BadInput as error:
            if not str(error).startswith("Nothing to embed"):
                raise
            return None
        count = len(space.items)
        assert np.isfinite(space.layout).all(), "the layout is not finite"
        assert np.isfinite(space.unit).all(), "vectors are not finite"
        assert space.clusters.labels.shape == (count,), "not one cluster for each item"
        assert len(space.clusters.names) == space.clusters.labels.max(initial=-1) + 1, "not one name for each cluster"
        assert all(space.clusters.names), "a cluster without a name"
    assert not store.warnings, store.warnings
    return space


def _asked(space: Space) -> None:
    """Everything else that pages compute from a space."""
    count, rows = len(space.items), space.table.num_rows
    clusters = space.clusters
    found = findings.findings(space)
    assert found.rows == rows, "rows miscounted"
    assert found.items == count, "items miscounted"
    _sound(search.like_these(space, [0], k=5), count)
    _sound(search.like_these(space, [0], [count - 1], k=count + 5), count)
    for number in range(len(clusters)):
        assert portraits.typical(space, clusters, number).size == clusters.sizes[number]
        assert all(quote.text for quote in portraits.quotes(space, clusters, number)), "an empty quote"
        portraits.edge(space, clusters, number, portraits.foreign(space, clusters))
    assert len(naming.name_by_typical(space.texts(), clusters.labels, space.unit)) == len(clusters)
    names = space.table.column_names
    by = "number" if "number" in names else None
    # A column without any date is refused, as it should be.
    dated = "day" in names and space.table.column("day").null_count < rows
    period = "day" if dated else None
    for lit in (None, np.zeros(rows, bool), np.ones(rows, bool)):
        report = themes.themes(space, clusters, by, period, rows=lit)
        assert sum(theme.rows for theme in report.themes) == report.grouped, "rows of themes do not add up"
        assert all(0 <= theme.share <= 1 for theme in report.themes), "a share out of range"
    row_clusters = portraits.clusters_of_rows(space, clusters)
    for name in set(names) - {"vector", "text"}:
        agreed = agreement.agreement(row_clusters, space.table.column(name).to_pylist(), len(clusters))
        assert agreed.rows + agreed.left_out == rows, "rows compared and left out do not add up"
        assert np.isnan(agreed.ami) or -1 <= agreed.ami <= 1 + 1e-9, f"agreement {agreed.ami}"
        for condition in _conditions(name):
            assert filters.rows_meeting(space.wrapped, [condition]).shape == (rows,), str(condition)
    exported = safe_csv(space.table.drop_columns([name for name in names if name == "vector"]))
    back = pd.read_csv(io.BytesIO(exported), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert len(back) == rows, f"{len(back)} rows exported of {rows}"


def _conditions(name: str) -> list[filters.Condition]:
    ends: list[float | None] = [None, 0.0, float("inf"), float("-inf"), float("nan")]
    conditions = [filters.Condition(name, low, high) for low in ends for high in ends if low is not None or high]
    return [*conditions, filters.Condition(name, values=()), filters.Condition(name, "0001-01-01", "9999-12-31")]


def _sound(hits: search.Hits, count: int) -> None:
    assert len(hits.items) <= count, "more found than there are"
    assert len(set(hits.items.tolist())) == len(hits.items), "an item found twice"
    assert np.isfinite(hits.scores).all(), "scores are not finite"
    assert (np.diff(hits.scores) <= 1e-5).all(), "not best first"


def _vectors(short: bool) -> list[tuple[str, pa.Array]]:
    from faults.degenerate import VECTORS

    shapes = [(count, 3) for count in ((3,) if short else COUNTS)] + [(3, 20_000)] * (not short)
    kinds = ("all the same", "NaN in some") if short else tuple(VECTORS)
    return [
        (f"{kind}, {count} × {width}", vector_array(VECTORS[kind](count, width).astype(np.float32)))
        for kind, (count, width) in product(kinds, shapes)
    ]
