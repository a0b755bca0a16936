"""What the columns mean and which model reads them: guessed, shown, and one click to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from explorer.app import session
from explorer.app.wording import literal
from explorer.embedding.models import MODELS, MULTILINGUAL, find_model
from explorer.errors import BadInput
from explorer.library.workspaces import Entry
from explorer.media.text import joined_texts
from explorer.recipe import READY_MADE
from explorer.table.joins import VECTOR_COLUMN
from explorer.table.language import detect
from explorer.table.roles import Roles, guess_roles, kinds, require_content
from explorer.table.table import Table

_FOREIGN_SHARE = 0.15  # of the texts: from here on the reader is told before the wait
_TELLING = 5  # texts: of fewer, a language is a guess
_OTHER_MODEL = "another model"


def choose_roles(table: Table, key: str, guessed: Roles | None = None) -> Roles | None:
    """What to embed, and what describes it; None until there is something to embed. `key` tells tables apart."""
    guessed = guessed or guess_roles(table)
    found = kinds(table)
    vectors = [name for name, kind in found.items() if kind == "vector"]
    texts = [name for name, kind in found.items() if kind not in ("vector", "image")]
    source = "Text"
    if vectors and texts:
        prefer_vectors = VECTOR_COLUMN in vectors or not guessed.text
        source = st.segmented_control(
            "Map by", ["Text", "Ready-made vectors"], default="Ready-made vectors" if prefer_vectors else "Text",
            key=f"source-{VECTOR_COLUMN in vectors}-{key}", required=True,
        )  # fmt: skip
    elif vectors:
        source = "Ready-made vectors"
    first, *others = st.columns([2, 1, 1, 1])
    text: tuple[str, ...] = ()
    vector = None
    if source == "Text":
        text = tuple(
            first.multiselect(
                "Text to embed",
                texts,
                list(guessed.text),
                help="Several columns are joined.",
                key=f"role-text-{key}",
            )
        )
    else:
        vector = first.selectbox("Vectors", vectors, vectors.index(guessed.vector) if guessed.vector in vectors else 0)

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


def choose_model(table: Table, roles: Roles) -> str | None:
    """The model to embed with, by name; None until it is a name."""
    seconds = {name: len(table) / model.texts_per_second for name, model in MODELS.items()}
    titles = {name: f"{MODELS[name].title}, about {_wait(seconds[name])}" for name in MODELS}
    choice = st.radio(
        "Model",
        [*MODELS, _OTHER_MODEL],
        format_func=lambda name: titles.get(name, "Another, by name"),
        key="model",
        captions=[*(model.about for model in MODELS.values()), "Any sentence-transformers model of the Hub."],
    )
    name = choice
    if choice == _OTHER_MODEL:
        name = st.text_input("Name on the Hub", key="model-name", placeholder="owner/name").strip()
        if not name:
            return None
    try:
        model = find_model(name)
    except BadInput as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None
    foreign = _foreign(table.digest, roles.text, _table=table)
    if "en" in model.languages and foreign:
        said = ", ".join(
            f"{100 * share:.0f} % {_LANGUAGES.get(code, 'another language')}"
            for code, share in list(foreign.items())[:3]
        )
        st.warning(f"Of these texts about {said}; this model reads English.", icon=":material/translate:")
        st.button("Use a multilingual model", key="multilingual", on_click=_use_multilingual)
    return name


def change(entry: Entry) -> None:
    """Swap text columns, label or model of what is open; names, tags and decisions stay with their rows."""
    space = session.space_of(entry)
    roles = choose_roles(space.wrapped, entry.recipe.key, entry.roles)
    if roles is None:
        return
    model = READY_MADE if not roles.text else choose_model(space.wrapped, roles)
    if model is not None and st.button("Change", type="primary", key="change-apply"):
        columns = roles.text or (str(roles.vector),)
        recipe = replace(entry.recipe, columns=columns, model=model)
        session.open_entry(replace(entry, recipe=recipe, roles=roles, better=None))
        st.rerun()


def _use_multilingual() -> None:
    st.session_state["model"] = _OTHER_MODEL
    st.session_state["model-name"] = MULTILINGUAL


@st.cache_data(show_spinner=False, max_entries=32)
def _foreign(digest: str, columns: tuple[str, ...], _table: Table) -> dict[str, float]:
    """Languages other than English and their shares, where together they matter."""
    texts = joined_texts(_table.arrow, columns)
    if len(texts) < _TELLING:
        return {}
    shares = detect(texts)
    foreign = {code: share for code, share in shares.items() if code != "en"}
    return (
        {code: share for code, share in foreign.items() if share >= 0.03}
        if sum(foreign.values()) >= _FOREIGN_SHARE
        else {}
    )


def _wait(seconds: float) -> str:
    return f"{max(seconds, 5):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


_LANGUAGES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "ja": "Japanese", "zh": "Chinese", "ko": "Korean", "ru": "Russian", "ar": "Arabic", "pl": "Polish",
    "tr": "Turkish", "sv": "Swedish", "cs": "Czech", "uk": "Ukrainian", "hi": "Hindi", "el": "Greek",
}  # fmt: skip
