"""Contents in, vectors out. Each distinct content is embedded once, and stored batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from explorer.embedding.models import Encoder, encoder
from explorer.store.store import Store

BATCH = 1_024  # contents stored at once: the most that an interrupted build makes twice
_STEP = 64  # contents between two reports of progress


def embed(texts: Sequence[str], model: str = "minilm") -> np.ndarray:
    """Vectors of texts, float32 of shape (n, d), unit length; zero where a text is empty, missing or has no known word.

    Raises
    ------
    BadInput : when the model is unknown or cannot be loaded
    """
    codes, contents = pd.factorize(pd.Series(texts, dtype="object").str.strip().replace("", None))
    loaded = encoder(model)
    vectors = np.zeros((len(codes), loaded.dimensions), np.float32)
    if len(contents):
        vectors[codes >= 0] = in_order_of_length(loaded, list(contents))[codes[codes >= 0]]
    return vectors


def embed_contents(
    contents: Callable[[np.ndarray], list[str]],
    digests: np.ndarray,
    model: str,
    store: Store,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the contents with these digests, from the store where it has them.

    Contents are taken in fixed blocks, and each block is stored whole. An interrupted run continues with the first
    missing block, and its vectors are the same as those of an uninterrupted run.

    Parameters
    ----------
    contents : gives the texts of items, an int array of shape (r,)
    digests : S16 array of shape (m,)
    progress : called with (items that have a vector, items)

    Returns
    -------
    vectors : float32 array of shape (m, d)
    truncated : bool array of shape (m,), texts longer than the model reads
    """
    known, vectors, truncated = store.known_vectors(model, digests)
    if known.all() and vectors is not None:
        return vectors, truncated
    loaded = encoder(model)
    store.warnings.extend(note for note in getattr(loaded, "notes", ()) if note not in store.warnings)
    if vectors is None:
        vectors = np.zeros((len(digests), loaded.dimensions), np.float32)
    done = int(known.sum())
    missing = np.flatnonzero(~known)
    for start in range(0, len(digests), BATCH):
        wanted = missing[(missing >= start) & (missing < start + BATCH)]
        if not len(wanted):
            continue
        texts = contents(wanted)

        def step(count: int, done: int = done) -> None:
            if progress:
                progress(done + count, len(digests))

        vectors[wanted] = in_order_of_length(loaded, texts, step)
        truncated[wanted] = loaded.truncated(texts)
        store.add_vectors(model, digests[wanted], vectors[wanted], truncated[wanted])
        done += len(wanted)
    store.compact_vectors(model)
    return vectors, truncated


def in_order_of_length(loaded: Encoder, texts: list[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
    """Vectors of texts in the given order, float32 of shape (n, d). The longest are made first, to save padding."""
    if hasattr(loaded, "block"):
        return loaded.block(texts, progress)
    vectors = np.empty((len(texts), loaded.dimensions), np.float32)
    order = np.argsort([-len(text) for text in texts], kind="stable")
    for start in range(0, len(order), _STEP):
        part = order[start : start + _STEP]
        vectors[part] = loaded.documents([texts[i] for i in part])
        if progress:
            progress(min(start + _STEP, len(order)))
    return vectors
