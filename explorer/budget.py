"""Memory, asked before work starts: what a build takes at its peak, and what is at hand.

The estimate was fitted to `python -m benchmarks.memory`: 1.1 to 1.9 times the peak of builds of 300 to 60,000 items.
It is meant to be up to twice the truth and never below it. Above that size, with approximate neighbors, it is not
measured yet.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from explorer.data.limits import MAX_ITEMS
from explorer.data.table import BadInput
from explorer.geometry.neighbors import BLOCK, EXACT_UP_TO, GROUP, K, exact_threads
from explorer.recipe import READY_MADE

_MB, _GB = 10**6, 10**9
_RESERVE = 0.05  # of what is free: others ask for memory too
_RESERVE_AT_MOST = 256 * _MB
UNKNOWN_DIMENSIONS = 1_024  # of a vector, taken for the models that have not said theirs
_UNLIMITED = 1 << 60  # cgroups write "no limit" as a number near 2^63


def memory_at_hand() -> int:
    """Bytes that one more build may take: the least of what the system, cgroups, rlimits and the operator leave.

    `EXPLORER_MEMORY_GB` is the operator's word: the most that one build may take.
    """
    free = min(_system(), _under_rlimits(), *_under_cgroups(Path("/")))
    free -= int(min(free * _RESERVE, _RESERVE_AT_MOST))
    return max(min(free, _allowed()), 0)


def need(items: int, dimensions: int, projection: str = "umap", model: str = READY_MADE, warm: bool = False) -> int:
    """Bytes that a build takes at its peak, on top of what the process holds before.

    Parameters
    ----------
    items : distinct contents
    dimensions : of a vector
    projection, model : as in the Recipe
    warm : leave out what libraries and the model take once, whatever the size

    The stages come one after another, so that the hungriest decides.
    """
    vectors = 4 * items * dimensions
    read = 4 * vectors  # checked against its digest, converted, digested item by item
    exact = items <= EXACT_UP_TO
    # Exactly: on each core a block of similarities and those among which the largest are. NN-descent: a copy, trees
    # and heaps.
    block = min(items, BLOCK) * (4 * items + 24 * K * GROUP)
    neighbors = block * exact_threads() if exact else vectors + 3_000 * items
    project = vectors + 4_000 * items if projection != "pca" else vectors
    group = 5_000 * items  # the graph as a sparse matrix, its transpose and their maximum; words for the names
    stays = 3 * vectors + 8 * K * items  # the table's, the items' and the unit length ones; the graph
    once = 0 if warm else _libraries(model)
    return once + stays + max(read, neighbors, project, group)


def fits(items: int, dimensions: int, projection: str = "umap", model: str = READY_MADE) -> str | None:
    """None where a build of that size fits into the memory at hand, else the sentence that says so.

    For pages, which ask for a worker that is warm already.
    """
    try:
        return _sentence(items, dimensions, projection, model, warm=True)
    except BadInput as error:
        return str(error)


def require(items: int, dimensions: int, projection: str = "umap", model: str = READY_MADE) -> None:
    """Refuse a build that would not fit, before it starts.

    Raises
    ------
    BadInput : with what it needs, what is at hand, and how many rows would fit
    """
    sentence = _sentence(items, dimensions, projection, model, warm=False)
    if sentence:
        raise BadInput(sentence)


def most_items(
    memory: int, dimensions: int, projection: str = "umap", model: str = READY_MADE, warm: bool = False
) -> int:
    """How many items a build may have to fit into so many bytes."""
    least, most = 0, 1 << 40
    while least < most:
        middle = (least + most + 1) // 2
        if need(middle, dimensions, projection, model, warm) <= memory:
            least = middle
        else:
            most = middle - 1
    return least


def _sentence(items: int, dimensions: int, projection: str, model: str, warm: bool) -> str | None:
    if items > MAX_ITEMS:
        return f"{items:,} items are more than one map holds, {MAX_ITEMS:,}. Open a sample of at most so many rows."
    wanted, free = need(items, dimensions, projection, model, warm), memory_at_hand()
    if wanted <= free:
        return None
    fitting = most_items(free, dimensions, projection, model, warm)
    instead = (
        f"About {_round_down(fitting):,} would fit: open a sample of so many rows"
        if fitting >= 10
        else ("Not even ten would fit: close other programs")
    )
    return (
        f"{items:,} items of {dimensions:,} dimensions need about {_amount(wanted)} of memory, and {_amount(free)} is "
        f"at hand. {instead}, or run the app with more memory."
    )


def _libraries(model: str) -> int:
    """What is taken once, whatever the size: compiled UMAP, the model and what runs it."""
    once = 0 if "umap" in sys.modules else 450 * _MB
    if model in ("glove", "fast"):  # one look-up
        once += 100 * _MB
    elif model != READY_MADE and not {"openvino", "sentence_transformers"} & sys.modules.keys():
        once += 650 * _MB  # with torch, which converts the model the first time
    return once


def _system() -> int:
    return int(psutil.virtual_memory().available)


def _allowed() -> int:
    said = os.environ.get("EXPLORER_MEMORY_GB", "").strip()
    try:
        return int(float(said) * _GB) if said else _UNLIMITED
    except (ValueError, OverflowError):
        raise BadInput(f"EXPLORER_MEMORY_GB is {said!r}; it must be a number of gigabytes, such as 4.") from None


def _under_rlimits() -> int:
    """What this process may still take by its own limits on memory; none on Windows."""
    try:
        import resource
    except ImportError:
        return _UNLIMITED
    held = psutil.Process().memory_info()
    free = _UNLIMITED
    # Linux counts private writable pages as data; where that figure is not given, all of the address space.
    for limit, used in ((resource.RLIMIT_AS, held.vms), (resource.RLIMIT_DATA, getattr(held, "data", held.vms))):
        soft, _ = resource.getrlimit(limit)
        if soft != resource.RLIM_INFINITY:
            free = min(free, max(soft - used, 0))
    return free


def _under_cgroups(root: Path) -> Iterator[int]:
    """What each control group above this process leaves, versions 1 and 2; `root` is "/" but in tests."""
    yield _UNLIMITED
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return  # not Linux
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mount, names = root / "sys/fs/cgroup", ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            mount = root / "sys/fs/cgroup/memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        # A limit on any group above counts too. Inside a container the path may be the host's: then only the top is.
        folder = mount / path.strip("/")
        for group in (folder, *folder.parents):
            yield _left_in(group, *names)
            if group == mount:
                break


def _left_in(group: Path, limit: str, used: str, cache: str) -> int:
    try:
        said = (group / limit).read_text().strip()
        if said == "max" or int(said) >= _UNLIMITED:
            return _UNLIMITED
        free = int(said) - int((group / used).read_text())
        for line in (group / "memory.stat").read_text().splitlines():
            if line.startswith(cache + " "):
                free += int(line.split()[1])  # files the kernel keeps at hand, and gives up when asked
        return max(free, 0)
    except (OSError, ValueError):
        return _UNLIMITED


def _round_down(count: int) -> int:
    """Two digits of it: 312,456 becomes 310,000."""
    digits = 10 ** max(len(str(count)) - 2, 0)
    return count // digits * digits


def _amount(size: int) -> str:
    return f"{size / _GB:.1f} GB" if size >= _GB else f"{size / _MB:.0f} MB"
