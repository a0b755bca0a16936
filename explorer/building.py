"""`build`: makes and stores the missing stages of a recipe, and gives its space."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from functools import partial

from explorer import budget, stages
from explorer.errors import BadInput
from explorer.progress import Progress
from explorer.recipe import Recipe
from explorer.space import Space
from explorer.stages import STAGES, NotBuilt
from explorer.store.store import Store

_TRIES = 4  # of one stage, where its inputs turn out to be damaged


def build(
    recipe: Recipe,
    progress: Progress | None = None,
    store: Store | None = None,
    seconds: dict[str, float] | None = None,
    wanted: Collection[str] | None = None,
    space: Space | None = None,
) -> Space:
    """The space of a recipe. Stages in the store are loaded; the others are computed and stored.

    A stage that another process is computing is waited for, not computed twice.

    Parameters
    ----------
    progress : called with (step, done, in all) during the work; what it raises stops the work. The step is "wait"
        while another process computes the next stage.
    seconds : filled with the time of each step
    wanted : names of `STAGES`; the stages that they need are made too. The usual ones by default.
    space : a space of the recipe to go on with, so that what it has loaded is not read again

    Raises
    ------
    BadInput : when the recipe cannot be built: no such table, column or model, nothing to embed, too little memory
    """
    if space is None:
        space = Space(recipe, store or Store())
    building = _Build(space, progress)
    for name in stages.closure(wanted if wanted is not None else _usual()):
        began = time.perf_counter()
        building.ensure(name)
        if name == "items":
            _require_content(space)
        if seconds is not None:
            step = STAGES[name].step
            seconds[step] = seconds.get(step, 0.0) + time.perf_counter() - began
    return space


def _usual() -> list[str]:
    return [name for name, stage in STAGES.items() if stage.usual]


def _require_content(space: Space) -> None:
    """Refuse a recipe that leaves nothing to embed."""
    items = space.items
    if not len(items):
        reasons = Counter(reason for _, reason in items.skipped).most_common(1)
        raise BadInput(
            f"Nothing to embed: none of {space.table.num_rows:,} rows has content in {', '.join(space.recipe.columns)} "
            f"({reasons[0][0] if reasons else 'there are no rows'}). Choose another column."
        )


class _Build:
    def __init__(self, space: Space, progress: Progress | None):
        self._space = space
        self._progress = progress
        self._checked = False

    def _report(self, step: str, done: int = 0, total: int = 0) -> None:
        if self._progress:
            self._progress(step, done, total)

    def ensure(self, name: str) -> None:
        """Load a stage, or make and store it."""
        space, stage = self._space, STAGES[name]
        if not stage.needs:  # the input of all others is read in any case
            self._report(stage.step)
        for _ in range(_TRIES):
            if self._loads(name):
                return
            with space.store.alone(space.key(name), partial(self._report, "wait")):
                if self._loads(name):  # another process made it while we waited
                    return
                if stage.needs:
                    self._require_memory()
                    self._report(stage.step)
                try:
                    stage.make(space, partial(self._report, stage.step))
                    return
                except NotBuilt as missing:
                    damaged = str(missing)
            self.ensure(damaged)  # make the input again that was found damaged and set aside

    def _loads(self, name: str) -> bool:
        """Whether a stage is stored and intact. Loads it, which a build does anyway."""
        try:
            return self._space.has(name) and self._space.load(name) is not None
        except NotBuilt:
            return False

    def _require_memory(self) -> None:
        """Refuse a build that would not fit before it starts, not after hours of work."""
        if self._checked:
            return
        space = self._space
        dimensions = space.medium.dimensions(space.table, space.recipe) or budget.UNKNOWN_DIMENSIONS
        budget.require(len(space.items), dimensions, space.recipe.projection.method, space.recipe.model)
        self._checked = True
