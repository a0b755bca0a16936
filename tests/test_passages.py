"""Long texts become passages: how they are cut, whose neighbors they are, and where their rows stand."""

import json
import re
from dataclasses import replace

import numpy as np
import pyarrow.parquet
import pytest
from examples import HASHED, LIMIT, LONG, SHORT, hashed_recipe, random_unit, word_tokens
from hypothesis import given
from hypothesis import strategies as st

import explorer
from explorer.analysis.findings import findings
from explorer.analysis.search import search
from explorer.building import build
from explorer.embedding.models import MODELS
from explorer.geometry.fidelity import neighbor_preservation
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.siblings import Siblings
from explorer.media.items import Items
from explorer.media.passages import passages
from explorer.media.stored_items import from_entry, to_entry
from explorer.media.text import text_items
from explorer.space import Space
from explorer.stages import NotBuilt, entry_name
from explorer.store.sealed import to_arrays
from explorer.store.store import Store
from explorer.views.export import mapped_table


def cut(text, limit=LIMIT):
    (spans,) = passages([text], word_tokens, limit)
    return None if spans is None else [text[start:end] for start, end in spans]


# -- how a text is cut -------------------------------------------------------------------------------


def test_a_text_that_is_read_whole_is_not_cut():
    assert cut("One two three. Four five six seven eight nine ten.") is None
    assert passages([], word_tokens, LIMIT) == []


def test_sentences_stay_whole_and_the_last_one_is_read_again():
    assert cut("A b c d. E f g h. I j k l. M n o p.") == ["A b c d. E f g h.", "E f g h. I j k l.", "I j k l. M n o p."]


def test_a_passage_ends_with_a_paragraph_in_its_second_half():
    text = "A b c d e f.\n\nG h i. J k l. M n o p q r s."
    assert cut(text)[0] == "A b c d e f."


def test_a_paragraph_that_ends_early_is_no_reason_to_stop():
    assert cut("A b.\n\nC d e f. G h i j. K l m n.")[0] == "A b.\n\nC d e f. G h i j."


def test_a_sentence_that_is_too_long_is_cut_between_words():
    found = cut(" ".join(f"w{number}" for number in range(25)))
    assert [part.split()[0] for part in found] == ["w0", "w10", "w20"]


def test_a_word_that_is_too_long_is_cut_between_letters():
    found = cut("x" * 300)
    assert "".join(found) == "x" * 300
    assert max(word_tokens(found)) <= LIMIT


def test_japanese_is_cut_after_its_full_stops():
    spans = passages(
        ["電車が遅れた。雨が降った。駅で待った。"], lambda texts: np.array([2 + len(t) for t in texts]), 16
    )[0]
    text = "電車が遅れた。雨が降った。駅で待った。"
    assert [text[a:b] for a, b in spans] == ["電車が遅れた。雨が降った。", "雨が降った。駅で待った。"]


@given(st.text(alphabet="ab .\n!?。é", max_size=400), st.integers(3, 30))
def test_passages_are_short_enough_and_leave_nothing_out(text, limit):
    (spans,) = passages([text], word_tokens, limit)
    if spans is None:
        assert word_tokens([text])[0] <= limit
        return
    assert all(word_tokens([text[start:end]])[0] <= limit for start, end in spans)
    covered = np.zeros(len(text), bool)
    for start, end in spans:
        assert text[start:end] == text[start:end].strip() != ""
        covered[start:end] = True
    assert not re.sub(r"\s", "", "".join(letter for letter, seen in zip(text, covered, strict=True) if not seen))
    assert spans == sorted(spans)
    assert len({start for start, _ in spans}) == len(spans), "each begins where none did before"


# -- rows and items ----------------------------------------------------------------------------------

TEXTS = ["A b c d. E f g h. I j k l.", "short", None, "A b c d. E f g h. I j k l.", "short", "A b c d. E f g h."]


def items_of(texts, rows=None):
    return text_items(texts, rows, cut=lambda contents: passages(contents, word_tokens, LIMIT))


def test_rows_hold_passages_and_equal_passages_are_one_item():
    items = items_of(TEXTS)
    assert items.links.tolist() == [[0, 0], [0, 1], [1, 2], [3, 0], [3, 1], [4, 2], [5, 0]]
    assert items.spans.tolist() == [[0, 17], [9, 26], [0, 5], [0, 17], [9, 26], [0, 5], [0, 17]]
    assert items.weights.tolist() == [3, 2, 2]
    assert items.first_rows.tolist() == [0, 0, 1]
    assert items.skipped == ((2, "the cell is missing"),)
    assert items.several
    assert items.repeated_rows == 2  # rows 3 and 4; row 5 holds only a part of what row 0 does
    assert [items.passage(item) for item in range(3)] == [(1, 2), (2, 2), (1, 1)]
    assert items.of_rows(np.array([0, 4])).tolist() == [0, 1, 2]
    assert items.rows_of(np.array([1])).tolist() == [0, 3]


def test_a_selection_has_the_passages_of_its_rows():
    items = items_of(TEXTS, np.array([3, 4]))
    assert items.links.tolist() == [[3, 0], [3, 1], [4, 2]]
    assert items.spans.tolist() == [[0, 17], [9, 26], [0, 5]]


def test_short_texts_make_the_items_that_they_made_without_passages():
    whole, cut_ = text_items(["a", "b", "a"]), items_of(["a", "b", "a"])
    assert cut_.spans is None
    assert cut_.links.tolist() == whole.links.tolist()
    assert cut_.digests.tolist() == whole.digests.tolist()


@pytest.mark.parametrize("texts", [TEXTS, ["a", None, "a"], [None]])
def test_items_come_back_from_the_store(texts):
    items = items_of(texts)
    data, info = to_entry(items)
    again = from_entry(to_arrays(data), json.loads(json.dumps(info)))
    assert again.links.tolist() == items.links.tolist()
    assert again.digests.tolist() == items.digests.tolist()
    assert again.skipped == items.skipped
    assert (again.spans is None) == (items.spans is None)
    if items.spans is not None:
        assert again.spans.tolist() == items.spans.tolist()


def test_a_row_has_the_label_of_most_of_its_text_and_the_mean_of_its_items():
    links = np.array([[0, 0], [0, 1], [0, 2], [2, 1]], np.int32)
    items = Items(links, np.zeros(3, "S16"), (), np.array([[0, 10], [10, 14], [14, 21], [0, 4]], np.int32))
    assert items.labels_of_rows(np.array([7, 5, 5]), 3).tolist() == [5, -1, 5]  # 10 letters against 4 and 7
    assert items.labels_of_rows(np.array([7, 5, -1]), 3).tolist() == [7, -1, 5]
    means = items.means_of_rows(np.array([1.0, 2.0, 4.0]), 3)
    assert means[0] == pytest.approx((10 * 1 + 4 * 2 + 7 * 4) / 21)
    assert np.isnan(means[1])
    assert means[2] == 2


def test_of_a_ranking_each_row_keeps_its_best_passage():
    items = items_of(TEXTS)
    assert items.best_of_rows(np.array([1, 0, 2]), 3).tolist() == [1, 0, 2], "item 0 is all that row 5 holds"
    assert items.best_of_rows(np.array([0, 1, 2]), 3).tolist() == [0, 2], "rows 0 and 3 have a better one"
    assert items.best_of_rows(np.array([0, 1, 2]), 1).tolist() == [0]


# -- neighbors ---------------------------------------------------------------------------------------


def test_a_passage_that_two_rows_share_makes_both_its_own():
    links = np.array([[0, 0], [0, 1], [1, 1], [1, 2], [2, 3], [3, 4]])
    siblings = Siblings(links, 5)
    assert siblings.among(np.array([0, 1, 3]), np.array([[1, 2], [2, 3], [3, 4]])).tolist() == [
        [True, False], [True, False], [False, False],
    ]  # fmt: skip
    assert siblings.most() == 2
    graph = nearest_neighbors(random_unit(5), links=links)
    assert graph.k == 2, "item 1 has two others that share no row with it"
    assert set(graph.indices[1].tolist()) == {3, 4}


def test_one_long_row_alone_has_no_neighbors_and_still_a_map(store, model):
    space = build(hashed_recipe(store, [" ".join(f"Sentence number {n} of all." for n in range(40))]), store=store)
    assert len(space.items) > 12
    assert space.neighbors.k == 0
    assert np.isfinite(space.layout).all()
    assert len(space.clusters) == 1


def test_the_map_keeps_neighbors_of_other_rows():
    links = np.column_stack([np.repeat(np.arange(30), 3), np.arange(90)])
    unit = random_unit(90, 2)
    graph = nearest_neighbors(unit, 5, links=links)
    assert neighbor_preservation(graph, unit, 5, links) == 1, "a map that is the space itself"
    assert neighbor_preservation(graph, unit, 5) < 1, "which siblings would crowd out"


# -- a whole build -----------------------------------------------------------------------------------


@pytest.fixture
def model(monkeypatch):
    monkeypatch.setitem(MODELS, "hashed", HASHED)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_nothing_is_cut_and_search_finds_the_row_by_its_best_passage(store, model):
    space = build(hashed_recipe(store, [*LONG, *SHORT]), store=store)
    whole = build(hashed_recipe(store, [*LONG, *SHORT], passages=False), store=store)
    assert (len(space.items), len(whole.items)) == (22, 18)
    assert (int(space.truncated.sum()), int(whole.truncated.sum())) == (0, 2)
    hits = search(space, "rain together", 3, "semantic")
    assert space.texts(hits.items)[0] == "They walked home in heavy rain together."
    rows = space.items.first_rows[search(space, "penalty whistle rain", 18, "semantic").items]
    assert len(set(rows.tolist())) == len(rows) == 18, "k counts rows, of each its best passage"
    assert search(whole, "rain together", 1, "semantic").everywhere[1] < hits.everywhere[hits.items[0]]
    assert findings(space).cut == 0


def test_a_row_stands_where_its_passages_do(store, model):
    space = build(hashed_recipe(store, [*LONG, *SHORT]), store=store)
    table = mapped_table(space).to_pandas()
    mine = space.links[space.links[:, 0] == 0, 1]
    length = np.diff(space.items.spans[space.links[:, 0] == 0], axis=1)
    assert table[["_x", "_y"]].iloc[0].to_numpy() == pytest.approx(
        (space.layout[mine] * length).sum(axis=0) / length.sum(), abs=1e-5
    )
    assert 0 not in table["_neighbors"][0], "a row is not its own neighbor"
    assert len(set(table["_neighbors"][0])) == len(table["_neighbors"][0])
    assert table["_cluster"].notna().all()


def test_items_are_stored_so_that_pages_need_no_model(store, model, monkeypatch):
    recipe = hashed_recipe(store, LONG)
    with pytest.raises(NotBuilt, match="items"):
        Space(recipe, store).load("items")
    build(recipe, store=store, wanted=("items",))
    monkeypatch.setitem(MODELS, "hashed", replace(MODELS["hashed"], load=lambda: pytest.fail("the model was asked")))
    assert len(Space(recipe, store).items) == 6


def test_map_takes_passages_and_whole_turns_them_off(run, model, tmp_path):
    file = tmp_path / "long.csv"
    file.write_text("text\n" + "\n".join(f'"{text}"' for text in [*LONG, *SHORT]), encoding="utf-8")
    code, out, err = run("map", file, "--text", "text", "--model", "hashed", "--out", tmp_path / "out", "--json")
    report = json.loads(out)
    assert (code, report["rows"], report["items"], report["truncated_rows"]) == (0, 18, 22, 0)
    assert "22 items in 18 rows" in err
    assert pyarrow.parquet.read_table(tmp_path / "out" / "map.parquet").num_rows == 18
    code, out, err = run("map", file, "--text", "text", "--model", "hashed", "--whole", "--json")
    report = json.loads(out)
    assert (code, report["items"], report["truncated_rows"]) == (0, 18, 2)
    assert "passages" not in err
    code, out, _ = run("search", file, "rain together", "--text", "text", "--model", "hashed", "-k", "2", "--json")
    results = json.loads(out)["results"]
    assert [len(results), results[0]["row"]] == [2, 1]
    assert results[0]["text"] == "They walked home in heavy rain together."


def test_explorer_search_asks_the_same(store, model):
    space = build(hashed_recipe(store, [*LONG, *SHORT]), store=store)
    found = explorer.search(space, "rain together", k=2, mode="semantic")
    assert found.results[0].row == 1


def test_damaged_items_are_made_again(store, model):
    recipe = hashed_recipe(store, [*LONG, *SHORT])
    before = build(recipe, store=store)
    for file in (store.home / "store" / f"{entry_name('items', recipe)}.lance" / "data").iterdir():
        file.write_bytes(b"")
    again = build(recipe, store=Store(store.home, shipped=None))
    assert again.links.tolist() == before.links.tolist()
    assert again.items.spans.tolist() == before.items.spans.tolist()
