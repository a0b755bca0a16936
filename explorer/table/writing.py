"""What a column of strings holds: what people wrote, or addresses, hashes, code, log lines and their like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

LANGUAGE = "language"
SEQUENCES = "sequences"  # of bases, amino acids or atoms
CODE = "source code"

_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z!?][^<>]{0,500}>", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]")
# A name with underscores counts once, however long: people write of them too.
_MARKS = re.compile(r"[{};=<>|\\]|(?<!\w)[^\W_]*+_\w*+|(?<=\w)\(|\(\)")
_PATH = re.compile(
    r"(?:[A-Za-z]:[\\/]|\\\\|~?/|\.{1,2}/)(?:[^\s/\\<>]+[\\/])*[^\s/\\<>]*|(?:[^\s/\\<>]+[\\/]){2,}[^\s/\\<>]*"
    r"|[^\s/\\<>]+[\\/][^\s/\\<>]+\.\w{1,5}|(?:[A-Za-z]:\\|/)[^\n<>]+\.\w{1,5}"
)
# Atoms and bonds, with a branch, a bond of two or a ring somewhere.
_SMILES = re.compile(
    r"(?=\S*[=#(\[]|\S*[A-Za-z](\d)[A-Za-z]\S*[A-Za-z]\1)(?=\S*[A-Za-z])"
    r"(?:Cl|Br|[BCNOPSFIHbcnops]|\[\d{0,3}(?:[A-Z][a-z]?|[bcnops])[@+\-\dH]*\]|[\d@+()=#$%/\\.-])+"
)
_BASE64 = re.compile(r"(?=\S*\d)(?=\S*[a-z])(?=\S*[A-Z])[A-Za-z0-9+/_-]{16,}={0,2}")
_STREETS = (
    r"street|avenue|road|boulevard|lane|drive|court|square|terrace|highway|parkway|suite|st|ave|rd|blvd|ln|dr|ct|pl|hwy"
)

# Read in this order; the first that fits a cell counts. None may take more than a moment for any cell.
_SORTS = (
    ("web addresses", re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.|data:)\S+", re.IGNORECASE)),
    ("mail addresses", re.compile(r"(?:[^@<>]{1,60}<)?[^@\s<>]{1,80}@[^@\s<>]{1,80}\.[a-zA-Z]{2,20}>?")),
    (SEQUENCES, re.compile(r">?[ACGTUN\s-]{12,}|[ACGTUN\s-]{12,}", re.IGNORECASE)),
    (SEQUENCES, re.compile(r"[ACDEFGHIKLMNPQRSTVWYX*-]{20,}")),
    ("hashes", re.compile(r"(?:0x)?[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)),
    ("file paths", _PATH),
    (SEQUENCES, _SMILES),
    ("base64", _BASE64),
    ("identifiers", re.compile(r"(?=\S*[\d_])(?:(?![,;!?])[!-~])+")),
    ("JSON", re.compile(r"(?:\{\s*[\"'}]|\[\s*(?:[\"'{\[]|-?[\d.]{1,30}\s*,)).*", re.DOTALL)),
    (
        "log lines",
        re.compile(
            r".{0,40}\d\d:\d\d:\d\d.{0,60}?"
            r"(?:\b(?:INFO|WARN(?:ING)?|ERROR|DEBUG|TRACE|FATAL|NOTICE|CRITICAL)\b|\w\[\d+\]:).*"
            r"|\[?(?:INFO|WARN(?:ING)?|ERROR|DEBUG|TRACE|FATAL)[\]:].*"
            r"|\d{1,3}(?:\.\d{1,3}){3} \S+ \S+ \[.*",
            re.DOTALL,
        ),
    ),
    (
        CODE,
        re.compile(
            r"\s*(?:def \w+\(|class \w+[(:{]|import [\w.]+\s*(?:;|$|\n| as )|from [\w.]+ import |#include|<\?php"
            r"|package [\w.]+;|\w+\s*=\s*(?:lambda|function)\b|#!/"
            r"|(?:public|private|protected|static|async|export) .*[({]|function\s*\w*\(|(?:const|let|var) \w+ ?="
            r"|select\s+(?:\*|distinct\b|[\w.]+\s*,|\w+\(|\w+\s+from\s+\w+\s*(?:;|$|where|join|group|order|limit))"
            r"|insert\s+into\s|update \w+ set \w+ ?=|create (?:table|index|view) ).*",
            re.DOTALL | re.IGNORECASE,
        ),
    ),
    (
        "street addresses",
        re.compile(
            rf"\d{{1,6}}[A-Za-z]?,? (?:[^\s,]+ ){{1,3}}(?:{_STREETS})\b\.?(?:[,\s].{{0,80}})?"
            r"|.{0,40}(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|straat|laan|gatan|vej|gade) ?\d{1,4}.{0,60}"
            r"|(?:\d{1,4},? )?(?:rue|avenue|calle|via|viale|piazza|rua|ulica|ul\.|av\.|avda\.?|plaza) .{2,60}\d.{0,60}",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip


def writing_of(texts: Sequence[str]) -> str:
    """What most of the texts are: LANGUAGE, SEQUENCES, CODE, or by name "web addresses", "JSON" and so on.

    Tags of HTML count for nothing where language is left without them.
    """
    sorts = Counter(map(_sort, texts[:300]))
    if not sorts:
        return LANGUAGE
    sort, count = sorts.most_common(1)[0]
    return sort if 2 * count > sorts.total() else LANGUAGE


def _sort(text: str) -> str:
    text = text.strip()[:1000]
    for name, pattern in _SORTS:
        if pattern.fullmatch(text):
            return name
    plain = _TAG.sub(" ", text)
    if len(plain.strip()) < len(text) and len(plain.split()) < 3:
        return "markup"
    dense = sum(not mark.isspace() for mark in plain) or 1
    if "\n" in plain and _is_code(plain):
        return CODE
    if len(_MARKS.findall(plain)) > 0.12 * dense:
        return CODE
    # Emoji are none, and neither are scripts whose vowels are marks.
    return (
        "figures"
        if sum(mark.isascii() and not mark.isalpha() for mark in plain if mark > " ") > 0.6 * dense
        else LANGUAGE
    )


def _is_code(text: str) -> bool:
    """Whether most lines end or begin as lines of code do."""
    lines = [line for line in text.splitlines() if line.strip()]
    coded = sum(
        bool(re.search(r"[;{}:)\],\\]\s*$|^\s*[})#@]|^\s*(?:return|if|for|while|else|elif)\b.*[:({]", line))
        for line in lines
    )
    return len(lines) > 2 and coded > 0.6 * len(lines) and len(_MARKS.findall(text)) > 0.04 * len(text)
