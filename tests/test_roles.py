"""What columns are for, numbers and dates in text, and languages."""

import numpy as np
import pytest
from examples import table_of

from explorer.errors import BadInput
from explorer.reading.readers import read
from explorer.table import roles
from explorer.table.language import detect
from explorer.table.roles import Roles, dates, guess_roles, kinds, numbers, open_texts, require_content

TICKETS = ["id,text,topic,urgency,created,link,channel"] + [
    f"T-{i:03d},My parcel number {i} is late and I want {'a refund' if i % 2 else 'a new one'},"
    f"{('delivery', 'billing', 'login')[i % 3]},{i % 5},2024-03-{i % 28 + 1:02d},"
    f"https://shop.example/{i},{'web' if i % 2 else 'mail'}"
    for i in range(60)
]


def table(text: str, name: str = "reviews.csv"):
    return read(text.encode(), name=name)


def test_every_kind_of_column():
    tickets = table("\n".join(TICKETS))
    assert kinds(tickets) == {
        "id": "id",
        "text": "text",
        "topic": "category",
        "urgency": "number",
        "created": "date",
        "link": "other",
        "channel": "category",
    }
    assert guess_roles(tickets) == Roles(("text",), None, None, "topic", "urgency", "created", "id")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("word\napple\npear\nfig\nplum\n", ("word",)),
        ("movieId,title\n1,Toy Story (1995)\n2,Jumanji (1995)\n3,Heat (1995)\n", ("title",)),
        ("title,body\nLate,It came late and I am cross\nBroken,The screen was broken at once\n", ("title", "body")),
        ("id,review\n1,荷物が届きません\n2,返金をお願いします\n", ("review",)),
        ("id,review\n1,កញ្ចប់មកយឺតណាស់\n2,សូមសងប្រាក់វិញ\n", ("review",)),
        ("id,review\n1,ພັດສະດຸມາຊ້າຫຼາຍ\n2,ກະລຸນາຄືນເງິນ\n", ("review",)),
        ("id,review\n1,အထုပ်နောက်ကျသည်\n2,ငွေပြန်အမ်းပါ\n", ("review",)),
        (
            "short,long\nred car,a very long description of a red car\nblue car,another long one of a blue car\n",
            ("long",),
        ),
        ("id,stars\n1,5\n2,4\n", ()),
    ],
)
def test_text_column(text, expected):
    assert guess_roles(table(text)).text == expected


def test_the_columns_of_a_table_are_looked_at_once_and_vectors_not_at_all(monkeypatch):
    looked = []
    monkeypatch.setattr(roles, "_look_at_strings", lambda name, *_: looked.append(name) or roles.Column("text", 5.0))
    vectors = np.ones((3, 4), np.float32)
    mixed = table_of(text=["a", "b", "c"], vector=vectors, picture=[None, b"\x89PNG", b"x"])
    for _ in range(3):
        assert kinds(mixed) == {"text": "text", "vector": "vector", "picture": "image"}
        assert guess_roles(mixed).vector == "vector"
    assert looked == ["text"]
    kinds(table_of(text=["a", "b", "c"]))
    assert looked == ["text", "text"], "another table"


def test_files_without_names_have_labels_too():
    rows = "".join(
        f"{i % 4 + 1},Title of story {i},Some people said {i} things happened today in town\n" for i in range(60)
    )
    guessed = guess_roles(table(rows))
    assert guessed.text == ("column_3",)
    assert guessed.label == "column_1"


STEPS = range(100, 160)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([str(n) for n in STEPS], None),  # numbers of rows, as a CSV has them
        ([f"{n}.0" for n in STEPS], None),  # as pandas writes them where one is missing
        ([f"{n * n * 7:,}" for n in STEPS], None),  # populations: never guessed, whatever their gaps
        ([str(n % 50) for n in STEPS], "n"),  # two rows have the same
        ([f"{n / 10}" for n in STEPS], "n"),  # measured
        ([str(n) for n in STEPS[:10]], "n"),  # too few rows to tell
    ],
)
def test_whole_numbers_that_differ_in_every_row_are_not_guessed_to_be_the_number(cells, expected):
    words = [f"text about thing {row}" for row in range(len(cells))]
    rows = "\n".join(f"{text}\t{cell}" for text, cell in zip(words, cells, strict=True))
    found = table(f"text\tn\n{rows}\n", "a.tsv")
    assert guess_roles(found).number == expected
    assert kinds(found)["n"] == "number"  # it can be chosen


@pytest.mark.parametrize(("kind", "expected"), [(np.int64, None), (np.float64, None)])
def test_nor_are_those_of_a_typed_file(kind, expected):
    found = table_of(text=[f"text about thing {n}" for n in STEPS], rank=np.array(STEPS, kind), stars=[1.5, 2] * 30)
    assert guess_roles(found).number == "stars"
    assert guess_roles(table_of(text=[f"thing {n}" for n in STEPS], rank=np.array(STEPS, kind))).number is expected


def test_columns_of_open_text_are_found_where_there_are_several():
    liked = [f"I liked the {thing} most of all, really {n}" for n, thing in enumerate(TICKETS[:30])]
    bad = [f"You should mend the {n}. page, it is slow" for n in range(30)]
    code = [f'{{"a": "of all the words {n} one"}}' for n in range(30)]
    survey = {"What did you like?": liked, "What should we change?": bad}
    assert open_texts(table_of(**survey, raw=code, place=["Bonn", "Rome", "Oslo"] * 10)) == tuple(survey)
    assert open_texts(table_of(**survey, why=[f"since {n}" for n in range(30)])) == tuple(survey)
    article = [f"Some {n} people wrote about it at length. " * 20 for n in range(30)]
    assert open_texts(table_of(title=liked, body=article)) == ()
    assert open_texts(table_of(title=liked, body=bad)) == ()
    assert open_texts(table_of(teaser=liked, body=article)) == ()  # the short form of the other
    assert open_texts(table_of(Comment=liked, Comment_2=bad)) == ()  # one column, cut in two
    assert open_texts(table_of(text=liked, n=list(range(30)))) == ()
    assert open_texts(table_of(text=liked, note=[*bad[:5], *[None] * 25])) == ()  # hardly ever filled


def test_vectors_are_content():
    guessed = guess_roles(read(b'[{"id": 1, "v": [1, 2]}, {"id": 2, "v": [3, 4]}]', name="v.json"))
    assert (guessed.text, guessed.vector, guessed.id) == ((), "v", "id")
    require_content(read(b'[{"v": [1, 2]}]', name="v.json"), roles=Roles(vector="v"))


def test_no_text_is_said_in_one_sentence():
    ratings = table("id,stars\n1,5\n2,4\n")
    with pytest.raises(BadInput) as caught:
        require_content(ratings, guess_roles(ratings))
    assert str(caught.value) == (
        "No text column in reviews.csv. Found: id (id), stars (number). "
        "Choose another file or name a column with --text."
    )
    with pytest.raises(BadInput, match="No column 'body'"):
        require_content(ratings, Roles(text=("body",)))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-2.5", "1e3", "", "n/a", "inf", "0x10"], [1, -2.5, 1000, None, None, None, None]),
        (["1,234", "5", "1,234,567.5"], [1234, 5, 1234567.5]),
        (["1,5", "2,25", "1,234"], [1.5, 2.25, 1.234]),
        (["1.234,5", "1.234.567", "3,5"], [1234.5, 1234567, 3.5]),
        (["$5", "€ 7.50", "12%", "1 234", "−3"], [5, 7.5, 12, 1234, -3]),
    ],
)
def test_numbers(cells, expected):
    rows = "\n".join(f"{i}\t{cell}" for i, cell in enumerate(cells))
    got = numbers(table(f"id\tn\n{rows}\n", "a.tsv"), "n")
    assert [None if np.isnan(value) else value for value in got] == expected


def test_the_delimiter_tells_what_a_lone_comma_means():
    assert numbers(table("id;n\n1;1,234\n2;5,678\n"), "n").tolist() == [1.234, 5.678]
    assert numbers(table('id,n\n1,"1,234"\n2,"5,678"\n'), "n").tolist() == [1234, 5678]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2024-03-01", "2024-3-2 4:05", "soon", ""], ["2024-03-01T00:00", "2024-03-02T04:05", "NaT", "NaT"]),
        (["2024-03-03T10:00:00Z", "2024-03-03T10:00:00+02:00"], ["2024-03-03T10:00", "2024-03-03T08:00"]),
        (["03/14/2024", "01/02/2024"], ["2024-03-14T00:00", "2024-01-02T00:00"]),
        (["14/03/2024", "01/02/2024"], ["2024-03-14T00:00", "2024-02-01T00:00"]),
        (["1.2.2024", "3.4.99"], ["2024-02-01T00:00", "1999-04-03T00:00"]),
        (["14 March 2024", "Mar 3, 2023"], ["2024-03-14T00:00", "2023-03-03T00:00"]),
        (["3rd May 2022"], ["2022-05-03T00:00"]),
        (["Wed Oct 10 20:19:24 +0000 2018"], ["2018-10-10T20:19"]),
        (["2019", "7", "12:30"], ["NaT", "NaT", "NaT"]),
    ],
)  # fmt: skip
def test_dates(cells, expected):
    rows = "\n".join(f"{i}\t{cell}" for i, cell in enumerate(cells))
    got = dates(table(f"id\twhen\n{rows}\n", "a.tsv"), "when")
    assert [str(value)[:16] for value in got] == expected


def test_languages():
    english = ["The parcel came two weeks late again", "Friendly help and a quick answer today"]
    german = ["Das Paket kam leider zwei Wochen zu spät"]
    assert detect(english * 10) == {"en": 1.0}
    mixed = detect(english * 3 + german * 3 + ["ok", "", None, "荷物が届きません", "Привет"])
    assert mixed == {"en": 6 / 11, "de": 3 / 11, "ja": 1 / 11, "ru": 1 / 11}
    assert mixed == detect(english * 3 + german * 3 + ["ok", "", None, "荷物が届きません", "Привет"])
    assert detect([]) == detect(["ok", "12345 678"]) == {}
