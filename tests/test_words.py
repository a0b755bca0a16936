"""One word for one thing: what we used to say is nowhere in the interface, the documents or the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "datasets" / "README.md"]
SCRIPTS = [path for path in (ROOT / "explorer" / "views" / "map").glob("*.*s") if not path.name.endswith(".min.js")]
CODE = [*(ROOT / "explorer").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "streamlit_app.py"]

# What we said, as a pattern, and what we say. CONTRIBUTING.md lists the terms.
OLD = {
    r"where is my question": "Ask or search",
    r"mean alike|lie together": "points close together have similar meaning",
    r"what is in here": "Groups",
    r"stands? together": "Trust closeness, not distances between groups",
    r"strange(r|st|ness)?\b": "outlier score, highest score first, possible outlier",
    r"worth a look": "possible outliers",
    r"(do|does) not belong|belongs nowhere": "outliers",
    r"sparser than its": "in a sparse area",
    r"close from": "minimum similarity",
    r"\blit: ": "Results are highlighted",
    r"\bunlike this|(?<!more )(?<!less )\blike this\b": "more like this, less like this",
    r"left over": "in no group; every row is in a group",
    r"who meets whom": "Groups by label",
    r"take away|take (this|the) filter away": "Download; Remove the filter",
    r"take back": "Undo",
    r"only these": "New map from selection",
    r"not right\?": "Reading options",
    r"not read whole|read whole": "errors or cut",
}


LINKS = {"strange", "strangeness"}  # values in links that people have saved


def strings(path: Path) -> Iterator[str]:
    """The strings of a Python file, f-strings with their parts joined, without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented)
                  and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and not ({id(node)} & (docstrings | inner) or node.value in LINKS)
        ):
            yield node.value


def said() -> Iterator[tuple[str, str]]:
    """Where something is said, and what."""
    for path in CODE:
        for text in strings(path):
            yield str(path.relative_to(ROOT)), text
    for path in SCRIPTS:
        yield str(path.relative_to(ROOT)), "\n".join(re.findall(r'"[^"\n]*"|`[^`]*`', path.read_text(encoding="utf-8")))
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        if path.name == "CONTRIBUTING.md":  # its list names the words that we do not use
            text = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
        yield str(path.relative_to(ROOT)), text


EVERYTHING = list(said())


def test_what_is_searched_holds_the_interface():
    together = " ".join(text for _, text in EVERYTHING)
    for known in ("Ask or search", "Remove this filter", "Drag to move"):
        assert known in together, known


@pytest.mark.parametrize("pattern", OLD, ids=list(OLD))
def test_an_old_word_is_nowhere(pattern):
    found = [f"{place}: {match}" for place, text in EVERYTHING for match in _matches(pattern, text)]
    assert not found, f"Say: {OLD[pattern]}. Found in {found[:12]}"


def _matches(pattern: str, text: str) -> list[str]:
    return [text[max(match.start() - 25, 0) : match.end() + 25].replace("\n", " ")
            for match in re.finditer(pattern, " ".join(text.split()), re.IGNORECASE)]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("Stranger than 0.8", True),
        ("more like this", False),
        ("rows like this one", True),
        ("possible outliers", False),
    ],
)
def test_the_patterns_find_what_they_should(text, old):
    assert any(_matches(pattern, text) for pattern in OLD) is old
