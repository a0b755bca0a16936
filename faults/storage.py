"""The store with a disk that fills up, with damaged files, and with eviction of entries that others read.

Every case knows the right answer. What is read must be that answer, or nothing together with a message that says why.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from explorer.store.store import Store
from faults import Result
from faults.contents import BATCHES, WORDS, Contents


def run(short: bool = False) -> list[Result]:
    """Rows "disk full", "a damaged stored file" and "eviction"."""
    with tempfile.TemporaryDirectory(prefix="faults-storage-") as folder:
        return [disk_full(Path(folder), short), damaged(Path(folder), short), eviction(Path(folder), short)]


def leftovers(home: Path) -> list[str]:
    """Unfinished files that will never be finished."""
    return [str(path.relative_to(home)) for path in home.rglob("*part*")]


# -- disk full ---------------------------------------------------------------------------------------


def disk_full(folder: Path, short: bool) -> Result:
    """The disk becomes full at each point of the writes in turn; later it has room again."""
    result = Result("disk full")
    levels = (0, 60) if short else tuple(range(0, 240, 4))
    with small_disk(folder / "disk") as (disk, how, limit):
        result.note = how
        for number, level in enumerate(levels):
            with result.case(f"{level} kB left"):
                contents = Contents(number)
                home = disk / f"home-{number}"
                store = Store(home, shipped=None)
                store.put_arrays("warm", "0", a=np.zeros(1))  # imports and the like need no room of their own
                with limit(level * 1024):
                    contents.store(store)
                    assert contents.missing(store) == [], "not usable in the session"
                    assert len(store.warnings) == len(set(store.warnings)) <= 3, store.warnings
                    assert leftovers(home) == []
                    contents.missing(Store(home, shipped=None))  # another process: right or absent
                store.flush()
                assert store.only_in_memory == 0, f"{store.only_in_memory} still only in memory"
                later = Store(home, shipped=None)
                gone = contents.missing(later)
                result.lost += len(gone)
                assert not gone, f"lost: {gone}"
                assert not later.warnings, later.warnings
                assert leftovers(home) == []
            shutil.rmtree(disk / f"home-{number}", ignore_errors=True)
    return result


@contextmanager
def small_disk(folder: Path) -> Iterator[tuple[Path, str, Callable[[int], Any]]]:
    """A disk of 1 MB where this system lets us mount one, else a limit on the size of every file.

    Yields the folder, a note on how it was made, and a context manager within which only so many bytes are left.
    """
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True).returncode:
        yield folder, "no disk may be mounted here: RLIMIT_FSIZE instead", _small_files
        return
    try:
        yield folder, "a tmpfs of 1 MB", lambda left: _filled(folder, left)
    finally:
        subprocess.run(["umount", str(folder)], capture_output=True, check=True)


@contextmanager
def _filled(folder: Path, left: int) -> Iterator[None]:
    filler = folder / "filler"
    size = max(shutil.disk_usage(folder).free - left, 0)
    filler.write_bytes(b"\0" * size)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _small_files(left: int) -> Iterator[None]:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (left // BATCHES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# -- damage ------------------------------------------------------------------------------------------


def flip(file: Path, dice: random.Random) -> None:
    content = bytearray(file.read_bytes())
    if content:
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    file.write_bytes(bytes(content) or b"?")


def truncate(file: Path, dice: random.Random) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: dice.randrange(len(content))] if content else b"?")


def empty(file: Path, _: random.Random) -> None:
    file.write_bytes(b"")


def delete(file: Path, _: random.Random) -> None:
    file.unlink()


def noise(file: Path, dice: random.Random) -> None:
    file.write_bytes(dice.randbytes(max(file.stat().st_size, 8)))


def to_folder(file: Path, _: random.Random) -> None:
    file.unlink()
    file.mkdir()
    (file / "garbage").write_bytes(b"garbage")


DAMAGES = (flip, truncate, empty, delete, noise, to_folder)


def damaged(folder: Path, short: bool, only: Sequence[str] = ()) -> Result:
    """Every stored kind × every damage, some places of each; two entries of each kind in each other's place."""
    result, dice = Result("a damaged stored file"), random.Random(4)
    one, two = Contents(1), Contents(2)
    origin = folder / "origin"
    first = Store(origin, shipped=origin / "shipped")
    for contents in (one, two):
        contents.store(first)
        contents.ship(origin / "shipped")
        with first.alone(contents.key):
            contents.words(first)
    home = folder / "copy"
    for number, (kind, paths) in enumerate(_kinds(origin, one, two).items()):
        if only and kind not in only:
            continue
        # In short, each kind meets one damage in its turn; flips are tried eight times, at other bytes of other files.
        damages = [DAMAGES[number % len(DAMAGES)]] if short and not only else DAMAGES
        words = kind == "words"
        for damage in damages:
            for again in range(1 if short else 8 if damage is flip else 2):
                with result.case(f"{kind}: {damage.__name__} {again}"), _copy(origin, home):
                    damage(home / dice.choice(_files(paths[0])).relative_to(origin), dice)
                    result.lost += _read_after(home, one, two, damage is not delete, words)
        if short and not only and number % 2:
            continue
        with result.case(f"{kind}: swapped"), _copy(origin, home):
            places = [home / path.relative_to(origin) for path in paths]
            places[0].rename(home / "aside")
            places[1].rename(places[0])
            (home / "aside").rename(places[1])
            result.lost += _read_after(home, one, two, True, words)
        with result.case(f"{kind}: a folder of garbage"), _copy(origin, home):
            place = home / paths[0].relative_to(origin)
            shutil.rmtree(place) if place.is_dir() else place.unlink()
            place.mkdir()
            (place / "garbage").write_bytes(b"garbage")
            (place.parent / "garbage").mkdir()
            result.lost += _read_after(home, one, two, True, words)
    return result


def _kinds(origin: Path, *contents: Contents) -> dict[str, list[Path]]:
    """Where each stored kind lies, for each of the contents."""
    from explorer.store.content_vectors import table_name

    lance = origin / "store"
    kinds = {
        kind: [lance / f"{kind}-{each.key}.lance" for each in contents]
        for kind in ("table", "neighbors", "layout", "clusters", "selection", "words")
    }
    kinds["vectors"] = [lance / f"{table_name(each.model)}.lance" for each in contents]
    kinds["shipped"] = [origin / "shipped" / f"shipped-{each.key}.arrow" for each in contents]
    for where in ("workspaces", "projects", "previous/workspaces", "previous/projects"):
        kinds[where] = [origin / where / f"{each.key}.json" for each in contents]
    kinds["locks"] = sorted((origin / "locks").iterdir())[:2]
    return kinds


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


@contextmanager
def _copy(origin: Path, home: Path) -> Iterator[None]:
    shutil.copytree(origin, home)
    try:
        yield
    finally:
        shutil.rmtree(home)


def _read_after(home: Path, one: Contents, two: Contents, must_tell: bool, words: bool) -> int:
    """Read everything, store again what is missing, and read again. Returns how many documents were lost."""
    store = Store(home, shipped=home / "shipped")
    lost = 0
    for contents in (one, two):
        gone = contents.missing(store, shipped=True)
        reported = bool(store.warnings or store.documents.recovered)
        assert reported or not gone or not must_tell, f"no message about {gone}"
        lost += sum(folder in gone for folder in contents.documents)
        assert not words or contents.words(store) == list(range(10, 10 + WORDS)), "wrong words"
        with store.alone(contents.key):
            contents.store(store)
        if "shipped" in gone:
            store.put_arrays("shipped", contents.key, a=contents.arrays["shipped"])
    later = Store(home, shipped=home / "shipped")
    for contents in (one, two):
        assert contents.missing(later, shipped=True) == [], "not made again"
        assert not words or contents.words(later) == list(range(10, 10 + WORDS)), "wrong words"
    return lost


# -- eviction ----------------------------------------------------------------------------------------


def eviction(folder: Path, short: bool) -> Result:
    """Two threads trim to almost nothing while others write and read the same entries; then the limit must be kept."""
    from explorer.store import eviction as storage

    result = Result("eviction")
    home, everything = folder / "evicted", [Contents(seed, rows=40) for seed in range(4)]
    problems: list[str] = []
    over = time.monotonic() + (1.0 if short else 20.0)

    def write_and_read(contents: Contents) -> None:
        store = Store(home, shipped=None)
        while time.monotonic() < over:
            with result.case(f"reading while trimmed, seed {contents.key[-1]}"):
                contents.store(store)
                gone = contents.missing(store)
                kept = [name for name in gone if name in ("selection", "workspaces", "projects") or "before" in name]
                result.lost += len(kept)
                assert not kept, f"{kept} were evicted"
        problems.extend(warning for warning in store.warnings if "Could not write" in warning)

    def take_away() -> None:
        store = Store(home, shipped=None)
        while time.monotonic() < over:
            with result.case("trimming"):
                storage.trim(store, 1000, in_use=0.0)
            time.sleep(0.01)

    threads = [threading.Thread(target=write_and_read, args=(contents,)) for contents in everything]
    threads += [threading.Thread(target=take_away) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.bad += problems
    with result.case("the cap is kept"):
        store = Store(home, shipped=None)
        for contents in everything:
            contents.store(store)
        total = sum(entry.bytes for entry in store.entries())
        storage.trim(store, total // 2, in_use=0.0)
        assert sum(entry.bytes for entry in store.entries()) <= total // 2
        gone = {name for contents in everything for name in contents.missing(store)}
        assert not gone & {"selection", "workspaces", "projects"}, gone
        assert store.trim(0) == [], "what was used a moment ago must stay"
        with contextlib.suppress(FileNotFoundError):
            assert leftovers(home) == []
    return result
