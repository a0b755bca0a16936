"""What the columns mean and which model reads them: guessed, shown, and one click to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import streamlit as st

from explorer.app import session
from explorer.app.cache import cached
from explorer.app.wording import literal
from explorer.embedding import rates
from explorer.embedding.models import MODELS, MULTILINGUAL, find_model
from explorer.errors import BadInput
from explorer.library.workspaces import Entry
from explorer.media.registry import medium_of, recipe_for
from explorer.media.text import joined_texts
from explorer.table.joins import VECTOR_COLUMN
from explorer.table.language import detect
from explorer.table.roles import Roles, guess_roles, kinds, require_content
from explorer.table.table import Table
from explorer.wording import counted

_FOREIGN_SHARE = 0.15  # of the texts: from here on the reader is told before the wait
_FEW_SECONDS = 5  # below, a number would say more than is known
_MINILM_READS, _OTHERS_READ = 256, 512  # tokens of a text; other models tell that only once they are loaded
# How full passages are: they end with a sentence and begin with the last one before. 24 articles of 490 to 1,835 tokens
# make 115 passages of MiniLM's, and by this number 114.
_FULL = 0.75
_TELLING = 5  # texts: of fewer, a language is a guess
_OTHER_MODEL, _BY_NAME = "another model", "Another, by name"


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


def choose_model(table: Table, roles: Roles, current: str | None = None, key: str = "model") -> str | None:
    """The model to embed with, by name; None until it is a name.

    current : the model that is chosen at first, packaged or of the Hub; MiniLM where there is none
    key : of the widgets, where more than one chooser may be drawn in a session
    """
    lengths, count = _sampled(table, roles)
    asked = st.session_state.setdefault(key, _OTHER_MODEL if current and current not in MODELS else current or "minilm")
    # What somebody chose is not taken away.
    offered = [name for name in MODELS if name in (asked, current) or rates.worth_offering(name, lengths)]
    waits = {name: _wait(rates.seconds_for(name, lengths, count)) for name in offered}
    choice = st.radio(
        "Model",
        [*offered, _OTHER_MODEL],
        format_func=lambda name: f"{MODELS[name].title}, reads this in {waits[name]}" if name in waits else _BY_NAME,
        key=key,
        captions=[*(MODELS[name].about for name in offered), "Any sentence-transformers model of the Hub."],
    )
    name = choice
    if choice == _OTHER_MODEL:
        st.session_state.setdefault(f"{key}-name", current if current and current not in MODELS else "")
        name = st.text_input("Name on the Hub", key=f"{key}-name", placeholder="owner/name").strip()
        if not name:
            return None
    try:
        model = find_model(name)
    except BadInput as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None
    foreign = _foreign(table.digest, roles.text, _table=table)
    if "en" in model.languages and foreign:
        shares = ", ".join(
            f"{100 * share:.0f} % {_LANGUAGES.get(code, 'another language')}"
            for code, share in list(foreign.items())[:3]
        )
        st.warning(f"Of these texts about {shares}; this model reads English.", icon=":material/translate:")
        st.button("Use a multilingual model", key=f"{key}-multilingual", on_click=_use_multilingual, args=(key,))
    return name


def choose_passages(table: Table, roles: Roles, model: str, key: str) -> bool:
    """Whether texts longer than the model reads become several items. Asks where there are such, and says how many
    items they make. `key` is the widget's."""
    limit = _limit(model)
    if limit is None or not roles.text:
        return True
    lengths, count = _sampled(table, roles)
    longer, items = in_passages(lengths, limit)
    if not longer:
        return True
    scale = count / len(lengths)
    whole = st.checkbox("Keep each text in one piece (its end is cut)", key=key)
    texts, about = round(longer * scale), "" if scale == 1 else "about "
    if whole:
        st.caption(f"{about.capitalize()}{texts:,} of {counted(count, 'text')} are cut at what this model reads.")
    else:
        st.caption(
            f"{about.capitalize()}{texts:,} of {counted(count, 'text')} {'is' if texts == 1 else 'are'} longer than "
            f"this model reads: {'it becomes' if texts == 1 else 'they become'} passages, about "
            f"{_rounded(items * scale):,} items in all."
        )
    return not whole


def in_passages(lengths: np.ndarray, limit: int) -> tuple[int, float]:
    """How many texts are longer than a model reads, and about how many items all of them make.

    lengths : tokens of each text, int of shape (n,)
    limit : tokens that the model reads
    """
    longer = lengths > limit
    parts = np.maximum(lengths[longer] / (_FULL * limit) + 0.5, 2)
    return int(longer.sum()), float((~longer).sum() + parts.sum())


def _limit(model: str) -> int | None:
    """Tokens that a model reads of a text; None where it reads all of it."""
    if not find_model(model).cuts:
        return None
    own = model == "minilm" or find_model(model).quicker_form_of == "minilm"
    return _MINILM_READS if own else _OTHERS_READ


def _rounded(items: float) -> int:
    """To three digits: more would say more than is known."""
    return int(float(f"{items:.3g}"))


@st.fragment
def change(entry: Entry) -> None:
    """Swap text columns, label or model of what is open; names, tags and decisions stay with their rows."""
    space = session.space_of(entry)
    roles = choose_roles(space.wrapped, entry.recipe.key, entry.roles)
    if roles is None:
        return
    wanted = entry.better or entry.recipe  # the model that was asked for, also while it is made behind a fast map
    current = wanted.model if medium_of(wanted).needs_model else None
    key = f"change-model-{wanted.key}"
    model = choose_model(space.wrapped, roles, current, key) if roles.text else ""
    if model is not None and st.button("Change", type="primary", key="change-apply"):
        made = recipe_for(wanted.table, roles, model)
        recipe = replace(wanted, columns=made.columns, model=made.model)
        changed = replace(entry, roles=roles)
        if roles != entry.roles:
            changed = replace(changed, sample=None)  # as it ships, a sample has its own
        if recipe != wanted:
            changed = replace(changed, recipe=recipe, better=None)
        session.open_entry(changed)
        st.rerun()


def seconds_to_embed(table: Table, roles: Roles, model: str) -> float:
    """How long a model will take to read the texts of these columns on this machine."""
    return rates.seconds_for(model, *_sampled(table, roles))


def _use_multilingual(key: str) -> None:
    st.session_state[key] = _OTHER_MODEL
    st.session_state[f"{key}-name"] = MULTILINGUAL


def _sampled(table: Table, roles: Roles) -> tuple[np.ndarray, int]:
    """Tokens of a sample of the texts, and how many distinct texts there are."""
    return _lengths(table.digest, roles.text, _table=table)


@cached()
def _lengths(digest: str, columns: tuple[str, ...], _table: Table) -> tuple[np.ndarray, int]:
    arrow = _table.arrow.select(list(dict.fromkeys(columns)))
    if not arrow.num_rows or not columns:
        return np.zeros(0, np.int64), arrow.num_rows
    try:
        distinct = arrow.group_by(arrow.column_names, use_threads=False).aggregate([])
    except pa.ArrowNotImplementedError:  # lists and the like
        distinct = arrow
    rows = np.unique(np.linspace(0, distinct.num_rows - 1, rates.SAMPLE).astype(int))
    return rates.token_lengths(joined_texts(distinct.take(rows), columns)), distinct.num_rows


@cached()
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
    if seconds < _FEW_SECONDS:
        return "a few seconds"
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"


_LANGUAGES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "ja": "Japanese", "zh": "Chinese", "ko": "Korean", "ru": "Russian", "ar": "Arabic", "pl": "Polish",
    "tr": "Turkish", "sv": "Swedish", "cs": "Czech", "uk": "Ukrainian", "hi": "Hindi", "el": "Greek",
}  # fmt: skip
