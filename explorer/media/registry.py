"""`MEDIA`: the kinds of content that there are, by name."""

from __future__ import annotations

from explorer.media.medium import Medium
from explorer.media.text import TextMedium
from explorer.media.vector import VectorMedium
from explorer.recipe import READY_MADE, Recipe
from explorer.table.markup import marked_up
from explorer.table.roles import Roles
from explorer.table.table import Table

MEDIA: dict[str, Medium] = {"text": TextMedium(), "vector": VectorMedium()}


def recipe_for(
    table: Table | str, roles: Roles, model: str, *, passages: bool = True, keep_markup: bool = False
) -> Recipe:
    """The recipe of what roles name in a table: their texts, read by a model, or else their ready-made vectors.

    table : the table, or the digest of a stored one, in whose cells HTML is not looked for
    keep_markup : whether HTML in cells is read as it stands
    """
    digest = table if isinstance(table, str) else table.digest
    markup = () if keep_markup or isinstance(table, str) else marked_up(table)
    if roles.text:
        return Recipe(digest, roles.text, model=model, passages=passages, markup=markup)
    return Recipe(digest, (str(roles.vector),), model=READY_MADE, passages=passages, markup=markup)


def medium_of(recipe: Recipe) -> Medium:
    """The medium of a recipe's items."""
    return MEDIA[recipe.medium or ("vector" if recipe.model == READY_MADE else "text")]
