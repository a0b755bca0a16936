"""What the model is asked while a page is open, each thing once: the worker answers, and the answer is kept."""

from __future__ import annotations

import numpy as np

from explorer.analysis.search import closest_sentences
from explorer.app import session
from explorer.app.cache import cached


@cached()
def query_vector(model: str, query: str) -> np.ndarray:
    """The vector of a question: (d,) float32, unit length. Raises BadInput where the model is not to be had."""
    vector = session.jobs().encode(model, [query])[0]
    vector.flags.writeable = False
    return vector


@cached()
def closest(model: str, query: str, texts: tuple[str, ...]) -> list[str]:
    """Of each text the sentence nearest to the question; see `closest_sentences`."""
    return closest_sentences(texts, query, lambda parts: session.jobs().encode(model, parts))
