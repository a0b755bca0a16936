"""Which model reads the texts: Accurate or Fast, the rest under Other, each with its wait on this machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import streamlit as st

from explorer.app.cache import cached
from explorer.app.wording import literal
from explorer.embedding import rates
from explorer.embedding.models import MODELS, MULTILINGUAL, find_model, hub_models
from explorer.embedding.unreadable import unreadable_texts
from explorer.errors import BadInput
from explorer.media.text import joined_texts
from explorer.table.language import detect
from explorer.table.table import Table
from explorer.wording import counted

Maps = tuple[tuple[str, ...], ...]  # the text columns of each map, joined; most often one map

USUAL = ("minilm", "fast")
OTHER = "other"
_BY_NAME = "by name"
_FOREIGN_SHARE = 0.15  # of the texts: from here on the reader is told before the wait
_FEW_SECONDS = 5  # below, a number would say more than is known
_MINILM_READS, _OTHERS_READ = 256, 512  # tokens of a text; other models tell that only once they are loaded
# How full passages are: they end with a sentence and begin with the last one before. 24 articles of 490 to 1,835 tokens
# make 115 passages of MiniLM's, and by this number 114.
_FULL = 0.75
_TELLING = 5  # texts: of fewer, a language is a guess


@dataclass(frozen=True, eq=False)
class Texts:
    """What a model is to read.

    Attributes
    ----------
    maps : the text columns of each map
    markup : columns whose HTML is left out
    """

    table: Table
    maps: Maps
    markup: tuple[str, ...] = ()

    def sampled(self) -> tuple[np.ndarray, int]:
        """Tokens of a sample of the texts of all maps, and how many distinct texts there are."""
        each = [texts_sampled(self.table.digest, columns, self.markup, _table=self.table) for columns in self.maps]
        return np.concatenate([lengths for lengths, _ in each] or [np.zeros(0, np.int64)]), sum(n for _, n in each)


def choose_model(texts: Texts, current: str | None = None, key: str = "model") -> str | None:
    """The model to embed with, by name; None until it is a name.

    current : the model that is chosen at first, packaged or of the Hub; MiniLM where there is none
    key : of the widgets, where more than one chooser may be drawn in a session
    """
    lengths, count = texts.sampled()
    start = current or USUAL[0]
    st.session_state.setdefault(key, start if start in USUAL else OTHER)
    waits = {name: _wait(rates.seconds_for(name, lengths, count)) for name in USUAL}
    choice = st.radio(
        "Model",
        [*USUAL, OTHER],
        format_func=lambda name: f"{MODELS[name].title}, {waits[name]}" if name in waits else "Other",
        key=key,
        captions=[*(MODELS[name].about for name in USUAL), ""],
    )
    name = _other(lengths, count, current, key) if choice == OTHER else choice
    if not name:
        return None
    try:
        model = find_model(name)
    except BadInput as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None
    columns = tuple(name for each in texts.maps for name in each)
    foreign = _foreign(texts.table.digest, columns, texts.markup, _table=texts.table)
    if unread := _unreadable(texts.table.digest, columns, texts.markup, name, _table=texts.table):
        st.warning(literal(unread), icon=":material/visibility_off:")
    if "en" in model.languages and foreign:
        shares = ", ".join(
            f"{100 * share:.0f} % {_LANGUAGES.get(code, 'another language')}"
            for code, share in list(foreign.items())[:3]
        )
        st.warning(f"Of these texts about {shares}; this model reads English.", icon=":material/translate:")
        if MULTILINGUAL in _of_hub():
            st.button("Use a multilingual model", key=f"{key}-multilingual", on_click=_use_multilingual, args=(key,))
    return name


def _other(lengths: np.ndarray, count: int, current: str | None, key: str) -> str:
    """A model beside the usual ones: packaged, of the Hub, or any of the Hub by its name; "" until there is one."""
    listed = f"{key}-other"
    asked = st.session_state.get(listed)
    # What somebody chose is not taken away.
    packaged = [
        name for name in MODELS
        if name not in USUAL and (name in (asked, current) or rates.worth_offering(name, lengths))
    ]  # fmt: skip
    own = [current] if current and current not in MODELS and current not in _of_hub() else []
    offered = [*packaged, *_of_hub(), *own, *([_BY_NAME] if hub_models() is None else [])]
    if asked not in offered:
        st.session_state[listed] = current if current in offered else offered[0]

    def title(name: str) -> str:
        if name == _BY_NAME:
            return "Any sentence-transformers model of the Hub, by name"
        shown = "Multilingual: MiniLM, 50 languages" if name == MULTILINGUAL else find_model(name).title
        return f"{shown}, {_wait(rates.seconds_for(name, lengths, count))}"

    name = st.selectbox("Other models", offered, key=listed, format_func=title, label_visibility="collapsed")
    if name == _BY_NAME:
        return st.text_input("Name on the Hub", key=f"{key}-name", placeholder="owner/name").strip()
    about = MODELS[name].about if name in MODELS else "From the Hugging Face Hub, fetched at its first use."
    st.caption(about)
    return name


def _of_hub() -> tuple[str, ...]:
    """The models of the Hub that are listed: the multilingual one, or those that the operator allows."""
    allowed = hub_models()
    return (MULTILINGUAL,) if allowed is None else allowed


def _use_multilingual(key: str) -> None:
    st.session_state[key] = OTHER
    st.session_state[f"{key}-other"] = MULTILINGUAL


def choose_passages(texts: Texts, model: str, key: str) -> bool:
    """Whether texts longer than the model reads become several items. Asks where there are such, and says how many
    items they make. `key` is the widget's."""
    limit = _limit(model)
    if limit is None:
        return True
    lengths, count = texts.sampled()
    longer, items = in_passages(lengths, limit)
    if not longer:
        return True
    scale = count / len(lengths)
    whole = st.checkbox("Keep each text in one piece (its end is cut)", key=key)
    cut, about = round(longer * scale), "" if scale == 1 else "about "
    if whole:
        st.caption(f"{about.capitalize()}{cut:,} of {counted(count, 'text')} are cut at what this model reads.")
    else:
        st.caption(
            f"{about.capitalize()}{cut:,} of {counted(count, 'text')} {'is' if cut == 1 else 'are'} longer than "
            f"this model reads: {'it becomes' if cut == 1 else 'they become'} passages, about "
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


def seconds_to_embed(texts: Texts, model: str) -> float:
    """How long a model will take to read the texts on this machine."""
    return rates.seconds_for(model, *texts.sampled())


def _limit(model: str) -> int | None:
    """Tokens that a model reads of a text; None where it reads all of it."""
    if not find_model(model).cuts:
        return None
    own = model == "minilm" or find_model(model).quicker_form_of == "minilm"
    return _MINILM_READS if own else _OTHERS_READ


def _rounded(items: float) -> int:
    """To three digits: more would say more than is known."""
    return int(float(f"{items:.3g}"))


@cached()
def texts_sampled(
    digest: str, columns: tuple[str, ...], markup: tuple[str, ...] = (), *, _table: Table
) -> tuple[np.ndarray, int]:
    """Tokens of a sample of the texts of one map, and how many distinct texts there are."""
    arrow = _table.arrow.select(list(dict.fromkeys(columns)))
    if not arrow.num_rows or not columns:
        return np.zeros(0, np.int64), arrow.num_rows
    try:
        distinct = arrow.group_by(arrow.column_names, use_threads=False).aggregate([])
    except pa.ArrowNotImplementedError:  # lists and the like
        distinct = arrow
    rows = np.unique(np.linspace(0, distinct.num_rows - 1, rates.SAMPLE).astype(int))
    return rates.token_lengths(joined_texts(distinct.take(rows), columns, markup)), distinct.num_rows


@cached()
def _foreign(digest: str, columns: tuple[str, ...], markup: tuple[str, ...], _table: Table) -> dict[str, float]:
    """Languages other than English and their shares, where together they matter."""
    texts = joined_texts(_table.arrow, columns, markup)
    if len(texts) < _TELLING:
        return {}
    shares = detect(texts)
    foreign = {code: share for code, share in shares.items() if code != "en"}
    return (
        {code: share for code, share in foreign.items() if share >= 0.03}
        if sum(foreign.values()) >= _FOREIGN_SHARE
        else {}
    )


@cached()
def _unreadable(digest: str, columns: tuple[str, ...], markup: tuple[str, ...], model: str, _table: Table) -> str:
    """What the model cannot read of these texts; "" where it reads them all."""
    return unreadable_texts(joined_texts(_table.arrow, columns, markup), model).note


def _wait(seconds: float) -> str:
    if seconds < _FEW_SECONDS:
        return "a few seconds"
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"


_LANGUAGES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "ja": "Japanese", "zh": "Chinese", "ko": "Korean", "ru": "Russian", "ar": "Arabic", "pl": "Polish",
    "tr": "Turkish", "sv": "Swedish", "cs": "Czech", "uk": "Ukrainian", "hi": "Hindi", "el": "Greek",
}  # fmt: skip
