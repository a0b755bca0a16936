"""An entry of every stored kind, and checks that they are read back correctly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from explorer.store.sealed import sealed, to_arrow
from explorer.store.store import Store

MODEL = "a model"
ROWS = 200
BATCHES = 4
WORDS = 5  # words looked up in an index


class Contents:
    """An entry of every stored kind, made from a seed: stores them and checks what is read."""

    def __init__(self, seed: int = 0, rows: int = ROWS):
        self.rows = rows
        self.random = np.random.default_rng(seed)
        self.digests = np.array([f"{seed:04d}{row:012d}".encode() for row in range(rows)], "S16")
        self.vectors = self.random.standard_normal((rows, 16)).astype(np.float32)
        self.truncated = self.random.random(rows) < 0.1
        self.arrays = {
            kind: self.random.standard_normal((rows, 4)).astype(np.float32)
            for kind in ("neighbors", "layout", "clusters", "selection", "shipped")
        }
        self.table = pa.table({"text": [f"row {seed} {row}" for row in range(rows)], "n": list(range(rows))})
        self.key = f"{seed:032x}"
        self.model = f"{MODEL} {seed}"
        self.documents = {
            folder: [{"of": f"{folder} {seed}", "version": version, "filler": "x" * 200} for version in (1, 2)]
            for folder in ("workspaces", "projects")
        }
        self.writes: list[Callable[[Store], None]] = [self._put_table]
        self.writes += [partial(self._put_array, kind=kind) for kind in self.arrays if kind != "shipped"]
        self.writes += [partial(self._add_vectors, part=part) for part in np.array_split(np.arange(rows), BATCHES)]
        self.writes += [
            partial(self._write_document, folder=folder, version=version)
            for version in (0, 1)
            for folder in self.documents
        ]

    def _put_table(self, store: Store) -> None:
        store.put("table", self.key, self.table)

    def _put_array(self, store: Store, kind: str) -> None:
        store.put_arrays(kind, self.key, a=self.arrays[kind])

    def _add_vectors(self, store: Store, part: np.ndarray) -> None:
        store.add_vectors(self.model, self.digests[part], self.vectors[part], self.truncated[part])

    def _write_document(self, store: Store, folder: str, version: int) -> None:
        store.write_json(folder, self.key, self.documents[folder][version])

    def store(self, store: Store) -> None:
        for write in self.writes:
            write(store)

    def ship(self, folder: Path) -> None:
        """Write one entry in the form in which the samples' entries come with the app."""
        folder.mkdir(parents=True, exist_ok=True)
        name = f"shipped-{self.key}"
        data = sealed(to_arrow(a=self.arrays["shipped"]), name)
        with pa.OSFile(str(folder / f"{name}.arrow"), "wb") as sink, pa.ipc.new_file(sink, data.schema) as writer:
            writer.write_table(data)

    def words(self, store: Store) -> list[int]:
        """The rows that the index of words finds. Makes the index where it is missing."""
        texts = pa.table({"item": pa.array(range(self.rows), pa.int32()), "text": self.table.column("text")})
        index = store.text_index(self.key, lambda: texts, lambda: "English", self.rows)
        found = [index.search(str(row), query_type="fts").limit(1).to_list() for row in range(10, 10 + WORDS)]
        return [hits[0]["item"] if hits else -1 for hits in found]

    def missing(self, store: Store, shipped: bool = False) -> list[str]:
        """The entries that cannot be read. Raises AssertionError where an entry is read wrongly."""
        gone = []
        table = store.get("table", self.key)
        if table is None:
            gone.append("table")
        else:
            assert table.replace_schema_metadata(None).equals(self.table), "a wrong table"
        for kind, array in self.arrays.items():
            if kind == "shipped" and not shipped:
                continue
            found = store.get_arrays(kind, self.key)
            if found is None:
                gone.append(kind)
            else:
                assert found[0]["a"].tobytes() == array.tobytes(), f"wrong {kind}"
        known, vectors, truncated = store.known_vectors(self.model, self.digests)
        if vectors is not None:
            assert vectors[known].tobytes() == self.vectors[known].tobytes(), "a wrong vector"
            assert (truncated[known] == self.truncated[known]).all(), "a wrong flag"
        if not known.all():
            gone.append("vectors")
        for folder, versions in self.documents.items():
            value = store.read_json(folder, self.key)
            assert value is None or value in versions, f"a wrong document in {folder}"
            if value != versions[1]:
                gone.append(folder if value is None else f"{folder} before")
        return gone
