"""The data of the benchmarks: WordNet's glosses where they are available, else generated sentences; and vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

WORDNET = Path(__file__).resolve().parents[2] / "shared" / "data" / "wordnet_60k.parquet"
MIXTURE = "drawn from clusters of power-law size in a 30-d latent space, mapped to 384 d, with noise"
ITEMS_PER_CLUSTER = 500  # 1,000,000 vectors come from 2,000 clusters
_SPREAD, _NOISE = (
    0.5,
    0.15,
)  # relative to the spread of centers: clusters overlap, no vector is nearly a copy

_TOPICS = {
    "kitchen": ("cook baker guest chef waiter", "stirs tastes burns serves wants", "soup bread sauce rice pie"),
    "harbor": ("sailor captain diver gull keeper", "sees steers paints follows ties", "boat lamp anchor net wave"),
    "office": ("clerk manager printer tenant", "signs files loses copies checks", "form bill report letter plan"),
    "garden": ("child gardener bee neighbor mole", "plants waters digs finds eats", "rose bean carrot hedge seed"),
    "workshop": ("smith joiner painter driver welder", "mends sands drops turns oils", "wheel chair hinge pump saw"),
}  # fmt: skip
_MANNERS = ("slowly", "again", "quietly", "gladly", "twice", "badly", "early", "late", "alone", "together")
_SHADES = ("old", "new", "red", "small", "heavy", "broken", "cheap", "famous", "wet", "strange")


def rows(count: int) -> tuple[pa.Table, str]:
    """`count` rows with a "text" and a "topic", and a name for these texts."""
    if WORDNET.exists():
        table = parquet.read_table(WORDNET)
        if table.num_rows >= count:
            return table.slice(0, count), "WordNet glosses"  # the file's order is random
    return generated(count), "generated sentences"


def with_vectors(table: pa.Table, dimensions: int = 384) -> pa.Table:
    """The table with a "vector" column of `mixture`."""
    vectors = mixture(table.num_rows, dimensions)
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dimensions)
    return table.append_column("vector", column)


def mixture(count: int, dimensions: int = 384, latent: int = 30, seed: int = 0) -> np.ndarray:
    """Vectors that replace embedded ones: float32 of shape (count, dimensions), unit length.

    Each belongs to one of count / 500 clusters (at least 8), whose sizes fall as 1 / rank. Centers are standard normal
    in `latent` dimensions, and members are normal around them. A random linear map takes all to `dimensions`, where
    noise is added.
    """
    random = np.random.default_rng(seed)
    clusters = max(count // ITEMS_PER_CLUSTER, 8)
    share = 1 / np.arange(1, clusters + 1)
    member_of = random.choice(clusters, count, p=share / share.sum())
    points = random.standard_normal((clusters, latent), np.float32)[member_of]
    points += _SPREAD * random.standard_normal((count, latent), np.float32)
    vectors = points @ (random.standard_normal((latent, dimensions), np.float32) / np.sqrt(np.float32(latent)))
    vectors += _NOISE * random.standard_normal((count, dimensions), np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def generated(count: int, seed: int = 0) -> pa.Table:
    """Sentences made here, no two alike, with their topics: columns "text" and "topic"."""
    random = np.random.default_rng(seed)
    names = list(_TOPICS)
    texts: dict[str, str] = {}
    while len(texts) < count:
        topic = names[random.integers(len(names))]
        who, does, what = (str(random.choice(words.split())) for words in _TOPICS[topic])
        other = str(random.choice(_TOPICS[topic][2].split()))
        first, second = random.choice(_SHADES, 2)
        text = f"The {first} {who} {does} the {second} {what} and the {other} {random.choice(_MANNERS)}."
        texts.setdefault(text, topic)
    return pa.table({"text": list(texts), "topic": list(texts.values())})
