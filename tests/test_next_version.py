"""The next version of a file: which rows are new, changed, the same or gone, and what people did goes on."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from examples import table_of

import explorer
from explorer.library.annotations import row_keys
from explorer.library.next_version import as_next, find_earlier, newest_of_each
from explorer.library.workspaces import Entry, Workspace, new_token
from explorer.media.registry import recipe_for
from explorer.table.roles import guess_roles, kinds
from explorer.table.versions import compare, looks_like_next, may_follow

DATA = Path(__file__).parent / "data"


def texts(count: int, about: str = "parcel") -> list[str]:
    return [f"the {about} number {row} came {row % 7} days late" for row in range(count)]


def frame_of(count: int = 40, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"id": [f"r{row}" for row in range(count)], "text": texts(count), **columns})


def compared(later: pd.DataFrame, earlier: pd.DataFrame, by: str | None = "id"):
    later, earlier = (pa.Table.from_pandas(frame, preserve_index=False) for frame in (later, earlier))
    return compare(later, earlier, ["text"], by)


def test_the_rows_of_today_that_yesterday_lacks_are_new():
    later, earlier = (explorer.read(DATA / f"{day}.csv", apart=False) for day in ("today", "yesterday"))
    found = compare(later.arrow, earlier.arrow, ["text"], "id")
    assert found.counts == {"new": 50, "changed": 0, "same": 300, "gone": 0}
    assert found.states.tolist() == ["same"] * 300 + ["new"] * 50
    assert str(found) == "50 new rows"
    assert looks_like_next(found, len(earlier))


def test_new_changed_same_and_gone_rows_by_their_id():
    later = frame_of(40)
    later.loc[[4, 9], "text"] = "another text"
    later = pd.concat([later.drop(index=[0, 1, 2]), pd.DataFrame({"id": ["x"], "text": ["a late one"]})])
    found = compared(later, frame_of(40))
    assert found.by == "id"
    assert found.counts == {"new": 1, "changed": 2, "same": 35, "gone": 3}
    assert found.gone.tolist() == [0, 1, 2]
    assert str(found) == "1 new, 2 changed, 3 gone rows"


def test_without_an_id_a_row_with_the_same_text_is_the_same_row():
    earlier = frame_of(40, stars=["5"] * 40).drop(columns="id")
    later = earlier.copy()
    later.loc[7, "stars"] = "1"
    later.loc[8, "text"] = "another text"
    found = compared(later, earlier, None)
    assert found.by is None
    assert found.counts == {"new": 1, "changed": 1, "same": 38, "gone": 1}
    assert found.states[7] == "changed"


def test_rows_in_another_order_are_the_same_rows_also_where_ids_are_only_numbers_of_lines():
    earlier = frame_of(40)
    order = np.random.default_rng(1).permutation(40)
    moved = earlier.iloc[order]
    assert compared(moved, earlier).counts["same"] == 40
    assert compared(moved, earlier).earlier.tolist() == order.tolist()
    assert not compared(moved, earlier).unmoved
    assert compared(earlier, earlier).unmoved
    numbered = moved.assign(id=[f"r{row}" for row in range(40)])
    found = compared(numbered, earlier)
    assert found.by is None
    assert found.earlier.tolist() == order.tolist()


def test_a_column_that_was_added_changes_no_row():
    earlier = frame_of(40)
    found = compared(earlier.assign(checked="yes"), earlier, None)
    assert found.counts == {"new": 0, "changed": 0, "same": 40, "gone": 0}
    assert found.unmoved
    assert str(found) == "the same 40 rows"


def test_repeated_texts_are_as_many_rows_as_they_are():
    earlier = pd.DataFrame({"text": ["ok", "ok", "ok", "a parcel"]})
    found = compared(pd.DataFrame({"text": ["ok", "a parcel", "ok", "new", "a parcel"]}), earlier, None)
    assert found.counts == {"new": 2, "changed": 0, "same": 3, "gone": 1}
    assert found.states.tolist() == ["same", "same", "same", "new", "new"]
    assert found.gone.tolist() == [2]


def test_types_of_another_format_change_no_row():
    earlier = frame_of(5, stars=["1", "2", "3", "4", ""])
    later = frame_of(5, stars=pd.array([1, 2, 3, 4, None], "Int64"))
    assert compared(later, earlier).counts["same"] == 5


def test_another_file_with_the_same_columns_is_no_next_version():
    earlier, other = frame_of(40), frame_of(40).assign(text=texts(40, "invoice"))
    found = compared(other, earlier)
    assert not looks_like_next(found, 40)
    empty = frame_of(40).assign(text="")
    assert not looks_like_next(compared(empty, empty), 40), "empty rows are alike, and say nothing"
    half = frame_of(40).assign(text=[*texts(20), *texts(20, "invoice")])
    assert looks_like_next(compared(half, earlier), 40)


def test_columns_that_nearly_all_are_there():
    assert may_follow(["id", "text", "stars"], ["id", "text"], ["text"])
    assert may_follow(["id", "text", "_x", "_row", "_cluster", "_cluster_name"], ["id", "text"], ["text"])
    assert not may_follow(["id", "body"], ["id", "text"], ["text"])
    assert not may_follow(["text", "a", "b", "c"], ["text", "d", "e", "f"], ["text"])


def test_a_hundred_thousand_rows_are_compared_exactly():
    """Among them rows that a short digest could take for each other, and numbers of rows that overflow 32 bits."""
    rows = 100_000
    earlier = pd.DataFrame({"id": np.arange(rows), "text": texts(rows), "n": np.arange(rows)[::-1] * 100_000})
    later = earlier.copy()
    later.loc[:99, "text"] = "changed"
    later = later.iloc[1000:].sample(frac=1, random_state=0)
    later = pd.concat([later, earlier.iloc[:50].assign(id=lambda frame: frame["id"] + rows, text="fresh")])
    assert compared(later, earlier).counts == {"new": 50, "changed": 0, "same": rows - 1000, "gone": 1000}
    assert compared(later, earlier, None).counts == {"new": 50, "changed": 0, "same": rows - 1000, "gone": 1000}


# ---- what is known -------------------------------------------------------------------------------------------


def table_from(frame: pd.DataFrame):
    return table_of(**{name: frame[name].tolist() for name in frame})


def remembered(workspace: Workspace, frame: pd.DataFrame, name: str) -> Entry:
    table = table_from(frame)
    workspace.store.put("table", table.digest, table.arrow, {"name": name})
    roles = guess_roles(table)
    return workspace.remember(Entry(name, recipe_for(table, roles, "minilm"), roles, len(table)))


def test_the_known_dataset_with_most_rows_alike_is_found(store):
    workspace = Workspace(store, new_token())
    remembered(workspace, frame_of(40).assign(text=texts(40, "invoice")), "invoices.csv")
    remembered(workspace, frame_of(30), "may.csv")
    june = remembered(workspace, frame_of(35), "june.csv")
    remembered(workspace, frame_of(33), "late may.csv")
    found = find_earlier(table_from(frame_of(40)), newest_of_each(workspace.all()), store)
    assert (found.entry.recipe.key, str(found.version), found.same) == (june.recipe.key, "5 new rows", False)
    assert find_earlier(table_from(frame_of(35)), newest_of_each(workspace.all()), store).same
    other = table_from(frame_of(40).assign(text=texts(40, "garden")))
    assert find_earlier(other, newest_of_each(workspace.all()), store) is None


@pytest.mark.parametrize("id_column", ["id", None])
def test_rows_keep_their_keys_where_a_column_was_added_and_others_get_their_own(id_column):
    earlier = frame_of(30)
    later = frame_of(40).iloc[::-1].assign(checked="yes", id=[f"r{row}" for row in range(40)])
    table = table_from(later)
    version = compare(table.arrow, table_from(earlier).arrow, ["text"], id_column)
    following = as_next(table, table_from(earlier).arrow, version, id_column)
    keys, before = row_keys(following.arrow, id_column), row_keys(table_from(earlier).arrow, id_column)
    assert (keys[::-1][:30] == before).all()
    assert len(np.unique(keys)) == 40
    assert following.digest != table.digest


def test_the_state_is_a_column_like_any_other_and_no_label():
    earlier, later = table_from(frame_of(30)), table_from(frame_of(40))
    version = compare(later.arrow, earlier.arrow, ["text"], "id")
    following = as_next(later, earlier.arrow, version, "id")
    assert following.columns == ["id", "text", "_version"], "keys are not written where the id tells"
    assert kinds(following)["_version"] == "category"
    assert guess_roles(following) == guess_roles(later)
    again = as_next(following, following.arrow, compare(following.arrow, following.arrow, ["text"], "id"), "id")
    assert again.columns == ["id", "text", "_version"]
    assert set(again.arrow.column("_version").to_pylist()) == {"same"}
    theirs = table_of(text=texts(3), _version=[4, 4, 5])  # Elasticsearch's
    kept = as_next(theirs, theirs.arrow, compare(theirs.arrow, theirs.arrow, ["text"]), None)
    assert kept.columns == ["text", "_version_before", "_version"]
