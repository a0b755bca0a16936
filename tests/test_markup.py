"""HTML in cells is left out of what is embedded, named, searched and quoted; the table keeps the cells."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from explorer.analysis.search import search
from explorer.building import build
from explorer.media.registry import recipe_for
from explorer.media.text import joined_texts
from explorer.reading.readers import read
from explorer.recipe import Recipe
from explorer.stages import STAGES, key
from explorer.table.markup import columns_with_markup, marked_up, without_markup
from explorer.table.roles import guess_roles
from explorer.table.table import cells_at

CASE = Path(__file__).parent / "data" / "cases" / "html_bodies.csv"


def cleaned(*cells: str | None) -> list[str | None]:
    return without_markup(pa.chunked_array([pa.array(cells, pa.string())])).to_pylist()


def found(cells: list[str | None]) -> bool:
    return columns_with_markup(pa.table({"a": pa.array(cells, pa.string())})) == ("a",)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<p>Came late</p>", "Came late"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>two<br/>three<BR />four", "One\ntwo\nthree\nfour"),
        ("a <b>bold</b>ly <i class='x'>set</i> word", "a boldly set word"),
        ('See <a href="https://example.org/?a=1&b=2">the page</a>.', "See the page."),
        ('<a title="1 > 0" href=x>here</a>', "here"),
        ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>done", "- one\n- two\n\ndone"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("<style>p {color: red}</style><script>if (a<b) {}</script><p>ok</p>", "ok"),
        ("<html><head><title>x</title></head><body>text</body></html>", "text"),
        ("<!-- a comment --><p>text</p><!--[if mso]>x<![endif]-->", "text"),
        ('so good <img src="e.png" alt="😀"> !', "so good 😀 !"),
        ("Fish &amp; chips&nbsp;&ndash; it&#39;s &quot;fine&quot; &euro;5", "Fish & chips – it's \"fine\" €5"),
        ("&lt;p&gt;Tags as &amp;amp; entities&lt;/p&gt;", "Tags as & entities"),
        ("<p>Use &lt;b&gt; for bold</p>", "Use <b> for bold"),
        ("<o:p>From Word</o:p><w:x/>", "From Word"),
        ('<p class="never closed>text</p> and "more" <b>text</b>', "text\nand \"more\" text"),
        ("line one\nline two", "line one\nline two"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("Dear <name>, List<String> and <user@example.org>", "Dear <name>, List<String> and <user@example.org>"),
        ("https://example.org/?a=1&copy=2  two  spaces", "https://example.org/?a=1&copy=2  two  spaces"),
        ("<p>", ""),
        (None, None),
        ("", ""),
    ],
)  # fmt: skip
def test_what_a_cell_becomes(cell, text):
    assert cleaned(cell) == [text]
    assert cleaned("plain", cell, "<b>x</b>", None) == ["plain", text, "x", None]


def test_cells_of_several_chunks():
    column = pa.chunked_array([["a", "b"], [], ["c", None, "d"]])
    assert cells_at(column, np.array([0, 2, 3, 4])).to_pylist() == ["a", "c", None, "d"]
    assert cells_at(column, np.arange(5)).to_pylist() == column.to_pylist()
    assert cells_at(column, np.array([], np.int64)).to_pylist() == []
    assert cells_at(pa.chunked_array([], pa.string()), np.array([], np.int64)).type == pa.string()


def test_which_columns_hold_html():
    assert found(["<p>one</p>", "two", "three"])
    assert found(["Fish &amp; chips"] + ["plain"] * 15)
    assert found(["&lt;p&gt;one&lt;/p&gt;", "two"])
    assert found(["line<br>line"] * 3 + ["plain"] * 10)
    assert found(["<p>Try this:</p><pre><code>def f():\n    return 1\n</code></pre>"] * 5)
    assert not found(["plain words", "R&D & more", None, ""])
    assert not found(["a < b", "c > d", "x<y>z", "p<0.05", "I <3 you", "a<b>c"])
    assert not found(["Dear <name>,", "<user@example.org>", "List<String>", "<https://example.org>"])
    assert not found(["# Title\n\n**bold** and [a link](https://example.org)"] * 3)
    assert not found(['{"body": "<p>x</p>"}'] * 5)
    assert not found(["import React\nconst a = () => <div>x</div>;\nreturn a;"] * 5)
    assert not found(["<p>once</p>"] + ["plain words"] * 50)
    assert not found([None, None])


def test_the_case():
    table = read(CASE)
    assert table.notes == (
        "Column body holds HTML: its tags are left out of the texts on the map, and stay in the table.",
    )
    assert table.arrow.column("body")[0].as_py().startswith('<div class="post"')
    assert marked_up(table) == ("body",)
    assert joined_texts(table.arrow, ("body",), ("body",))[0] == (
        "Wrong address on the shipping label, parcel went back\n\nmore"
    )


def test_embedded_named_searched_and_shown_without_tags(store):
    table = read(CASE)
    store.put("table", table.digest, table.arrow, {"name": table.name})
    space = build(recipe_for(table, guess_roles(table), "fast"), store=store)
    assert not any("<" in text or "href" in text for text in space.texts())
    assert not any("<" in shown.text for shown in space.shown(np.arange(len(space.items))))
    assert not any(word in name.lower() for name in space.clusters.names for word in ("div", "style", "href", "arial"))
    assert len(search(space, "Arial", 5, "keyword").items) == 0
    assert len(search(space, "parcel", 5, "keyword").items) > 0
    assert space.table.column("body")[0].as_py().startswith("<div")


def test_only_markup_changes_a_key():
    plain = Recipe("0" * 32, ("text",), model="fast")
    marked = Recipe("0" * 32, ("text",), model="fast", markup=("text",))
    elsewhere = Recipe("0" * 32, ("text",), model="fast", markup=("other",))
    assert "markup" not in plain.to_json()
    assert Recipe.from_json(marked.to_json()) == marked
    for stage in STAGES:
        assert key(stage, plain) == key(stage, elsewhere)
        assert key(stage, plain) != key(stage, marked)


def test_tags_can_be_kept():
    table = read(CASE)
    assert recipe_for(table, guess_roles(table), "fast").markup == ("body",)
    assert recipe_for(table, guess_roles(table), "fast", keep_markup=True).markup == ()
