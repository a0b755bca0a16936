"""Files that are polluted, damaged or harmful. Each must be read as intended, or be refused with one sentence."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil

import explorer
from explorer.errors import BadInput
from explorer.limits import MIB
from explorer.reading.readers import read
from explorer.reading.sandbox import Reading
from explorer.table.table import Table
from faults import Result, hostile_files
from faults.hostile_files import Case
from faults.pollution import Score, by_pandas, polluted, rows_of

ROOT = Path(__file__).resolve().parents[1]
_UNCLEAR = re.compile(r"Traceback|<class|object at 0x|\n")
_counting = threading.Lock()


def run(short: bool) -> list[Result]:
    """Every fault of this module.

    A file that may take much memory or crash is read in a child process, as uploads are; the others in this process.
    Where `short`, nearly all are read in this process, and fewer cases are tried.
    """
    apart = not short
    with tempfile.TemporaryDirectory() as folder:
        before, os.environ["TMPDIR"] = os.environ.get("TMPDIR"), folder  # the children make their temporary files here
        canary = Path(folder).parent / f"canary-{os.getpid()}"
        try:
            results = [
                pollution(short),
                _tried("a header narrower than its rows", hostile_files.narrow_headers(), False),
                _tried("1,000,000 columns; one line of 200 MB", hostile_files.huge_lines(short), True),
                _tried("JSON: depth, repeated keys, NaN, half characters, bad lines", hostile_files.odd_json(), False),
                _tried("zip bombs, overlapping, nested, many, cut", hostile_files.zip_bombs(short), apart),
                _tried("Parquet bombs", hostile_files.parquet_bombs(short), apart),
                _tried("entity bombs and far cells in workbooks", hostile_files.entity_bombs(), apart),
                _tried("zip paths", hostile_files.zip_paths(), False),
                _tried("NPY: object arrays, headers that lie", hostile_files.lying_arrays(), False),
                _pickles(canary),
                _tried("1 MB cells, right to left, joiners, byte for byte", hostile_files.odd_texts(), False),
                _tried("files with bytes changed, lost or doubled", _damaged(3 if short else 40), apart),
                limits(short),
            ]
            left = os.listdir(folder)
            results[-1].bad += [f"a temporary file was left behind: {name}" for name in left]
        finally:
            os.environ.pop("TMPDIR") if before is None else os.environ.update(TMPDIR=before)
            canary.unlink(missing_ok=True)
    return results


def pollution(short: bool) -> Result:
    """Polluted CSV files: the share of rows that are read exactly, compared with pandas at its defaults."""
    result = Result("polluted CSV: encodings, line ends, quotes, delimiters, ragged rows, titles, several tables")
    ours, theirs = Score(), Score()
    for file in polluted(every=60, large=False) if short else polluted():
        with result.case(file.name):
            table, refusal = _outcome(lambda file=file: read(file.data, name="polluted.csv"))  # type: ignore[misc]
            ours.add(file, lambda _, table=table: (table.columns, rows_of(table)))  # type: ignore[misc]
            assert table is not None or not file.rows, f"refused: {refusal}"
            if table is not None:
                numbered = table.columns == [f"column_{place + 1}" for place in range(len(table.columns))]
                result.lost += max(0, file.records - (not numbered) - len(table) - len(table.rejected))
        if not short:
            theirs.add(file, by_pandas)
    result.bad += [f"{name}: {share:.0%} of its rows came back" for share, name in ours.worst if share < 0.9]
    result.note = f"{ours}" + (f"; pandas: {theirs}" if theirs.files else "")
    return result


def _tried(fault: str, cases: Iterable[Case], apart: bool) -> Result:
    """Read and check each case; where `apart`, each in a child process, two at a time."""
    result = Result(fault)
    if not apart:
        for case in cases:
            _try(result, case, lambda case: read(case.data, name=case.name))
        return result
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda case: _try_apart(result, case), cases))
    return result


def _try_apart(result: Result, case: Case) -> None:
    reading = Reading(case.data, {"name": case.name})
    _try(result, case, lambda _: reading.table())
    with _counting:
        result.peak_mb = max(result.peak_mb or 0, reading.peak_bytes / MIB)


def _try(result: Result, case: Case, reader: Callable[[Case], Table]) -> None:
    with result.case(case.name):
        table, refusal = _outcome(lambda: reader(case))
        if table is None:
            _require_sentence(refusal)
            assert case.may_refuse or not callable(case.wanted), f"refused: {refusal}"
            return
        assert case.wanted != "refused", f"was read: {str(table.arrow.to_pydict())[:100]}"
        assert len(table.rejected) == len(table.contents)
        if callable(case.wanted):
            case.wanted(table)
        if case.records is not None:
            missing = abs(case.records - len(table) - len(table.rejected))
            result.lost += missing
            assert not missing, f"{len(table)} rows and {len(table.rejected)} rejected of {case.records}"


def _outcome(reader: Callable[[], Table]) -> tuple[Table | None, str]:
    """The table, or the sentence with which it was refused."""
    try:
        return reader(), ""
    except BadInput as refusal:
        return None, str(refusal)


def _require_sentence(text: str) -> None:
    assert text, "an empty sentence"
    assert not _UNCLEAR.search(text), f"not a clear sentence: {text[:120]!r}"
    assert not re.search(r"cannot be read \(\w+(Error|Exception|Panic)", text), (
        f"an error nobody foresaw: {text[:160]!r}"
    )
    assert "The reader crashed" not in text, f"a crash: {text[:160]!r}"
    assert len(text) < 700, f"{len(text)} characters long"


def _pickles(canary: Path) -> Result:
    result = _tried("pickles under every accepted ending", hostile_files.pickles(canary), False)
    if canary.exists():
        result.bad.append("a pickle was executed")
    return result


def _damaged(each: int) -> Iterable[Case]:
    return hostile_files.damaged(np.random.default_rng(4), each)


# What a faulty parser might do: code that runs instead of the child, and a part of the message that must follow.
_MISBEHAVIOR = {
    "sleeps": ("import time; time.sleep(60)", "took longer"),
    "never returns": ("while True: pass", "took longer"),
    "swallows memory": ("held = []\nwhile True: held.append(bytearray(10**7))", "more memory"),
    "breaks off": ("import os; os.kill(os.getpid(), 11)", "crashed"),
    "aborts": ("import os; os.abort()", "crashed"),
    "leaves": ("raise SystemExit(3)", "crashed"),
    "talks nonsense": ("print('nonsense')", "crashed"),
    "answers half": ("print('{\"table\": {}}'); print('ARROW1')", "crashed"),
    "is killed": ("import os; os.kill(os.getpid(), 9)", "more memory"),
}


def limits(short: bool) -> Result:
    """Parsers that hang, crash or take too much memory; and a child whose parent is killed, which must end."""
    result = Result("a parser that hangs, crashes or swallows memory; its parent killed")
    some = ("sleeps", "swallows memory", "breaks off", "talks nonsense")
    for name in some if short else _MISBEHAVIOR:
        code, wanted = _MISBEHAVIOR[name]
        with result.case(name):
            seconds = 1 if wanted == "took longer" else 30
            reading = Reading(b"id\n1\n", {"name": "a.csv"}, 200 * MIB, seconds, (sys.executable, "-c", code))
            table, refusal = _outcome(reading.table)
            assert table is None, "was read"
            assert wanted in refusal, f"says {refusal}"
            result.peak_mb = max(result.peak_mb or 0, reading.peak_bytes / MIB)
    with result.case("a damaged Parquet file that aborts pyarrow"):
        path = ROOT / "tests" / "data" / "aborts.parquet"
        table, refusal = _outcome(lambda: explorer.read(path))
        assert table is None, "was read"
        assert "crashed" in refusal, f"says {refusal}"
    rows = b"id,text\n" + b"1,a text of some words\n" * (1_000_000 if short else 5_000_000)
    with result.case("a real file over the limit"):
        reading = Reading(rows, {"name": "a.csv"}, 150 * MIB, 60)
        table, refusal = _outcome(reading.table)
        assert table is None, "was read"
        assert "more memory" in refusal, f"says {refusal}"
    if not short:
        with result.case("its parent killed"):
            _outlived_by_none()
    return result


def _outlived_by_none() -> None:
    code = (
        "from explorer.reading.sandbox import read_apart\n"
        "read_apart(b'id,text\\n' + b'1,a text\\n' * 10**7, name='a.csv')"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        children = _wait_for(lambda: psutil.Process(parent.pid).children(), 20)
        assert children, "no child was started"
        time.sleep(1)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        gone = _wait_for(lambda: not any(child.is_running() for child in children), 20)
        assert gone, "the child outlived its parent by 20 s"
    finally:
        if parent.poll() is None:
            parent.kill()
            parent.wait()


def _wait_for(what: Callable[[], Any], seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found
