"""What the model is asked while a page is open, each thing once: the worker answers, and the answer is kept."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis.search import closest_sentences
from explorer.app import session


@st.cache_data(show_spinner=False, max_entries=512)
def query_vector(model: str, query: str) -> np.ndarray:
    """The vector of a question: (d,) float32, unit length. Raises BadInput where the model is not to be had."""
    return session.jobs().encode(model, [query])[0]


@st.cache_data(show_spinner=False, max_entries=256)
def closest(model: str, query: str, texts: tuple[str, ...]) -> list[str]:
    """Of each text the sentence nearest to the question; see `closest_sentences`."""
    return closest_sentences(texts, query, lambda parts: session.jobs().encode(model, parts))
