"""What several test modules share: the sentences, their space built once a process, and small made-up spaces.

The sentences (tests/data/sentences.csv) are nineteen each on cooking (c01 to c19), football (f01 to f19) and
astronomy (a01 to a19), and two on nothing of the kind: x01 (a passport) and x02 (a violinist). c07 and c17
differ in one word, a04 and a09 in none, and f12 is football labeled cooking.

`LONG` and `SHORT` are texts for `HASHED`, a small model that reads twelve tokens: two rows of three passages each, and
sixteen rows that are read whole.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

import explorer
from explorer.building import build
from explorer.embedding.models import Model
from explorer.geometry.vectors import unit_length
from explorer.recipe import READY_MADE, Recipe
from explorer.space import Space
from explorer.store.digest import table_digest
from explorer.store.sealed import to_arrow
from explorer.store.store import Store
from explorer.table.table import Table

SENTENCES = Path(__file__).parent / "data" / "sentences.csv"
ODDITIES = {"x01", "x02"}
NEAR_DUPLICATES = ("c07", "c17")
EXACT_DUPLICATES = ("a04", "a09")
WRONG_LABEL = "f12"


@lru_cache(maxsize=1)
def sentence_table() -> Table:
    """The sentences as the app reads them."""
    return explorer.read(SENTENCES, apart=False)


@lru_cache(maxsize=1)
def sentence_space() -> Space:
    """The sentences embedded with MiniLM, laid out and grouped; made once, read-only."""
    home = tempfile.mkdtemp(prefix="sentences-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    store = Store(home, shipped=None)
    return build(stored_recipe(store, sentence_table(), ("text",)), store=store)


@lru_cache(maxsize=1)
def sentence_ids() -> tuple[str, ...]:
    """The id of each item of `sentence_space`: of its first row."""
    ids = sentence_table().arrow.column("id").to_pylist()
    return tuple(ids[row] for row in sentence_space().items.first_rows)


def stored_recipe(store: Store, table: Table, columns: Sequence[str], **choices: object) -> Recipe:
    """The recipe of a table, which is put into the store."""
    store.put("table", table.digest, table.arrow, {"name": table.name})
    return Recipe(table.digest, tuple(columns), **choices)  # type: ignore[arg-type]


def table_of(**columns: object) -> Table:
    """A table of lists and arrays; a 2-D array becomes a vector column."""
    arrow = pa.table(
        {
            name: to_arrow(v=values).column("v") if isinstance(values, np.ndarray) else values
            for name, values in columns.items()
        }
    )
    return Table(arrow, (), "made-up", table_digest(arrow), "csv")


def vector_recipe(store: Store, vectors: np.ndarray, **choices: object) -> Recipe:
    """The recipe of a stored table that holds nothing but these vectors."""
    return stored_recipe(
        store, table_of(vector=np.asarray(vectors, np.float32)), ("vector",), model=READY_MADE, **choices
    )


def random_unit(count: int, dimensions: int = 8, seed: int = 0) -> np.ndarray:
    """Random directions: (count, dimensions) float32, unit length."""
    return unit_length(np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32))


def three_clouds(each: int = 40, dimensions: int = 16, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Three tight bundles of directions: (3 × each, dimensions) float32, unit length, and the bundle of each."""
    numbers = np.random.default_rng(seed)
    centers = np.eye(3, dimensions)
    belongs = np.repeat(np.arange(3), each)
    noise = 0.05 * numbers.standard_normal((3 * each, dimensions))
    return unit_length((centers[belongs] + noise).astype(np.float32)), belongs


LIMIT = 12  # tokens, of which two mark beginning and end


def word_tokens(texts: Sequence[str]) -> np.ndarray:
    """Tokens of texts: a word is one, and a long one is more; two mark beginning and end."""
    return np.array([2 + sum(-(-len(word) // 8) for word in text.split()) for text in texts])


class HashedWords:
    """A model that needs no file: a text is the sum of its words, each a random direction of its own."""

    dimensions, limit = 64, LIMIT
    lengths = staticmethod(word_tokens)

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower())[: self.limit - 2]:
                vectors[row] += np.random.default_rng(zlib.crc32(word.encode())).standard_normal(self.dimensions)
        return unit_length(vectors)

    queries = documents

    def truncated(self, texts: Sequence[str]) -> np.ndarray:
        return word_tokens(texts) > self.limit


HASHED = Model("Hashed", "", ("en",), 1e6, HashedWords, 64)
LONG = [
    "We baked bread in the oven all day. The dough rose twice before noon. Then a comet crossed the sky at night.",
    "The goalkeeper saved a penalty late. Fans sang until the final whistle. They walked home in heavy rain together.",
]
SHORT = [f"bread dough oven {n}" for n in range(8)] + [f"comet telescope sky {n}" for n in range(8)]


def hashed_recipe(store: Store, texts: Sequence[str], **choices: object) -> Recipe:
    """The recipe of stored texts for the model `HASHED`, which the test has put into `MODELS` as "hashed"."""
    return stored_recipe(store, table_of(text=texts), ("text",), model="hashed", **choices)
