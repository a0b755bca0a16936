"""UMAP and NN-descent, with the code that numba compiles for them kept on disk, as Python keeps its bytecode.

Both compile in every new process, because they ask numba to keep only some of their functions, and that takes longer
than the work itself. Here every function is kept that numba can keep: beside its source or, where that cannot be
written, in the user's cache folder (NUMBA_CACHE_DIR names another). Numba itself compiles again when the source, the
processor or a version changes.
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
    """Our own gradient descent, the module `explorer.geometry.umap_epochs`."""
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
                with contextlib.suppress(RuntimeError):  # no folder can be written: it compiles each time
                    function.enable_caching()
