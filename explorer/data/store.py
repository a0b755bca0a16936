"""Where everything computed or uploaded is kept: content-addressed, atomic, checked when read.

One folder (`EXPLORER_HOME`, else the platform's data directory) holds a LanceDB database. An entry is one
Lance table named `<kind>-<key>`; its schema carries a digest of its contents, because LanceDB does not
notice a flipped byte. An entry that fails its check is set aside and reported as absent, so that it is
computed again and never served.

Vectors are kept per model, one row a content, so that last week's file plus 500 new rows embeds 500 rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import threading
import time
import uuid
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import pyarrow as pa
import pyarrow.ipc

from explorer.data.table import table_digest

SCHEMA_VERSION = 1
SHIPPED = Path(__file__).resolve().parents[2] / "datasets" / "prepared"
_META = b"explorer"


def home_folder() -> Path:
    """`EXPLORER_HOME`, else the platform's data directory."""
    chosen = os.environ.get("EXPLORER_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("embedding-explorer", appauthor=False))


class Store:
    """Entries by (kind, key), and vectors by (model, content digest).

    Reading falls through three layers: what this process keeps because the disk would not take it, the
    stages that ship with the samples, and the database.
    """

    def __init__(self, home: str | Path | None = None, shipped: Path | None = SHIPPED):
        self.home = Path(home) if home is not None else home_folder()
        self._shipped = shipped
        self._kept: dict[str, pa.Table] = {}
        self._stuck: set[str] = set()  # damaged entries on a disk that lets nothing be moved
        self._connection: Any = None
        self._lock = threading.Lock()
        self.warnings: list[str] = []

    # -- entries ---------------------------------------------------------------------------------

    def put(self, kind: str, key: str, data: pa.Table, info: dict[str, Any] | None = None) -> None:
        """Keep `data` under (kind, key), all of it or nothing; what is there already stays.

        A disk that takes no more is no reason to lose the result: the entry is then kept in memory for as
        long as this process lives, and a warning says so.
        """
        name = f"{kind}-{key}"
        data = sealed(data, name, info)
        try:
            self._create(name, data)
        except Exception as error:  # LanceDB reports a full or read-only disk as RuntimeError, OSError, …
            self._kept[name] = data
            self.warnings.append(
                f"Could not write to {self.home} ({_first_line(error)}): kept in memory until the app stops."
            )

    def get(self, kind: str, key: str) -> pa.Table | None:
        """The entry, or None where there is none or where it fails its check (it is then set aside)."""
        name = f"{kind}-{key}"
        if name in self._kept:
            return self._kept[name]
        shipped = self._shipped_file(name)
        if shipped is not None:
            try:
                with pa.ipc.open_file(shipped) as reader:
                    return _checked(reader.read_all(), name)
            except Exception as error:
                self.warnings.append(f"{shipped.name} is damaged ({_first_line(error)}): computed again.")
        if not self._folder(name).exists():
            return None
        try:
            return _checked(self._database().open_table(name).to_arrow(), name)
        except Exception as error:
            self._set_aside(name, error)
            return None

    def has(self, kind: str, key: str) -> bool:
        """Whether an entry is there, without reading it."""
        name = f"{kind}-{key}"
        return name in self._kept or self._shipped_file(name) is not None or self._folder(name).exists()

    def info(self, data: pa.Table) -> dict[str, Any]:
        """What was said about an entry when it was put."""
        return _meta(data).get("info", {})

    # -- arrays ----------------------------------------------------------------------------------

    def put_arrays(self, kind: str, key: str, info: dict[str, Any] | None = None, **arrays: np.ndarray) -> None:
        """Keep arrays of equal length (1-D, or 2-D of any width) as the columns of one entry."""
        self.put(kind, key, to_arrow(**arrays), info)

    def get_arrays(self, kind: str, key: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """The arrays of an entry, read-only, and what was said about it; None where there is none."""
        data = self.get(kind, key)
        return None if data is None else (to_arrays(data), self.info(data))

    # -- vectors by content ----------------------------------------------------------------------

    def known_vectors(self, model: str, digests: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
        """What is stored of the contents asked for.

        Parameters
        ----------
        model : the model's key
        digests : ndarray of shape (m,), dtype S16, content digests

        Returns
        -------
        known : bool array of shape (m,)
        vectors : float32 array of shape (m, d), zero where unknown; None where nothing is known
        truncated : bool array of shape (m,), contents that the model cut
        """
        known, truncated = np.zeros(len(digests), bool), np.zeros(len(digests), bool)
        data = self._vector_rows(model)
        if data is None or not len(digests):
            return known, None, truncated
        columns = to_arrays(data)
        intact = columns["check"] == _row_checks(model, columns["digest"], columns["vector"], columns["truncated"])
        if not intact.all():
            self.warnings.append(f"{int((~intact).sum())} stored vectors failed their check and are computed again.")
        order = np.argsort(columns["digest"], kind="stable")
        order = order[intact[order]]
        if not len(order):
            return known, None, truncated
        stored = columns["digest"][order]
        place = np.minimum(np.searchsorted(stored, digests), len(stored) - 1)
        known = stored[place] == digests
        vectors = np.zeros((len(digests), columns["vector"].shape[1]), np.float32)
        vectors[known] = columns["vector"][order[place[known]]]
        truncated[known] = columns["truncated"][order[place[known]]]
        return known, vectors, truncated

    def add_vectors(self, model: str, digests: np.ndarray, vectors: np.ndarray, truncated: np.ndarray) -> None:
        """Commit one batch of vectors, whole or not at all."""
        data = to_arrow(
            digest=digests,
            vector=vectors,
            truncated=truncated,
            check=_row_checks(model, digests, vectors, truncated),
        )
        name = _vector_table(model)
        try:
            if not self._create(name, data):
                self._database().open_table(name).add(data)
        except Exception as error:
            kept = self._kept.get(name)
            self._kept[name] = data if kept is None else pa.concat_tables([kept, data])
            self.warnings.append(
                f"Could not write to {self.home} ({_first_line(error)}): kept in memory until the app stops."
            )

    def compact_vectors(self, model: str) -> None:
        """Join the many small commits of one build into few files, where disk and other builds allow it."""
        name = _vector_table(model)
        if self._folder(name).exists():
            with contextlib.suppress(Exception):  # nothing is lost where it fails
                self._database().open_table(name).optimize()

    # -- words -----------------------------------------------------------------------------------

    def text_index(
        self,
        key: str,
        texts: Callable[[], pa.Table],
        language: Callable[[], str],
        rows: int,
        again: bool = False,
    ) -> Any:
        """The LanceDB table of that key whose column `text` has a full-text index, made on first use.

        Words are cut by ICU, which knows the scripts written without spaces, and stemmed as `language` says.
        One that cannot be opened or does not have so many rows is set aside and made again, as is any with `again`.
        Raises whatever LanceDB or the disk does where it cannot be made.
        """
        name = f"words-{key}"
        database = self._database()
        if self._folder(name).exists():
            try:
                table = database.open_table(name)
                if again or not table.list_indices() or table.count_rows() != rows:
                    raise ValueError("an index of words could not be read")
                return table
            except Exception as error:
                self._set_aside(name, error)
        from lancedb.index import FTS

        part = f"part-{uuid.uuid4().hex}"
        try:
            table = database.create_table(part, texts())
            # Stop words stay in: whoever asks for nothing but "not" wants to find it.
            table.create_index(
                "text",
                config=FTS(base_tokenizer="icu", language=language(), remove_stop_words=False, with_position=False),
            )
            with contextlib.suppress(OSError):  # where another process was quicker, its index is as good
                os.rename(self._folder(part), self._folder(name))
            return database.open_table(name)
        finally:
            shutil.rmtree(self._folder(part), ignore_errors=True)

    def _vector_rows(self, model: str) -> pa.Table | None:
        name = _vector_table(model)
        kept = self._kept.get(name)
        if not self._folder(name).exists():
            return kept
        try:
            stored = self._database().open_table(name).to_arrow()
        except Exception as error:
            self._set_aside(name, error)
            return kept
        return stored if kept is None else pa.concat_tables([stored, kept])

    # -- small documents -------------------------------------------------------------------------

    def write_json(self, folder: str, name: str, value: Any) -> None:
        """Keep a small document under home/folder/name.json, replaced in one step."""
        path = self.home / folder / f"{name}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{uuid.uuid4().hex}.part")
            part.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
            os.replace(part, path)
        except OSError as error:
            self.warnings.append(f"Could not write to {self.home} ({_first_line(error)}).")

    def read_json(self, folder: str, name: str) -> Any | None:
        """The document, or None where there is none or it cannot be read."""
        try:
            return json.loads((self.home / folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    # -- inside ----------------------------------------------------------------------------------

    def _database(self) -> Any:
        # Our folder datasets/ passes for a package of that name, which sentence-transformers then imports and
        # LanceDB takes for Hugging Face's (and fails): nothing of it is worth keeping.
        if getattr(sys.modules.get("datasets"), "__file__", "") is None:
            sys.modules.pop("datasets", None)
        with self._lock:
            if self._connection is None:
                # Lance warns on stderr whenever a table is new, which here is always.
                os.environ.setdefault("LANCEDB_LOG", "error")
                import lancedb  # 1.3 s: not paid by whoever only opens a sample

                (self.home / "store").mkdir(parents=True, exist_ok=True)
                self._connection = lancedb.connect(str(self.home / "store"))
                self._sweep()
            return self._connection

    def _sweep(self) -> None:
        """Remove what a killed process left half made; an hour later nobody is making it any more."""
        for part in (self.home / "store").glob("part-*.lance"):
            with contextlib.suppress(OSError):
                if time.time() - part.stat().st_mtime > 3600:
                    shutil.rmtree(part)

    def _create(self, name: str, data: pa.Table) -> bool:
        """Make an entry, unless it is there. Its folder appears with all that is in it: nobody reads half an entry."""
        if name in self._stuck:
            raise OSError("a damaged entry is in its place and cannot be moved")
        if self._folder(name).exists():
            return False
        part = f"part-{uuid.uuid4().hex}"
        try:
            self._database().create_table(part, data)
            os.rename(self._folder(part), self._folder(name))
            return True
        except OSError:
            if not self._folder(name).exists():
                raise
            return False  # another process was quicker
        finally:
            shutil.rmtree(self._folder(part), ignore_errors=True)

    def _folder(self, name: str) -> Path:
        return self.home / "store" / f"{name}.lance"

    def _shipped_file(self, name: str) -> Path | None:
        if self._shipped is None:
            return None
        path = self._shipped / f"{name}.arrow"
        return path if path.exists() else None

    def _set_aside(self, name: str, error: Exception) -> None:
        damaged = self.home / "damaged" / f"{name}-{uuid.uuid4().hex[:8]}"
        try:
            damaged.parent.mkdir(parents=True, exist_ok=True)
            os.rename(self._folder(name), damaged)
        except FileNotFoundError:
            pass  # another process has just done it
        except OSError:
            self._stuck.add(name)
        self.warnings.append(
            f"A stored result was damaged ({_first_line(error)}): set aside as {damaged.name}, computed again."
        )


def sealed(data: pa.Table, name: str, info: dict[str, Any] | None = None) -> pa.Table:
    """The table with what is checked when it is read: whose it is, the digest of its rows, and what was said of it."""
    meta = {"name": name, "digest": table_digest(data), "schema": SCHEMA_VERSION, "info": info or {}}
    return data.replace_schema_metadata({_META: json.dumps(meta, ensure_ascii=False).encode()})


def _checked(data: pa.Table, name: str) -> pa.Table:
    meta = _meta(data)
    if (meta.get("name"), meta.get("schema"), meta.get("digest")) != (name, SCHEMA_VERSION, table_digest(data)):
        raise ValueError("its contents do not match its digest")
    return data


def to_arrow(**arrays: np.ndarray) -> pa.Table:
    """Arrays of equal length as one Arrow table; a 2-D array becomes a list column of that width."""
    columns = {}
    for name, array in arrays.items():
        array = np.ascontiguousarray(array)
        if array.dtype.kind == "S":
            columns[name] = pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(array.dtype.itemsize), len(array), [None, pa.py_buffer(array)]
            )
        elif array.ndim == 2 and not array.shape[1]:  # the neighbors of an item that is alone
            columns[name] = pa.array([[]] * len(array), pa.list_(pa.from_numpy_dtype(array.dtype)))
        elif array.ndim == 2:
            columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(array.ravel()), array.shape[1])
        else:
            columns[name] = pa.array(array)
    return pa.table(columns)


def to_arrays(data: pa.Table) -> dict[str, np.ndarray]:
    """The columns of `to_arrow`'s table as read-only arrays; float16 (as shipped) becomes float32."""
    arrays = {}
    for name in data.column_names:
        column = data.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # an empty table, or one too large to combine
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        if pa.types.is_fixed_size_list(column.type):
            width = column.type.list_size
            array = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
        elif pa.types.is_list(column.type):
            array = np.zeros((len(column), 0), column.type.value_type.to_pandas_dtype())
        elif pa.types.is_fixed_size_binary(column.type):
            width = column.type.byte_width
            start = column.offset * width
            array = (
                np.frombuffer(column.buffers()[1], dtype=f"S{width}", count=len(column), offset=start)
                if len(column)
                else np.zeros(0, f"S{width}")
            )
        else:
            array = column.to_numpy(zero_copy_only=False)
        if array.dtype == np.float16:
            array = array.astype(np.float32)
        array.flags.writeable = False
        arrays[name] = array
    return arrays


def _vector_table(model: str) -> str:
    # A Hub id holds slashes and dots, and two ids may differ in case alone: name the table by a digest.
    return f"vectors-{hashlib.blake2b(model.encode(), digest_size=16).hexdigest()}"


def _row_checks(model: str, digests: np.ndarray, vectors: np.ndarray, truncated: np.ndarray) -> np.ndarray:
    """CRC-32 of the model's name and each row's digest, vector and flag: (m,) uint32."""
    checks = np.empty(len(digests), np.uint32)
    vectors = np.ascontiguousarray(vectors, np.float32)
    begin = zlib.crc32(model.encode())
    for row in range(len(digests)):
        start = zlib.crc32(digests[row].ljust(16, b"\0"), begin + int(truncated[row]))
        checks[row] = zlib.crc32(vectors[row], start)
    return checks


def _meta(data: pa.Table) -> dict[str, Any]:
    raw = (data.schema.metadata or {}).get(_META)
    return json.loads(raw) if raw else {}


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
