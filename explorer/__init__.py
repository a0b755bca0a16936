"""The Embedding Explorer: see what your data means. Importable without Streamlit.

>>> import explorer
>>> table = explorer.read("reviews.csv")
>>> vectors = explorer.embed(["a late refund", "money back"])
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

# Before pyarrow is imported: its other memory pools keep what was freed, which counts against the process.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

__version__ = "0.1.0"

# Loaded when first asked for: reading a table must not cost the import of a text model.
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
    if name not in _WHERE:
        raise AttributeError(f"module 'explorer' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
