"""A dataset as somebody opened it, and what it is called."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from explorer.library.samples import SAMPLES, open_sample
from explorer.media.registry import medium_of
from explorer.recipe import Recipe
from explorer.table.roles import Roles, guess_roles
from explorer.wording import counted


@dataclass(frozen=True)
class Entry:
    """A dataset as somebody opened it: the recipe, its name for people, and what its columns mean.

    better : a recipe with a slower model that is being made; once it is done, it replaces this one
    texts : the text columns that have a map each, of which the recipe's is one; empty where there is one map
    follows : the name of the dataset that it is the next version of; "" where it is of none
    gone, gone_key : how many rows of that one are here no more, and the key under which they are kept
    rejected, rejected_key : how many rows of the file could not be read, and the key under which they are kept
    part : what the selection is called that its rows are; "" where it has all rows, or nothing says why these
    parent : the key of the recipe whose map the selection was made on; "" where it has all rows
    """

    name: str
    recipe: Recipe
    roles: Roles
    rows: int
    opened: float = 0.0
    sample: str | None = None
    rejected: int = 0
    project: str | None = None
    better: Recipe | None = None
    rejected_key: str = ""
    texts: tuple[str, ...] = ()
    part: str = ""
    parent: str = ""
    follows: str = ""
    gone: int = 0
    gone_key: str = ""

    @property
    def title(self) -> str:
        """Its name for people; of a selection "Support tickets › card, refund, days, 74 rows"."""
        if not self.recipe.subset:
            return self.name
        if not self.parent:  # made before selections had names
            return f"{self.name} › a selection"
        rows = counted(self.rows, "row")
        return f"{self.name} › {self.part}, {rows}" if self.part else f"{self.name} › {rows}"

    def of_selection(self, subset: str, rows: int, why: str = "") -> Entry:
        """The entry of a map of some of its rows.

        subset : digest of the stored selection
        rows : how many it holds
        why : what it is called
        """
        part = " › ".join(name for name in (self.part, why) if name)
        recipe = replace(self.recipe, subset=subset)
        return replace(self, recipe=recipe, rows=rows, part=part, parent=self.recipe.key, better=None)

    @property
    def link(self) -> dict[str, str]:
        """The query parameters that open it again in the same workspace."""
        if self.sample and not self.project and self.recipe == open_sample(self.sample)[1]:
            return {"sample": self.sample}
        return {"space": self.recipe.key}

    @property
    def dataset(self) -> tuple[Any, ...]:
        """What identifies the dataset, whatever its settings and whichever of its maps it is."""
        model = (self.better or self.recipe).model
        if self.texts:
            return (self.recipe.table, self.texts, model, "a map each")
        return (self.recipe.table, self.recipe.columns, model)

    def map_of(self, column: str) -> Entry:
        """The same dataset with the map of another of its `texts`."""
        better = self.better and replace(self.better, columns=(column,))
        return replace(self, recipe=replace(self.recipe, columns=(column,)), better=better)


def sample_entry(name: str) -> Entry:
    """The entry of a sample as it comes with the app. Raises BadInput where there is no such sample."""
    table, recipe = open_sample(name)
    return Entry(SAMPLES[name].title, recipe, guess_roles(table), len(table), sample=name)


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """An entry as JSON values."""
    better = entry.better.to_json() if entry.better else None
    return {**asdict(entry), "recipe": entry.recipe.to_json(), "better": better}


def entry_from_json(value: dict[str, Any]) -> Entry:
    """The entry that `entry_to_json` wrote.

    Raises
    ------
    KeyError, TypeError or ValueError : on anything else, also on a medium that this version does not know
    """
    roles: dict[str, Any] = {**value["roles"], "text": tuple(value["roles"]["text"])}
    better = Recipe.from_json(value["better"]) if value.get("better") else None
    texts = tuple(value.get("texts", ()))
    recipe = Recipe.from_json(value["recipe"])
    medium_of(recipe)
    return Entry(
        **{
            **value,
            "texts": texts,
            "recipe": recipe,
            "better": better,
            "roles": Roles(**roles),
        }
    )
