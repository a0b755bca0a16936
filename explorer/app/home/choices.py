"""What the columns mean: guessed, shown, and one click to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from explorer.app import session
from explorer.app.cache import cached
from explorer.app.home.models import Maps, Texts, choose_model
from explorer.app.wording import literal
from explorer.errors import BadInput
from explorer.library.workspaces import Entry
from explorer.media.registry import medium_of, recipe_for
from explorer.table.embeddings import own_vectors_first
from explorer.table.joins import VECTOR_COLUMN
from explorer.table.markup import marked_up
from explorer.table.ours import ours
from explorer.table.roles import Roles, guess_roles, kinds, open_texts, require_content
from explorer.table.table import Table
from explorer.wording import listed

_TEXTS = "Embed the texts"
_ONE, _EACH = "One map of all texts", "A map for each column"


def choose_roles(table: Table, key: str, guessed: Roles | None = None) -> Roles | None:
    """What to embed, and what describes it; None until there is something to embed. `key` tells tables apart."""
    fresh = guessed is None
    if guessed is None:
        guessed = guess_roles(table)
        guessed = replace(guessed, text=open_texts(table) or guessed.text)
    found = kinds(table)
    vectors = [name for name, kind in found.items() if kind == "vector"]
    made = ours(table.columns)
    texts = [
        name for name, kind in found.items()
        if kind not in ("vector", "image") and (name not in made or name in guessed.text)
    ]  # fmt: skip
    own = bool(vectors)
    if vectors and texts:
        plainly = VECTOR_COLUMN in vectors or _own_first(table.digest, guessed.vector, _table=table)
        own = _own_or_texts(not guessed.text or (fresh and plainly), VECTOR_COLUMN in vectors, key)
    first, *others = st.columns([2, 1, 1, 1])
    text: tuple[str, ...] = ()
    vector = None
    if own:
        at = vectors.index(guessed.vector) if guessed.vector in vectors else 0
        vector = first.selectbox("Vectors", vectors, at, key=f"role-vector-{key}")
    else:
        text = tuple(first.multiselect("Text to embed", texts, list(guessed.text), key=f"role-text-{key}"))

    def pick(place: int, title: str, name: str | None, wanted: Sequence[str]) -> str | None:
        options = [column for column, kind in found.items() if kind in wanted and column not in text]
        return others[place].selectbox(
            title,
            options,
            options.index(name) if name in options else None,
            placeholder="none",
            key=f"role-{title}-{key}",
        )

    roles = replace(
        guessed,
        text=text,
        vector=vector,
        label=pick(0, "Label", guessed.label, ("category", "number", "text")),
        number=pick(1, "Number", guessed.number, ("number",)),
        date=pick(2, "Date", guessed.date, ("date",)),
    )
    try:
        require_content(table, replace(roles, image=None))
    except BadInput as error:
        st.warning(
            literal(str(error).replace("name a column with --text", "choose a column above")), icon=":material/edit:"
        )
        return None
    return roles


def _own_or_texts(prefer_own: bool, joined: bool, key: str) -> bool:
    """Ask which of the two a map is made of: vectors that are there, or the texts. Whether it is the vectors.

    joined : whether the vectors came in a second file
    """
    own = "The second file's vectors" if joined else "This file's own vectors"
    chosen = st.radio(
        "The map is made of", [own, _TEXTS], 0 if prefer_own else 1, key=f"source-{joined}-{key}", horizontal=True,
        captions=[
            "The map of the model that made them. Questions find words only. The texts still name the groups, stand in "
            "the hover and serve keyword search.",
            "A model chosen here reads the texts, and questions by meaning find them. The vectors are not used.",
        ],
    )  # fmt: skip
    return chosen == own


@cached()
def _own_first(digest: str, column: str | None, _table: Table) -> bool:
    return own_vectors_first(_table, column)


def keep_markup(table: Table, columns: Sequence[str], key: str) -> bool:
    """Whether HTML in these columns' cells is embedded as it stands. Asks where there is some."""
    held = [name for name in marked_up(table) if name in columns]
    if not held:
        return False
    return not st.checkbox(
        "HTML in cells is left out of the texts", value=True, key=f"markup-{key}",
        help=f"Tags and entities such as &amp; in {listed(held, 5)}. They stay in the table.",
    )  # fmt: skip


def choose_maps(table: Table, roles: Roles, key: str, apart: bool | None = None) -> Maps:
    """The text columns of each map: all of them joined, or each of them alone. Asks where there are several.

    apart : whether each has a map of its own at first; by default where they all hold what people wrote freely
    """
    if len(roles.text) < 2:
        return (roles.text,)
    if apart is None:
        apart = set(roles.text) <= set(open_texts(table))
    chosen = st.segmented_control(
        "Maps", [_ONE, _EACH], default=_EACH if apart else _ONE, key=f"maps-{key}", required=True,
        help="One map joins the columns of a row to one text. With a map for each column a switch on every page leads "
        "from one to the other; filter, selection, names and tags stay.",
    )  # fmt: skip
    return tuple((name,) for name in roles.text) if chosen == _EACH else (roles.text,)


def each_alone(maps: Maps) -> tuple[str, ...]:
    """What an entry calls `texts`: the columns that have a map each; empty where there is one map."""
    return tuple(columns[0] for columns in maps) if len(maps) > 1 else ()


@st.fragment
def change(entry: Entry) -> None:
    """Swap text columns, label or model of what is open; names, tags and decisions stay with their rows."""
    space = session.space_of(entry)
    roles = choose_roles(space.wrapped, entry.recipe.key, entry.roles)
    if roles is None:
        return
    maps = choose_maps(space.wrapped, roles, entry.recipe.key, bool(entry.texts))
    wanted = entry.better or entry.recipe  # the model that was asked for, also while it is made behind a fast map
    current = wanted.model if medium_of(wanted).needs_model else None
    key = f"change-model-{wanted.key}"
    texts = Texts(space.wrapped, maps, wanted.markup)
    model = choose_model(texts, current, key) if roles.text else ""
    if model is not None and st.button("Change", type="primary", key="change-apply"):
        here = entry.recipe.columns if entry.recipe.columns in maps else maps[0]
        made = recipe_for(wanted.table, replace(roles, text=here), model)
        recipe = replace(wanted, columns=made.columns, model=made.model)
        changed = replace(entry, roles=roles, texts=each_alone(maps))
        if roles != entry.roles:
            changed = replace(changed, sample=None)  # as it ships, a sample has its own
        if recipe != wanted:
            changed = replace(changed, recipe=recipe, better=None)
        session.open_entry(changed)
        st.rerun()
