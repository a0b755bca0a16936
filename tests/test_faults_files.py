"""`python -m faults --only files` in short, and proof that its checks notice what is wrong."""

import pytest

from explorer.errors import BadInput
from explorer.reading.readers import read
from faults import Result, files
from faults.hostile_files import Case, cells, workbook
from faults.pollution import Polluted, Score, clean_rows, polluted, share_returned, written

FAULTS = (
    "polluted CSV", "a header narrower", "1,000,000 columns", "JSON", "zip bombs", "Parquet bombs", "entity bombs",
    "zip paths", "NPY", "pickles", "1 MB cells", "files with bytes changed", "a parser that hangs",
)  # fmt: skip


@pytest.fixture(scope="module")
def results():
    return files.run(short=True)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_file_is_read_right_or_refused_in_a_sentence(results, fault):
    [result] = [result for result in results if result.fault.startswith(fault)]
    assert result.bad == []
    assert result.lost == 0
    assert result.cases > 1


def test_all_faults_are_named_above(results):
    assert len(results) == len(FAULTS)


# --- the checks can fail -------------------------------------------------------------------------------------------


def judged(case: Case, reader) -> Result:
    result = Result("one")
    files._try(result, case, reader)
    return result


def refuse(sentence: str):
    def reader(case):
        raise BadInput(sentence)

    return reader


def honest(case: Case):
    return read(case.data, name=case.name)


GOOD = Case("a.csv", b"id,text\n1,a\n2,b\n", cells(id=["1", "2"], text=["a", "b"]), 2)


def test_a_right_answer_is_not_held_against_the_reader():
    assert judged(GOOD, honest).bad == []
    assert judged(Case("a.csv", b"", "refused"), honest).bad == []


@pytest.mark.parametrize(
    ("case", "reader"),
    [
        (GOOD, lambda case: read(b"id,text\n1,a\n2,wrong\n", name="a.csv")),
        (GOOD, lambda case: 1 / 0),
        (GOOD, refuse("It cannot be read.")),
        (Case("a.csv", b"id,text\n1,a\n", "refused"), honest),
        (Case("a.csv", b"", "refused"), refuse("")),
        (Case("a.csv", b"", "refused"), refuse("Traceback (most recent call last):\n  File x")),
        (Case("a.csv", b"", "refused"), refuse("a.csv cannot be read (KeyError: 'x'). Save it again.")),
        (Case("a.csv", b"", "refused"), refuse("The reader crashed on a.csv (SIGSEGV). Save it again.")),
    ],
    ids=["a wrong cell", "an error", "refused", "read", "no words", "a traceback", "an unforeseen error", "a crash"],
)
def test_a_bad_outcome_is_noticed(case, reader):
    assert len(judged(case, reader).bad) == 1


def test_a_lost_row_is_noticed():
    result = judged(Case("a.csv", GOOD.data, "any", 2), lambda case: read(b"id,text\n1,a\n", name="a.csv"))
    assert result.lost == 1
    assert len(result.bad) == 1


def test_rows_are_compared_cell_by_cell():
    assert share_returned([["1", "a"], ["2", "b"]], [["2", "b"], ["1", "A"]]) == 0.5
    assert share_returned([["1", "a"], ["1", "a"]], [["1", "a"]]) == 0.5
    score = Score()
    score.add(Polluted("x", b"", [["1"]]), lambda data: 1 / 0)
    assert score.failed and score.returned == 0  # noqa: PT018


def test_pollution_is_what_it_says():
    [clean] = [file for file in polluted(every=85, large=False) if file.name == "clean"]
    assert clean.data.decode() == written([clean.header, *clean_rows()])
    assert clean.data.decode().splitlines()[0] == "day,hour,count,code,price,kind,remark,link,note"
    assert clean.records == 85
    names = [file.name for file in polluted(every=20, large=False)]
    assert len(names) == len(set(names)) > 200


def test_the_workbook_written_by_hand_is_a_workbook():
    assert read(workbook(text="x"), name="a.xlsx").arrow.to_pydict() == {"id": ["a", "b"], "text": ["x", "fine"]}
