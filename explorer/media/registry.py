"""`MEDIA`: the kinds of content that there are, by name."""

from __future__ import annotations

from explorer.media.medium import Medium
from explorer.media.text import TextMedium
from explorer.media.vector import VectorMedium
from explorer.recipe import READY_MADE, Recipe
from explorer.table.roles import Roles

MEDIA: dict[str, Medium] = {"text": TextMedium(), "vector": VectorMedium()}


def recipe_for(table: str, roles: Roles, model: str, *, passages: bool = True) -> Recipe:
    """The recipe of what roles name in a table: their texts, read by a model, or else their ready-made vectors.

    table : digest of the stored table
    """
    if roles.text:
        return Recipe(table, roles.text, model=model, passages=passages)
    return Recipe(table, (str(roles.vector),), model=READY_MADE, passages=passages)


def medium_of(recipe: Recipe) -> Medium:
    """The medium of a recipe's items."""
    return MEDIA[recipe.medium or ("vector" if recipe.model == READY_MADE else "text")]
