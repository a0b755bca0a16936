"""The fast model: one vector for each word piece, distilled from MiniLM. A text's vector is the mean of its pieces'.

`scripts/fast_model.py` makes the files in `explorer/embedding/fast`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from explorer.errors import BadInput

FOLDER = Path(__file__).parent / "fast"
SHA256 = {
    "model.safetensors": "68bfc7d5365ca438209edc5c61a45d82e5fef3f93346b331abcc9d489ecb17fc",
    "tokenizer.json": "15ce92c1000584ff19c915ee72e4099f66fb17b2a965f85c8f1900fb69b360e3",
    "config.json": "b9a6084d2651bb8d88664ccaee079f43775c42b0184989ea6f9d6d25f3d72fb4",
}
_PIECES = "?"  # read instead of a text without any known piece


def load_fast() -> StaticEncoder:
    """The model in the repository. Its files are checked.

    Raises
    ------
    BadInput : when a file is missing or has another digest
    """
    from model2vec import StaticModel

    for name, known in SHA256.items():
        file = FOLDER / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != known:
            raise BadInput(f"The fast model's file {file} is not the one we know. Fetch the project's files again.")
    # No limit on a text's length: its vector is a product of counts and vectors, which needs no padding.
    return StaticEncoder(StaticModel.from_pretrained(FOLDER, force_download=False, max_length=None))


class StaticEncoder:
    """A model2vec model. `models.Encoder` says what its methods do; it reads every text to its end."""

    def __init__(self, model: Any):
        self._model = model
        self._vectors = model.embedding.astype(np.float32)
        self.dimensions = int(self._vectors.shape[1])

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        from scipy import sparse

        from explorer.geometry.vectors import unit_length

        pieces = self._model.tokenize(list(texts)) if len(texts) else []
        nothing = self._model.tokenize([_PIECES])[0]
        pieces = [found or nothing for found in pieces]
        ends = np.cumsum([0, *map(len, pieces)])
        flat = np.fromiter((piece for found in pieces for piece in found), np.int32, ends[-1])
        ones = np.ones(len(flat), np.float32)
        counts = sparse.csr_array((ones, flat, ends), shape=(len(pieces), len(self._vectors)))
        return unit_length(counts @ self._vectors)

    queries = documents

    def block(self, texts: Sequence[str], progress: Any = None) -> np.ndarray:
        """`documents` of many texts at once; lengths do not matter here."""
        vectors = self.documents(texts)
        if progress:
            progress(len(texts))
        return vectors

    def truncated(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros(len(texts), bool)
