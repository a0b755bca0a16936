"""A small model for provoking faults: vectors of letter counts, at an adjustable speed, so that it can be interrupted.

`EXPLORER_MODELS=faults.encoder` registers it as "letters" in the app, its worker and the command line.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import numpy as np

from explorer.embedding.models import Encoder, Model


class LetterEncoder:
    """Counts of letters and of pairs of letters, hashed to 32 numbers.

    FAULTS_TEXTS_PER_SECOND slows it down. To the file FAULTS_ENCODED it appends one byte for each encoded text
    of `made_up_texts`, which end in a number; the phrases that groups are named by do not count.
    """

    dimensions = 32

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        rate = float(os.environ.get("FAULTS_TEXTS_PER_SECOND", "inf"))
        time.sleep(len(texts) / rate)
        if noted := os.environ.get("FAULTS_ENCODED"):
            with open(noted, "ab") as file:
                file.write(b"." * sum(text[-1:].isdecimal() for text in texts))
        vectors = np.full((len(texts), self.dimensions), 1e-3, np.float32)
        for row, text in enumerate(texts):
            codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
            np.add.at(vectors[row], codes % 31, 1)
            np.add.at(vectors[row], (codes[:-1] * 7 + codes[1:]) % self.dimensions, 1)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    queries = documents

    def truncated(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([len(text) > 1000 for text in texts], bool)


def register(models: dict[str, Model]) -> None:
    """Add the model to the registry."""

    def load() -> Encoder:
        return LetterEncoder()

    models["letters"] = Model("Letters (for tests)", "Counts letters.", (), 1e5, load)
