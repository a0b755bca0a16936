"""What is stored comes back exactly; what was damaged on disk is never served.

Damage is done to the real files: the Lance data of an entry is cut, emptied, or has one byte flipped.
"""

import os
import shutil
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from examples import random_unit, table_of, vector_recipe

from explorer.building import build
from explorer.embedding import embed, models
from explorer.embedding.embed import embed_contents
from explorer.media.text import text_items
from explorer.space import Space
from explorer.stages import NotBuilt, key
from explorer.store import content_vectors
from explorer.store.sealed import sealed, to_arrays, to_arrow
from explorer.store.store import Store

KEY = "0" * 32


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def store(home):
    return Store(home, shipped=None)


def data_files(home: Path, name: str) -> list[Path]:
    """The files that hold an entry's rows."""
    return sorted((home / "store" / f"{name}.lance" / "data").iterdir())


# -- round trips -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "array",
    [
        np.array([], np.float32),
        np.zeros((0, 384), np.float32),
        np.zeros((1, 0), np.int32),
        np.array([[1, 2], [3, 4], [5, 6]], np.int32),
        np.array([0.1, np.nan, -np.inf], np.float32),
        np.array([True, False, True]),
        np.array([2**62, -1]),
        np.array([b"\0" * 16, b"a\0b" + b"\0" * 13, b"0123456789abcde\0", b"0123456789abcdef"], "S16"),
        np.array([], "S16"),
    ],
    ids=["no rows", "no rows of 384", "a row of none", "matrix", "NaN", "bool", "int64", "NUL bytes", "no bytes"],
)
def test_arrays_come_back_as_they_were(store, home, array):
    store.put_arrays("thing", KEY, {"about": "ü"}, array=array)
    for reader in (store, Store(home, shipped=None)):
        arrays, info = reader.get_arrays("thing", KEY)
        found = arrays["array"]
        assert found.dtype == array.dtype
        assert found.shape == array.shape
        assert found.tobytes() == array.tobytes()
        assert not found.flags.writeable
        assert info == {"about": "ü"}
        assert reader.warnings == []


def test_halved_floats_come_back_as_float32():
    half = np.array([[0.5, 0.25], [1, 2]], np.float16)
    found = to_arrays(to_arrow(vector=half, score=half[:, 0]))
    assert found["vector"].dtype == found["score"].dtype == np.float32
    assert found["vector"].tolist() == half.tolist()


def test_a_slice_of_bytes_starts_where_the_slice_does():
    digests = np.array([b"a" * 16, b"b" * 16, b"c\0" + b"c" * 14], "S16")
    assert to_arrays(to_arrow(digest=digests).slice(1))["digest"].tolist() == digests[1:].tolist()


def test_a_table_comes_back_as_it_was(store):
    table = table_of(text=["a", None, "ü"], n=[1, 2**53 + 1, None], vector=np.eye(3, dtype=np.float32))
    store.put("table", table.digest, table.arrow, {"name": "a.csv"})
    found = store.get("table", table.digest)
    assert found.replace_schema_metadata(None).equals(table.arrow)
    assert store.info(found) == {"name": "a.csv"}


def test_what_was_never_put_is_absent(store):
    assert store.get("thing", KEY) is None
    assert store.get_arrays("thing", KEY) is None
    assert not store.has("thing", KEY)
    assert store.warnings == []


def test_documents_come_back_and_are_replaced_whole(store, home):
    store.write_json("workspaces", "one", {"a": "ü"})
    store.write_json("workspaces", "one", [1, 2])
    assert Store(home).read_json("workspaces", "one") == [1, 2]
    assert [path.name for path in (home / "workspaces").iterdir()] == ["one.json"]
    assert store.read_json("workspaces", "two") is None


# -- damage ------------------------------------------------------------------------------------------


def flip_a_byte(file: Path, value: bytes) -> None:
    """Change the stored bytes of `value` in the file, in one bit."""
    content = bytearray(file.read_bytes())
    content[content.index(value) + 1] ^= 4
    file.write_bytes(content)


def flip(folder: Path, value: bytes) -> None:
    flip_a_byte(next((folder / "data").iterdir()), value)


def cut(folder: Path, value: bytes) -> None:
    file = next((folder / "data").iterdir())
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty_file(folder: Path, value: bytes) -> None:
    next((folder / "data").iterdir()).write_bytes(b"")


def empty_folder(folder: Path, value: bytes) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def remove_data(folder: Path, value: bytes) -> None:
    shutil.rmtree(folder / "data")


DAMAGE = [flip, cut, empty_file, empty_folder, remove_data]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_entry_is_set_aside_and_reported_once(store, home, damage):
    values = random_unit(50, 8)
    store.put_arrays("thing", KEY, values=values)
    damage(home / "store" / f"thing-{KEY}.lance", values[7].tobytes())

    later = Store(home, shipped=None)
    assert later.get_arrays("thing", KEY) is None
    assert not later.has("thing", KEY)
    assert [f"thing-{KEY}" in path.name for path in (home / "damaged").iterdir()] == [True]
    assert len(later.warnings) == 1
    assert "computed again" in later.warnings[0]

    later.put_arrays("thing", KEY, values=values)
    for reader in (later, Store(home, shipped=None)):
        assert reader.get_arrays("thing", KEY)[0]["values"].tolist() == values.tolist()


def test_an_entry_in_the_place_of_another_is_not_served(store, home):
    """A digest of its rows is right wherever it lies: the entry must also say whose it is."""
    store.put_arrays("thing", "a", values=np.arange(3))
    store.put_arrays("thing", "b", values=np.arange(4))
    folder = home / "store"
    shutil.rmtree(folder / "thing-a.lance")
    shutil.copytree(folder / "thing-b.lance", folder / "thing-a.lance")
    assert Store(home, shipped=None).get_arrays("thing", "a") is None


@pytest.mark.parametrize("stage", ["neighbors", "layout", "clusters"])
def test_a_damaged_stage_is_built_again_and_is_the_same(store, home, stage):
    recipe = vector_recipe(store, random_unit(11))
    before = build(recipe, store=store)
    kept = {"neighbors": before.neighbors.indices, "layout": before.layout, "clusters": before.clusters.labels}[stage]
    flip_a_byte(data_files(home, f"{stage}-{key(stage, recipe)}")[0], kept.tobytes()[:8])

    later = Store(home, shipped=None)
    damaged = Space(recipe, later)
    assert damaged.has(stage), "answered without loading it"
    with pytest.raises(NotBuilt, match=stage):
        damaged.load(stage)
    assert not damaged.has(stage)
    again = build(recipe, store=later)
    made = {"neighbors": again.neighbors.indices, "layout": again.layout, "clusters": again.clusters.labels}[stage]
    assert made.tolist() == kept.tolist()
    assert len(later.warnings) == 1


def test_a_damaged_stage_is_noticed_by_build_itself(store, home):
    """Nobody asked for the stage before: a folder that is there is not yet a stage that can be read."""
    recipe = vector_recipe(store, random_unit(11))
    build(recipe, store=store)
    for file in data_files(home, f"neighbors-{key('neighbors', recipe)}"):
        file.write_bytes(b"")
    again = build(recipe, store=Store(home, shipped=None))
    assert again.neighbors.indices.shape == (11, 10)


def test_a_shipped_stage_that_was_damaged_is_not_served(tmp_path):
    values = random_unit(50, 8)
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    data = sealed(to_arrow(values=values), f"thing-{KEY}")
    with pa.OSFile(str(shipped / f"thing-{KEY}.arrow"), "wb") as sink, pa.ipc.new_file(sink, data.schema) as writer:
        writer.write_table(data)
    store = Store(tmp_path / "home", shipped)
    assert store.get_arrays("thing", KEY)[0]["values"].tolist() == values.tolist()

    flip_a_byte(shipped / f"thing-{KEY}.arrow", values[7].tobytes())
    assert store.get_arrays("thing", KEY) is None
    (shipped / f"thing-{KEY}.arrow").write_bytes(b"ARROW1")
    assert store.get_arrays("thing", KEY) is None
    assert len(store.warnings) == 2

    store.put_arrays("thing", KEY, values=values)  # computed again: the database serves it from now on
    assert store.get_arrays("thing", KEY)[0]["values"].tolist() == values.tolist()


# -- vectors by content ------------------------------------------------------------------------------


def digests_of(texts):
    return text_items(texts).digests


def test_vectors_are_found_by_content_whatever_the_order(store, home):
    digests = digests_of(["a", "b", "c"])
    vectors = random_unit(3, 4)
    store.add_vectors("m", digests[:2], vectors[:2], np.array([False, True]))
    store.add_vectors("m", digests[2:], vectors[2:], np.array([False]))
    known, found, truncated = Store(home, shipped=None).known_vectors("m", digests_of(["c", "x", "b"]))
    assert known.tolist() == [True, False, True]
    assert found.tolist() == [vectors[2].tolist(), [0, 0, 0, 0], vectors[1].tolist()]
    assert truncated.tolist() == [False, False, True]


def test_vectors_in_the_place_of_another_model_are_not_known(store, home):
    digests = digests_of(["a"])
    for model in ("m", "n"):
        store.add_vectors(model, digests, random_unit(1, 4), np.zeros(1, bool))
    one, other = (home / "store").iterdir()
    shutil.rmtree(one)
    shutil.copytree(other, one)
    later = Store(home, shipped=None)
    assert sorted(later.known_vectors(model, digests)[0].tolist() for model in ("m", "n")) == [[False], [True]]


def test_models_do_not_share_vectors_even_where_case_alone_differs(store):
    digests = digests_of(["a"])
    store.add_vectors("owner/Name", digests, np.ones((1, 4), np.float32), np.zeros(1, bool))
    known, vectors, _ = store.known_vectors("owner/name", digests)
    assert not known.any()
    assert vectors is None


def test_a_vector_with_a_flipped_byte_is_not_known_and_the_others_are(store, home):
    digests, vectors = digests_of(list("abcdefgh")), random_unit(8, 16)
    store.add_vectors("m", digests, vectors, np.zeros(8, bool))
    name = next((home / "store").iterdir()).name.removesuffix(".lance")
    flip_a_byte(data_files(home, name)[0], vectors[3].tobytes())

    later = Store(home, shipped=None)
    known, found, _ = later.known_vectors("m", digests)
    assert np.flatnonzero(~known).tolist() == [3]
    assert found[known].tolist() == vectors[known].tolist()
    assert any("1 stored vectors failed their check" in warning for warning in later.warnings)

    later.add_vectors("m", digests[3:4], vectors[3:4], np.zeros(1, bool))  # made again, beside the bad one
    assert Store(home, shipped=None).known_vectors("m", digests)[1].tolist() == vectors.tolist()


def test_only_the_vectors_asked_for_are_checked(store, home):
    digests, vectors = digests_of(list("abcdefgh")), random_unit(8, 16)
    store.add_vectors("m", digests, vectors, np.zeros(8, bool))
    name = next((home / "store").iterdir()).name.removesuffix(".lance")
    flip_a_byte(data_files(home, name)[0], vectors[3].tobytes())

    later = Store(home, shipped=None)
    assert later.known_vectors("m", digests[:3])[0].all()
    assert not later.warnings
    assert later.known_vectors("m", digests[3:4])[0].tolist() == [False], "the others are sound: the table stays"
    assert later.warnings == ["1 stored vectors failed their check and are computed again."]
    assert later.known_vectors("m", digests[4:])[0].all()


def test_a_table_without_a_sound_vector_is_set_aside_whatever_is_asked_for(store, home):
    digests, vectors = digests_of(list("abcdefgh")), random_unit(8, 16)
    rows = content_vectors.to_rows("another", digests, vectors, np.zeros(8, bool))
    store._database.append(content_vectors.table_name("m"), rows.replace_schema_metadata(None))
    later = Store(home, shipped=None)
    assert not later.known_vectors("m", digests_of(["x"]))[0].any()
    assert [word in later.warnings[0] for word in ("none of its vectors", "set aside")] == [True, True]
    assert not later.rows(content_vectors.table_name("m"))


def test_the_check_of_a_vector_is_what_it_always_was():
    digests = np.array([b"a" * 16, b"b" * 14 + b"\0\0"], "S16")
    vectors = np.array([[1, 2], [3, 4]], np.float32)
    first = zlib.crc32(vectors[0].tobytes(), zlib.crc32(b"a" * 16, zlib.crc32(b"m")))
    second = zlib.crc32(vectors[1].tobytes(), zlib.crc32(b"b" * 14 + b"\0\0", zlib.crc32(b"m") + 1))
    checks = content_vectors.row_checks("m", digests, vectors, np.array([False, True]))
    assert checks.tolist() == [first, second]


@pytest.mark.parametrize("damage", DAMAGE[1:])
def test_a_damaged_table_of_vectors_is_set_aside(store, home, damage):
    digests, vectors = digests_of(list("abcdefgh")), random_unit(8, 16)
    store.add_vectors("m", digests, vectors, np.zeros(8, bool))
    damage(next((home / "store").iterdir()), b"")
    later = Store(home, shipped=None)
    assert not later.known_vectors("m", digests)[0].any()
    assert len(later.warnings) == 1
    later.add_vectors("m", digests, vectors, np.zeros(8, bool))
    assert later.known_vectors("m", digests)[0].all()


class CountingEncoder:
    """Vectors made of the letters of a text, and a note of how many texts were asked for."""

    dimensions = 26

    def __init__(self):
        self.seen: list[str] = []

    def documents(self, texts):
        self.seen += texts
        counts = np.array([[text.count(chr(97 + i)) + 1e-3 for i in range(26)] for text in texts], np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)

    queries = documents

    def truncated(self, texts):
        return np.array([len(text) > 20 for text in texts], bool)


@pytest.fixture
def counting(monkeypatch):
    """A model "counting" in MODELS; its encoder says what it was asked for."""
    encoder = CountingEncoder()
    monkeypatch.setitem(models.MODELS, "counting", models.Model("Counting", "", ("en",), 1e6, lambda: encoder))
    models._HELD.clear()
    yield encoder
    models._HELD.clear()


def words(count, start=0):
    """Distinct words of letters: word 27 is "bb"."""
    return ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(start, start + count)]


def test_500_new_rows_embed_500(store, home, counting):
    def vectors_of(texts, where):
        return embed_contents(lambda which: [texts[i] for i in which], digests_of(texts), "counting", where)

    old, new = words(700), words(500, start=700)
    first, _ = vectors_of(old, store)
    assert len(counting.seen) == 700
    counting.seen.clear()
    both, truncated = vectors_of(new + old, Store(home, shipped=None))
    assert sorted(counting.seen) == sorted(new)
    assert both[500:].tolist() == first.tolist()
    assert both.tolist() == counting.documents(new + old).tolist()
    assert not truncated.any()


def test_an_interrupted_run_goes_on_with_the_first_missing_block(store, home, counting):
    texts = words(1200)

    class Stop(Exception):
        pass

    def stop_in_the_second_block(done, total):
        assert total == 1200
        if done > embed.BATCH + 100:
            raise Stop

    def run(where, progress=None):
        return embed_contents(lambda which: [texts[i] for i in which], digests_of(texts), "counting", where, progress)

    with pytest.raises(Stop):
        run(store, stop_in_the_second_block)
    counting.seen.clear()
    vectors, _ = run(Store(home, shipped=None))
    assert len(counting.seen) == 1200 - embed.BATCH
    assert vectors.tolist() == counting.documents(texts).tolist()


def test_two_processes_that_add_at_once_lose_nothing(home):
    """Neither finds a table of vectors there when it starts; both batches must be in it at the end."""
    script = (
        "import sys, time, numpy as np\n"
        "from explorer.media.text import text_items\n"
        "from explorer.store.store import Store\n"
        "store, mine = Store(sys.argv[1], shipped=None), sys.argv[2]\n"
        "store._database.connection()\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for n in range(5):\n"
        "    store.add_vectors(f'm{n}', text_items([mine]).digests, np.ones((1, 4), np.float32), np.zeros(1, bool))\n"
        "sys.exit(len(store.warnings))\n"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(home), name], stdin=-1, stdout=-1, cwd=Path(__file__).parents[1]
        )
        for name in ("a", "b")
    ]
    for process in both:
        process.stdout.readline()
    for process in both:
        process.stdin.write(b"\n")
        process.stdin.flush()
    assert [process.wait(60) for process in both] == [0, 0]
    for process in both:
        process.stdin.close()
        process.stdout.close()
    store = Store(home, shipped=None)
    assert [store.known_vectors(f"m{n}", digests_of(["a", "b"]))[0].tolist() for n in range(5)] == [[True, True]] * 5


# -- a disk that takes nothing -----------------------------------------------------------------------


@pytest.fixture
def unwritable(tmp_path):
    """A home that nobody can make, not even root: a file is where the folder should be."""
    (tmp_path / "home").write_text("a file")
    return Store(tmp_path / "home", shipped=None)


def test_what_cannot_be_written_is_kept_in_memory_with_a_warning(unwritable):
    unwritable.put_arrays("thing", KEY, {"n": 1}, values=np.arange(3))
    arrays, info = unwritable.get_arrays("thing", KEY)
    assert arrays["values"].tolist() == [0, 1, 2]
    assert info == {"n": 1}
    assert unwritable.has("thing", KEY)
    assert len(unwritable.warnings) == 1
    assert "kept in memory" in unwritable.warnings[0]
    assert str(unwritable.home) in unwritable.warnings[0]


def test_vectors_that_cannot_be_written_are_kept_in_memory(unwritable):
    digests = digests_of(["a", "b"])
    for row in (0, 1):
        unwritable.add_vectors("m", digests[[row]], np.full((1, 4), row + 1, np.float32), np.zeros(1, bool))
    known, vectors, _ = unwritable.known_vectors("m", digests)
    assert known.all()
    assert vectors[:, 0].tolist() == [1, 2]


def test_a_space_is_built_where_nothing_can_be_written(unwritable):
    space = build(vector_recipe(unwritable, random_unit(11)), store=unwritable)
    assert space.layout.shape == (11, 2)
    unwritable.write_json("workspaces", "one", {})
    assert all("Could not write" in warning for warning in unwritable.warnings)


def test_a_damaged_entry_on_a_disk_that_turned_read_only_is_kept_in_memory(store, home, monkeypatch):
    store.put_arrays("thing", KEY, values=np.arange(3))
    cut(home / "store" / f"thing-{KEY}.lance", b"")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", refuse)  # root may write everywhere, so that chmod would prove nothing
    later = Store(home, shipped=None)
    assert later.get_arrays("thing", KEY) is None
    later.put_arrays("thing", KEY, values=np.arange(3))
    assert later.get_arrays("thing", KEY)[0]["values"].tolist() == [0, 1, 2]


def test_what_a_killed_process_left_half_made_is_swept_away(home):
    for name, age in (("part-old", 4000), ("part-new", 10)):
        folder = home / "store" / f"{name}.lance"
        folder.mkdir(parents=True)
        os.utime(folder, (time.time() - age, time.time() - age))
    Store(home, shipped=None).put_arrays("thing", KEY, values=np.arange(3))
    assert {path.name for path in (home / "store").iterdir()} == {"part-new.lance", f"thing-{KEY}.lance"}


def test_nothing_half_written_is_left_behind(store, home, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", refuse)
    store.put_arrays("thing", KEY, values=np.arange(3))
    assert list((home / "store").iterdir()) == []
    monkeypatch.undo()
    assert store.get_arrays("thing", KEY)[0]["values"].tolist() == [0, 1, 2]


# -- the folder that passes for a package ------------------------------------------------------------


def test_our_datasets_folder_is_not_taken_for_the_package_of_that_name(tmp_path):
    """sentence-transformers imports `datasets` where it can, and finds our folder; LanceDB must not."""
    script = (
        "import sys, datasets\n"
        "assert datasets.__file__ is None, 'no longer a trap'\n"
        "import numpy as np\n"
        "from explorer.store.store import Store\n"
        "store = Store(sys.argv[1], shipped=None)\n"
        "store.put_arrays('thing', 'a', values=np.arange(3))\n"
        "assert store.warnings == [], store.warnings\n"
        "assert store.get_arrays('thing', 'a')[0]['values'].tolist() == [0, 1, 2]\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[1], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


# -- what the disk refused, in two processes ---------------------------------------------------------


@pytest.fixture
def full(home, monkeypatch):
    """A store whose disk is full until `monkeypatch.undo()`."""

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    return Store(home, shipped=None)


def test_what_the_disk_refused_is_written_when_there_is_room(full, home, monkeypatch):
    digests, vectors = digests_of(["a", "b"]), random_unit(2, 4)
    for row in (0, 1):
        full.add_vectors("m", digests[[row]], vectors[[row]], np.zeros(1, bool))
    full.put_arrays("thing", KEY, values=np.arange(3))
    full.write_json("projects", "p", {"tag": "urgent"})
    assert full.read_json("projects", "p") == {"tag": "urgent"}
    assert full.only_in_memory == 3
    assert len(full.warnings) == 1  # not one a write
    monkeypatch.undo()
    assert full.flush() == 3
    assert full.only_in_memory == 0
    later = Store(home, shipped=None)
    assert later.known_vectors("m", digests)[1].tolist() == vectors.tolist()
    assert later.get_arrays("thing", KEY)[0]["values"].tolist() == [0, 1, 2]
    assert later.read_json("projects", "p") == {"tag": "urgent"}
    assert "takes writes again" in full.warnings[-1]


def test_the_next_write_that_succeeds_takes_the_rest_along(full, monkeypatch):
    full.put_arrays("thing", KEY, values=np.arange(3))
    monkeypatch.undo()
    full.put_arrays("other", KEY, values=np.arange(3))
    assert full.only_in_memory == 0


def test_another_process_takes_over_what_this_one_could_not_write(full, tmp_path):
    digests, vectors = digests_of(["a", "b"]), random_unit(2, 4)
    full.add_vectors("m", digests, vectors, np.zeros(2, bool))
    full.put_arrays("thing", KEY, values=np.arange(3))
    other = Store(full.home, shipped=None)
    for _ in range(2):  # lent twice, kept once
        assert all(other.accept(name, data) for name, data in full.kept().items())
    assert other.known_vectors("m", digests)[1].tolist() == vectors.tolist()
    assert sorted(len(data) for data in other.kept().values()) == [2, 3]
    assert other.get_arrays("thing", KEY)[0]["values"].tolist() == [0, 1, 2]


def test_what_does_not_pass_its_check_is_not_taken_over(full):
    full.put_arrays("thing", KEY, values=np.arange(3))
    full.add_vectors("m", digests_of(["a"]), random_unit(1, 4), np.zeros(1, bool))
    entry, rows = (full.kept()[name] for name in sorted(full.kept()))
    assert not full.accept(f"thing-{'1' * 32}", entry)
    assert not full.accept(f"thing-{KEY}", entry.slice(1))
    assert not full.accept("vectors-" + "0" * 32, rows)
    assert not full.accept(next(name for name in full.kept() if name.startswith("vectors")), pa.table({"a": [1]}))


# -- one at a time -----------------------------------------------------------------------------------


def test_threads_and_processes_take_turns(store, home):
    script = (
        "import sys\nfrom explorer.store.store import Store\n"
        "with Store(sys.argv[1]).alone('a map'):\n    print('mine', flush=True)\n    sys.stdin.readline()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(home)], stdin=-1, stdout=-1, cwd=Path(__file__).parents[1]
    )
    assert other.stdout.readline() == b"mine\n"

    class Enough(Exception):
        pass

    def waiting():
        raise Enough

    with pytest.raises(Enough), store.alone("a map", waiting):
        pass
    with store.alone("another map", waiting):
        pass
    other.kill()  # the system lets go of what it held
    other.wait()
    other.stdin.close()
    other.stdout.close()
    with store.alone("a map"), ThreadPoolExecutor() as pool, pytest.raises(Enough):
        pool.submit(lambda: store.alone("a map", waiting).__enter__()).result()
    with store.alone("a map", waiting):
        pass


def test_a_disk_that_takes_no_lock_holds_back_nobody(unwritable):
    with unwritable.alone("a map"):
        pass


# -- documents ---------------------------------------------------------------------------------------


def test_a_damaged_document_gives_the_one_before(store, home):
    store.write_json("projects", "p", ["first"])
    store.write_json("projects", "p", ["first", "second"])
    (home / "projects" / "p.json").write_bytes(
        (home / "projects" / "p.json").read_bytes().replace(b"second", b"zecond")
    )
    later = Store(home)
    assert later.read_json("projects", "p") == ["first"]
    assert later.documents.recovered == {("projects", "p"): "the one before"}
    later.write_json("projects", "p", ["first", "third"])
    assert Store(home).read_json("projects", "p") == ["first", "third"]


def test_a_document_in_the_place_of_another_is_not_served(store, home):
    for name in ("mine", "theirs"):
        store.write_json("workspaces", name, {"of": name})
    shutil.copy(home / "workspaces" / "theirs.json", home / "workspaces" / "mine.json")
    assert Store(home).read_json("workspaces", "mine") is None


def test_a_document_from_before_there_were_digests_is_read(store, home):
    (home / "projects").mkdir(parents=True)
    (home / "projects" / "p.json").write_text('{\n "name": "ü"\n}', encoding="utf-8")
    assert store.read_json("projects", "p") == {"name": "ü"}


def test_a_table_of_any_types_and_names_comes_back_as_it_was(store, home):
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.array([np.nan, 1, *range(22)], np.float32)), 12)
    table = pa.table(
        {
            "vector": vectors,
            "embedding": pa.array([[1, 2, 300], [-4]]),
            "a.b": pa.array([None, None], pa.null()),
            "": pa.array([{"x": 1}, None]),
            "money": pa.array(["1.10", "2.25"]).cast(pa.decimal128(9, 2)),
            "pairs": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())),
            "long": pa.array(["a", "b"], pa.large_string()),
        }
    )
    store.put("table", KEY, table)
    assert store.warnings == []
    back = Store(home, shipped=None).get("table", KEY)
    assert back.schema.remove_metadata().equals(table.schema)
    assert str(back.to_pylist()) == str(table.to_pylist())  # NaN equals NaN in words only
