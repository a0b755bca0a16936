"""UMAP and NN-descent with what numba compiles of them kept on disk, as Python keeps its own bytecode.

Both compile in every fresh process, which takes longer than the work itself: they ask numba to keep only a part of
their functions. Here all are kept that numba can keep, beside their source or, where that cannot be written, in the
user's cache folder (NUMBA_CACHE_DIR names another). Numba itself sees to it that a changed source, another processor
or another version compiles anew.
"""

from __future__ import annotations

import contextlib
import sys
from types import ModuleType
from typing import Any

_KEPT: set[str] = set()


def umap() -> Any:
    """umap-learn's class `UMAP`."""
    import umap

    _keep("umap", "pynndescent")
    return umap.UMAP


def umap_epochs() -> ModuleType:
    """Our own descent."""
    from explorer.geometry import umap_epochs

    _keep("explorer.geometry.umap_epochs")
    return umap_epochs


def pynndescent() -> ModuleType:
    """The package pynndescent."""
    import pynndescent

    _keep("pynndescent")
    return pynndescent


def _keep(*packages: str) -> None:
    from numba.core.caching import NullCache
    from numba.core.registry import CPUDispatcher

    for package in packages:
        if package in _KEPT:
            continue
        _KEPT.add(package)
        modules = [module for name, module in list(sys.modules.items()) if f"{name}.".startswith(f"{package}.")]
        functions = {value for module in modules for value in vars(module).values() if isinstance(value, CPUDispatcher)}
        for function in functions:
            if isinstance(getattr(function, "_cache", None), NullCache):
                with contextlib.suppress(RuntimeError):  # there is no place to keep it: it compiles each time
                    function.enable_caching()
