"""Memory, checked before work starts: what a build takes at its peak, and what is available.

The estimate was fitted to `python -m benchmarks.memory`: 1.1 to 1.9 times the peak of builds of 300 to 60,000 items.
It should be up to twice the true peak and never below it. Above that size, with approximate neighbors, it was not
measured yet.
"""

from __future__ import annotations

import sys

from explorer.embedding.models import find_model
from explorer.errors import BadInput
from explorer.geometry.neighbors import K
from explorer.limits import MAX_ITEMS
from explorer.machine import memory_at_hand
from explorer.media.registry import medium_of
from explorer.recipe import READY_MADE, Projection, Recipe
from explorer.stages import STAGES
from explorer.wording import bytes_in_words

_MB, _GB = 10**6, 10**9
UNKNOWN_DIMENSIONS = 1_024  # of a vector, assumed for models that do not give theirs


def need(items: int, dimensions: int, projection: str = "umap", model: str = READY_MADE, warm: bool = False) -> int:
    """Bytes that a build takes at its peak, on top of what the process holds before.

    Parameters
    ----------
    items : distinct contents
    dimensions : of a vector
    projection, model : as in the Recipe
    warm : whether libraries and the model are loaded already, so that they are left out

    Stages run one after another, so the stage that takes most decides.
    """
    recipe = Recipe("", (), model=model, projection=Projection(projection))
    peak = max(stage.bytes(items, dimensions, recipe) for stage in STAGES.values() if stage.usual)
    stays = 12 * items * dimensions + 8 * K * items  # the table's vectors, the items', those of unit length; the graph
    return (0 if warm else _libraries(model)) + stays + peak


def fits(items: int, dimensions: int, projection: str = "umap", model: str = READY_MADE) -> str | None:
    """None where a build of that size fits into the available memory, else a sentence that says why not.

    For pages, whose worker has loaded its libraries already.
    """
    try:
        return _sentence(items, dimensions, projection, model, warm=True)
    except BadInput as error:
        return str(error)


def require(items: int, dimensions: int, projection: str = "umap", model: str = READY_MADE) -> None:
    """Raise an error before a build starts that would not fit.

    Raises
    ------
    BadInput : with what it needs, what is available, and how many rows would fit
    """
    sentence = _sentence(items, dimensions, projection, model, warm=False)
    if sentence:
        raise BadInput(sentence)


def most_items(
    memory: int, dimensions: int, projection: str = "umap", model: str = READY_MADE, warm: bool = False
) -> int:
    """The most items that a build may have to fit into so many bytes."""
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
        f"{items:,} items of {dimensions:,} dimensions need about {bytes_in_words(wanted)} of memory, and "
        f"{bytes_in_words(free)} is at hand. {instead}, or run the app with more memory."
    )


def _libraries(model: str) -> int:
    """Bytes that are taken once, whatever the size: by compiled UMAP, by the model and by its engine."""
    once = 0 if "umap" in sys.modules else 450 * _MB
    if medium_of(Recipe("", (), model=model)).needs_model:
        loaded = {"openvino", "sentence_transformers"} & sys.modules.keys()
        once += 0 if loaded and find_model(model).cuts else find_model(model).memory
    return once


def _round_down(count: int) -> int:
    """Rounded down to two digits: 312,456 becomes 310,000."""
    digits = 10 ** max(len(str(count)) - 2, 0)
    return count // digits * digits
