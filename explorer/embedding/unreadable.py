"""Texts that a model cannot read: counted before the build with the model's own tokenizer, which loads in a moment."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from explorer.embedding.models import MULTILINGUAL, find_model, hub_models
from explorer.table.writing import CODE, SEQUENCES, writing_of
from explorer.wording import counted, listed, shorten

SAMPLE = 20_000  # texts that are put through the tokenizer: more of them take longer than a second or two
_MOSTLY = 0.5  # a text is not read where more of its characters are in unknown tokens
_MANY_BYTES = 1.3  # a character: below, most of a text is Latin
_LONG_WORD = re.compile(r"\S{80}")  # some tokenizers give up on long words
_SHOWN = 3


@dataclass(frozen=True)
class Unreadable:
    """What a model cannot read of some texts.

    Attributes
    ----------
    count : texts that it cannot read
    examples : the beginnings of a few of them
    note : a sentence on what was found and one on what to do; empty where it reads them all
    """

    count: int = 0
    examples: tuple[str, ...] = ()
    note: str = ""


def unreadable_texts(texts: Sequence[str | None], model: str, sample: int = SAMPLE) -> Unreadable:
    """Texts that are mostly tokens which the model does not know (scripts, emoji), and columns of sequences, code and
    their like, which it knows only letter by letter.

    model : a key of MODELS, or a Hub id; of one that was not fetched yet nothing is known, and no text is counted
    sample : at most so many distinct texts are put through the tokenizer; the note says so where there were more

    Raises
    ------
    BadInput : where `find_model` does
    """
    times = Counter(text.strip() for text in texts if text and text.strip())
    if not times:
        return Unreadable()
    title = _title(find_model(model).title)
    distinct = list(times)
    sort = writing_of([distinct[place] for place in _spread(len(distinct), 300)])
    if sort in _ADVICE:
        examples = tuple(shorten(text, 40) for text in distinct[:_SHOWN])
        return Unreadable(times.total(), examples, f"Most texts are {sort}: {_ADVICE[sort].format(model=title)}")
    tokenizer = _tokenizer(model)
    if tokenizer is None:
        return Unreadable()
    suspects = [text for text in distinct if len(text.encode()) >= _MANY_BYTES * len(text) or _LONG_WORD.search(text)]
    asked = [suspects[place] for place in _spread(len(suspects), sample)]
    unread = [text for text, share in zip(asked, _unknown(tokenizer, asked), strict=True) if share > _MOSTLY]
    if not unread:
        return Unreadable()
    count = sum(times[text] for text in unread)
    estimated = len(asked) < len(suspects)
    if estimated:
        count = round(count * sum(times[text] for text in suspects) / sum(times[text] for text in asked))
    what, remedy = _scripts(unread, model, title)
    note = (
        f"{'About ' if estimated else ''}{count:,} of {counted(times.total(), 'text')} {'is' if count == 1 else 'are'} "
        f"{what}: they get nearly one vector, whatever they say. {remedy}"
    )
    if estimated:
        note += f" Estimated from {len(asked):,} of the texts in question."
    return Unreadable(count, tuple(shorten(text, 40) for text in unread[:_SHOWN]), note)


_OWN = "Vectors of a model that is made for them can be used instead of it."
_ADVICE = {
    SEQUENCES: f"{{model}} has learned no such thing, and near points share letters rather than meaning. {_OWN}",
    CODE: f"{{model}} has learned from sentences, and near points share words rather than what the code does. {_OWN}",
    **{
        sort: "{model} reads them letter by letter, and near points mean little. Choose another text column."
        for sort in ("hashes", "base64", "identifiers", "figures", "web addresses", "file paths", "JSON", "markup")
    },
    "log lines": "{model} has learned from sentences; near points share the form of a line rather than its cause.",
}


def _spread(count: int, most: int) -> np.ndarray:
    """Numbers below `count` at even distances, at most so many."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64)) if count else np.zeros(0, np.int64)


def _title(title: str) -> str:
    """ "Accurate: MiniLM" is MiniLM."""
    return title.rpartition(": ")[2].rpartition("/")[2]


def _tokenizer(model: str) -> Any:
    """The model's tokenizer, reading whole texts; None where it is not on this machine or knows every text."""
    file = find_model(model).tokenizer()
    return _loaded(file) if file is not None and file.is_file() else None


@lru_cache(maxsize=2)
def _loaded(file: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer if _unknown_tokens(tokenizer) else None


def _unknown_tokens(tokenizer: Any) -> set[int]:
    names = (getattr(tokenizer.model, "unk_token", None), "[UNK]", "<unk>")
    return {found for name in names if name and (found := tokenizer.token_to_id(name)) is not None}


def _unknown(tokenizer: Any, texts: Sequence[str]) -> list[float]:
    """The share of each text's characters, without spaces, that stand in tokens the model does not know."""
    unknown = _unknown_tokens(tokenizer)
    shares = []
    for text, found in zip(texts, tokenizer.encode_batch(list(texts), add_special_tokens=False), strict=True):
        lost = sum(
            sum(not mark.isspace() for mark in text[start:end])
            for token, (start, end) in zip(found.ids, found.offsets, strict=True)
            if token in unknown
        )
        shares.append(lost / max(sum(not mark.isspace() for mark in text), 1))
    return shares


def _scripts(texts: Sequence[str], model: str, title: str) -> tuple[str, str]:
    """What the texts are, such as "in scripts that MiniLM cannot read (Thai, emoji)", and what to do about it."""
    found = Counter(max(names, key=names.count) for names in map(_of, texts) if names)
    names = [name for name, _ in found.most_common()]
    leave = "leave them out with a filter."
    if set(names) <= {"Latin"}:
        return f"words of a hundred letters and more, which {title} cannot read", leave.capitalize()
    if set(names) <= {"emoji", "Latin"}:
        return f"only emoji, which {title} cannot read", leave.capitalize()
    allowed = hub_models()
    if model != MULTILINGUAL and (allowed is None or MULTILINGUAL in allowed):
        leave = f"A multilingual model such as {MULTILINGUAL} reads more scripts; or {leave}"
    return f"in scripts that {title} cannot read ({listed(names, 4)})", leave[0].upper() + leave[1:]


def _of(text: str) -> list[str]:
    """The script of each sign, by the first word of its name in Unicode."""
    names = []
    for mark in text[:200]:
        if mark.isalpha():
            first = unicodedata.name(mark, "unknown").split()[0]
            names.append({"CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese"}.get(first, first.title()))
        elif unicodedata.category(mark) == "So":
            names.append("emoji")
    return names
