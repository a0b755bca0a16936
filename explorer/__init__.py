"""The Embedding Explorer: see what your data means. Importable without Streamlit.

>>> import explorer
>>> table = explorer.read("reviews.csv")
>>> vectors = explorer.embed(["a late refund", "money back"])
>>> space = explorer.build(recipe)
>>> found = explorer.search(space, "late refund", k=10)  # and one verb for each entry of ANSWERS
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

# Set before pyarrow is imported: its other memory pools keep freed memory, which counts against the process.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

__version__ = "0.1.0"

# Imported on first use: reading a table must not import a text model.
_WHERE = {
    "read": "explorer.reading.sandbox",
    "Table": "explorer.table.table",
    "BadInput": "explorer.errors",
    "Recipe": "explorer.recipe",
    "Projection": "explorer.recipe",
    "Clustering": "explorer.recipe",
    "embed": "explorer.embedding.embed",
    "Space": "explorer.space",
    "build": "explorer.building",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    if not name.startswith("_") and find_spec(f"{__name__}.{name}") is None:  # no module: perhaps an answer
        verb = import_module("explorer.answers.verbs").verb(name)
        if verb is not None:
            return verb
    raise AttributeError(f"module 'explorer' has no attribute {name!r}")
