"""One entry makes a stage, a medium, an answer or a page part of everything: a throw-away one of each is run."""

import json
import shutil
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import streamlit as st
from examples import table_of
from streamlit.testing.v1 import AppTest
from visits import ROOT, drawn, healthy, maps, visit

import explorer
from explorer import budget
from explorer.answers.answer import Answer, asked, count
from explorer.answers.registry import ANSWERS, ask
from explorer.app import session
from explorer.app.pages import PAGES, Page
from explorer.building import build
from explorer.library import holdings
from explorer.library.workspaces import Entry, Workspace
from explorer.media.items import linked
from explorer.media.medium import Shown
from explorer.media.registry import MEDIA
from explorer.media.text import digest_of
from explorer.recipe import Projection, Recipe
from explorer.stages import STAGES, Stage, entry_name, key
from explorer.store.eviction import is_computed
from explorer.table.roles import Roles

WORDS = ["apple", "avocado", "bread", "butter", "cheese", "carrot", "date", "dill", "egg", "endive", "fig", "fennel"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    for kept in (session.store, session.jobs):  # the app's own, which other tests of this process share
        kept.clear()
    yield tmp_path / "home"
    for kept in (session.store, session.jobs):
        kept.clear()


@pytest.fixture
def recipe(store):
    table = table_of(word=WORDS)
    store.put("table", table.digest, table.arrow)
    return Recipe(table.digest, ("word",), model="fast")


# -- a stage -----------------------------------------------------------------------------------------


def _make_lengths(space, progress):
    progress(0, len(space.items))
    lengths = np.array([len(text) for text in space.texts()], np.int32)
    space.store.put_arrays("lengths", space.key("lengths"), lengths=lengths)


def _load_lengths(space):
    stored = space.store.get_arrays("lengths", space.key("lengths"))
    return None if stored is None else stored[0]["lengths"]


@pytest.fixture
def lengths(monkeypatch):
    stage = Stage(
        step="measure",
        doing="Measuring words",
        part="lengths",
        version=1,
        needs=("items",),
        reads=lambda recipe: (),
        make=_make_lengths,
        load=_load_lengths,
        bytes=lambda items, dimensions, recipe: 10**9 * items,
    )
    monkeypatch.setitem(STAGES, "lengths", stage)


def test_a_stage_is_built_stored_counted_and_deleted(store, recipe, lengths):
    seen, seconds = [], {}
    space = build(recipe, lambda step, *_: seen.append(step), store, seconds)
    assert space.load("lengths").tolist() == [len(word) for word in WORDS]
    assert "measure" in seen
    assert seconds["measure"] >= 0
    assert store.has("lengths", key("lengths", recipe))
    again = build(recipe, lambda step, *_: seen.append(f"again {step}"), store)
    assert again.load("lengths").tolist() == [len(word) for word in WORDS]
    assert "again measure" not in seen
    workspace = Workspace(store)
    entry = workspace.remember(Entry("words", recipe, Roles(text=("word",)), len(WORDS)))
    assert "lengths" in holdings.parts()
    assert holdings.sizes(store, [entry]).parts["lengths"] > 0
    assert is_computed("lengths")
    assert budget.need(1_000, 8) > 10**12, "what it takes is asked for before a build"
    holdings.delete(workspace, entry)
    assert [stored.kind for stored in store.entries() if stored.kind != "documents"] == []


def test_a_stage_stands_in_the_list_of_the_storage_command(run, home, tmp_path, lengths):
    file = tmp_path / "words.csv"
    file.write_text("word\n" + "\n".join(WORDS))
    code, out, err = run("map", file, "--text", "word", "--model", "fast", "--json")
    assert code == 0, err
    assert json.loads(out)["seconds"]["measure"] >= 0
    code, out, _ = run("storage", "--json")
    assert json.loads(out)["kinds"]["lengths"]["entries"] == 1


# -- a medium ----------------------------------------------------------------------------------------


class Initials:
    """Words by their first letters: two words of one letter are one item."""

    reads_questions = False
    needs_model = False

    def dimensions(self, table, recipe):
        return 6

    def reads(self, recipe):
        return (recipe.medium,)

    def asks_model(self, recipe):
        return False

    def items(self, table, recipe, rows):
        letters = [word[0] for word in table.column(recipe.columns[0]).to_pylist()]
        distinct = sorted(set(letters))
        codes = np.array([distinct.index(letter) for letter in letters])
        return linked(codes, [digest_of(letter) for letter in distinct], np.full(len(letters), "", object), rows)

    def vectors(self, space):
        return np.eye(len(space.items), dtype=np.float32)

    def has_words(self, space):
        return True

    def columns(self, space):
        return space.recipe.columns

    def contents(self, space, items):
        words = space.table.column(space.recipe.columns[0]).to_pylist()
        return [words[row][0].upper() for row in space.items.first_rows[items]]

    def shown(self, space, items):
        return [Shown(text, f"letter {text}", "letter") for text in self.contents(space, items)]


def test_a_medium_is_built_and_stands_on_the_map(recipe, home, monkeypatch):
    monkeypatch.setitem(MEDIA, "initials", Initials())
    made = replace(recipe, medium="initials")
    table = table_of(word=WORDS)
    session.store().put("table", table.digest, table.arrow)
    space = build(made, store=session.store())
    assert space.texts() == ["A", "B", "C", "D", "E", "F"]
    assert space.items.weights.tolist() == [2] * 6
    entry = Workspace(session.store()).remember(Entry("letters", made, Roles(), len(WORDS)))
    monkeypatch.setenv("EXPLORER_WORKSPACES", "shared")
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    at.switch_page("pages/map.py")
    for name, value in entry.link.items():
        at.query_params[name] = value
    at.query_params["at"] = "2"
    healthy(at.run())
    assert drawn(at)["data"]["points"]["n"] == 6 if "data" in drawn(at) else drawn(at)["points"]["n"] == 6
    assert any("B" in text.value for text in at.text)


# -- an answer, and its page -------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """How many of the longest words."""

    k: int = asked(3, help="words at most", kind=count, flag="-k", metavar="N")


@dataclass(frozen=True)
class Longest:
    """The longest texts, the longest first."""

    texts: tuple[str, ...]


def _longest(view, question, progress):
    texts = sorted(view.space.texts(), key=lambda text: (-len(text), text))
    return Longest(tuple(texts[: question.k]))


LONGEST = Answer(
    help="the longest texts",
    asks=Ask,
    needs=("items",),
    run=_longest,
    report=lambda found: {"longest": list(found.texts)},
    lines=lambda found: [f"* {text}" for text in found.texts],
)


def test_an_answer_is_a_command_and_a_function(run, home, tmp_path, monkeypatch, store, recipe):
    monkeypatch.setitem(ANSWERS, "longest", LONGEST)
    file = tmp_path / "words.csv"
    file.write_text("word\n" + "\n".join(WORDS))
    code, out, err = run("longest", file, "--text", "word", "--model", "fast", "-k", "2", "--json")
    assert (code, json.loads(out)) == (0, {"longest": ["avocado", "butter"]}), err
    code, out, _ = run("longest", file, "--text", "word", "--model", "fast")
    assert (code, out) == (0, "* avocado\n* butter\n* carrot\n")
    code, out, err = run("longest", file, "--text", "word", "-k", "none")
    assert (code, out) == (2, "")
    assert "no whole number" in err
    space = build(recipe, store=store, wanted=("items",))
    assert explorer.longest(space, k=1).texts == ("avocado",)


def test_a_page_is_its_entry_its_folder_and_its_sentence(home, tmp_path, monkeypatch):
    folder = ModuleType("longest_page")

    def draw(visit):
        st.markdown(f"The longest: {ask('longest', visit.view, Ask(1)).texts[0]}")

    folder.draw = draw
    monkeypatch.setitem(sys.modules, "longest_page", folder)
    monkeypatch.setitem(ANSWERS, "longest", LONGEST)
    page = Page(
        "Longest", ":material/straighten:", "longest_page", "pages/longest.py", group="Learn",
        shows="See which words are long", lacks=lambda space: "" if "word" in space.kinds else "It needs words.",
    )  # fmt: skip
    monkeypatch.setitem(PAGES, "longest", page)
    app = tmp_path / "app"
    app.mkdir()
    shutil.copy(ROOT / "streamlit_app.py", app)
    shutil.copytree(ROOT / "pages", app / "pages")
    (app / "pages" / "longest.py").write_text('from explorer.app.shell import run\n\nrun("longest")\n')

    def longest(**params: str) -> AppTest:
        at = AppTest.from_file(str(Path(app) / "streamlit_app.py"), default_timeout=60)
        at.switch_page("pages/longest.py")
        for name, value in params.items():
            at.query_params[name] = value
        return healthy(at.run())

    empty = longest()
    assert "See which words are long" in empty.markdown[0].value
    links = [link.label.strip("*") for link in empty.page_link]
    assert links[: len(PAGES)] == [each.title for each in PAGES.values()], "the header has it"
    assert any("The longest: " in text.value for text in longest(sample="words").markdown)
    assert any("It needs words" in text.value for text in longest(sample="digits").markdown)


# -- damage ------------------------------------------------------------------------------------------


def test_a_stage_that_is_damaged_under_an_open_page_is_made_again(home, monkeypatch):
    """Whether a stage is there is known without loading it: the page that loads it notices."""
    monkeypatch.setenv("EXPLORER_WORKSPACES", "shared")
    table = table_of(word=[f"word{number}" for number in range(40)], topic=["a", "b"] * 20)
    session.store().put("table", table.digest, table.arrow)
    recipe = Recipe(table.digest, ("word",), model="fast", projection=Projection("pca"))
    build(recipe, store=session.store())
    entry = session.workspace().remember(Entry("words", recipe, Roles(label="topic"), 40))
    folder = session.store().home / "store" / f"{entry_name('layout', recipe)}.lance" / "data"
    for file in folder.iterdir():
        file.write_bytes(b"")
    at = visit("pages/map.py", **entry.link)
    until = time.monotonic() + 60
    while not maps(at) and time.monotonic() < until:  # the page shows how far the work is
        time.sleep(0.1)
        healthy(at.run())
    assert drawn(at)["points"]["n"] == 40
    assert any("damaged" in warning for warning in session.store().warnings)
