"""A text model on torch, as sentence-transformers runs it: for where OpenVINO fails, or there is an NVIDIA device.

This module does not import torch: it is given a loaded model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from explorer.geometry.vectors import unit_length


class SentenceEncoder:
    """A sentence-transformers model on torch. It uses the model's own prompts for queries and documents."""

    notes: tuple[str, ...] = ()

    def __init__(self, model: Any):
        self._model = model
        self.dimensions = int(model.get_embedding_dimension())

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        return self._unit(self._model.encode_document(list(texts), show_progress_bar=False, batch_size=32))

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._unit(self._model.encode_query(list(texts), show_progress_bar=False, batch_size=32))

    def truncated(self, texts: Sequence[str]) -> np.ndarray:
        limit = self._model.max_seq_length
        tokenizer = getattr(self._model, "tokenizer", None)
        if limit is None or tokenizer is None or not len(texts):
            return np.zeros(len(texts), bool)
        # No token is shorter than a byte, so only texts that may be too long are counted. (A token may be shorter than
        # a character: Hangul syllables are read letter by letter.)
        over = np.array([len(text.encode()) >= limit - 2 for text in texts])
        long = [text for text, might in zip(texts, over, strict=True) if might]
        if long:
            tokens = tokenizer(long, truncation=False, padding=False, return_length=True, verbose=False)["length"]
            over[over] = np.asarray(tokens) > limit
        return over

    def _unit(self, vectors: Any) -> np.ndarray:
        return unit_length(np.asarray(vectors, np.float32).reshape(-1, self.dimensions))
