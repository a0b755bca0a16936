"""A codebook codes the rows of another file: nearest theme, what fits none, wave against wave."""

import json

import numpy as np
import pytest
from examples import stored_recipe, table_of

from explorer.analysis.codebook import NEW, Code, Codebook, codebook_of, coded_by
from explorer.analysis.search import own_encoder
from explorer.analysis.themes import themes
from explorer.building import build
from explorer.errors import BadInput
from explorer.library.codebook_file import from_json, from_lines, read_codebook, to_json

PRICE = ["The price is too high.", "Much too expensive for me.", "The cost of a month is too high.",
         "Prices went up again.", "It is expensive compared with others.", "I cannot afford the price."]  # fmt: skip
LOGIN = ["I cannot log in.", "The password reset fails.", "My login does not work.", "The password is refused.",
         "Logged out all the time, login fails.", "Signing in with my password fails."]  # fmt: skip
DOGS = ["My dog ate a bone.", "The puppy barks at the cat.", "Dogs need long walks.", "Our dog sleeps all day.",
        "A dog runs after the ball.", "The old dog likes bones."]  # fmt: skip


def space_of(store, texts, **columns):
    return build(stored_recipe(store, table_of(text=texts, **columns), ("text",), model="fast"), store=store)


def names(labels):
    return tuple(f"group {number}" for number in range(int(labels.max()) + 1))


def of_two(store):
    from explorer.geometry.clusters import Clusters

    space = space_of(store, PRICE + LOGIN)
    clusters = Clusters(np.array([0] * 6 + [1] * 6, np.int32), ("price", "login"))
    return codebook_of(space, clusters, themes(space, clusters), "june.csv")


def test_the_next_wave_is_coded_with_the_themes_of_the_last(store):
    book = of_two(store)
    assert [(code.name, code.rows) for code in book.codes] == [("price", 6), ("login", 6)]
    space = space_of(store, ["Far too expensive.", "My password fails at login.", *DOGS])
    coded = coded_by(space, book, own_encoder(space), names)
    assert coded.clusters.labels[:2].tolist() == [0, 1]
    assert (coded.clusters.labels[2:] != 0).all()
    assert (coded.clusters.labels[2:] != 1).all()
    assert coded.known == 2
    assert [name for name in coded.clusters.names if name.startswith(NEW)] == list(coded.clusters.names[2:])
    assert len(coded.clusters) >= 3, "the dogs are a group of their own"
    assert coded.certainty.min() >= 0.5
    assert coded.certainty.max() <= 1


def test_own_rows_are_coded_as_they_were(store):
    book = of_two(store)
    space = space_of(store, PRICE + LOGIN)
    coded = coded_by(space, book, own_encoder(space), names)
    assert (coded.clusters.labels[:6] == 1).sum() + (coded.clusters.labels[6:] == 0).sum() == 0
    assert (coded.clusters.labels >= 0).sum() >= 10


def test_a_file_keeps_all_of_it(store):
    book = of_two(store)
    back = from_json(to_json(book).decode())
    assert (back.model, back.source, back.total) == ("fast", "june.csv", 12)
    assert back.temperature == pytest.approx(book.temperature)
    for one, other in zip(back.codes, book.codes, strict=True):
        assert (one.name, one.quotes, one.rows) == (other.name, other.quotes, other.rows)
        assert one.reach == pytest.approx(other.reach)
        np.testing.assert_allclose(one.center, other.center, atol=1e-5)


def test_a_person_can_write_one(store):
    book = from_lines([
        {"Theme": "money", "Description": "too expensive, the price is high", "Example": None},
        {"Theme": "access", "Description": None, "Example": "I cannot log in with my password"},
        {"Theme": "access", "Description": "login problems", "Example": "the account is locked"},
        {"Theme": " ", "Description": "no name", "Example": None},
    ])  # fmt: skip
    assert [(code.name, code.description, code.quotes) for code in book.codes] == [
        ("money", "too expensive, the price is high", ()),
        ("access", "login problems", ("I cannot log in with my password", "the account is locked")),
    ]
    space = space_of(store, PRICE + LOGIN)
    coded = coded_by(space, book, own_encoder(space), names)
    assert (coded.clusters.labels[:6] == 0).sum() >= 4
    assert (coded.clusters.labels[6:12] == 1).sum() >= 4


def test_words_stand_in_for_vectors_of_another_model(store):
    """Centers of another model are worth nothing: the theme's words are embedded instead."""
    wrong = Codebook((Code("price", "too expensive", (), np.eye(1, 3, dtype=np.float32)[0], 0.9, 3),
                      Code("login", "password and login")), "another", "x", 6)  # fmt: skip
    space = space_of(store, PRICE + LOGIN)
    coded = coded_by(space, wrong, own_encoder(space), names)
    assert np.bincount(coded.clusters.labels[6:][coded.clusters.labels[6:] >= 0], minlength=2)[1] >= 4


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no codebook"),
        ('{"themes": 3}', "is no codebook"),
        ('{"themes": [{"title": "a"}]}', "is no codebook"),
        ('{"themes": [{"name": "a", "center": ["x"]}]}', "is no codebook"),
        ('{"themes": []}', "has no theme"),
        ('["a", "b", "a"]', "names 'a' twice"),
    ],
)  # fmt: skip
def test_what_is_no_codebook_is_refused(text, why):
    with pytest.raises(BadInput, match=why):
        from_json(text)


def test_plain_names_are_a_codebook(tmp_path):
    file = tmp_path / "codes.json"
    file.write_text('["price", "login"]')
    assert [code.name for code in read_codebook(file).codes] == ["price", "login"]
    table = tmp_path / "codes.csv"
    table.write_text("name,description\nprice,too expensive\nlogin,cannot get in\n")
    assert [(code.name, code.description) for code in read_codebook(table).codes] == [
        ("price", "too expensive"), ("login", "cannot get in"),
    ]  # fmt: skip
    with pytest.raises(BadInput, match="Cannot read"):
        read_codebook(tmp_path / "none.json")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_wave_against_wave_on_the_command_line(run, home, tmp_path):
    june, july, book = tmp_path / "june.csv", tmp_path / "july.csv", tmp_path / "june.json"
    june.write_text(
        "answer,region\n" + "".join(f"{text},{'N' if n % 2 else 'S'}\n" for n, text in enumerate(PRICE + LOGIN))
    )
    july.write_text("answer,region\n" + "".join(f"{text},N\n" for text in [*PRICE[:5], LOGIN[0], *DOGS]))
    code, _, err = run(
        "themes", june, "--text", "answer", "--model", "fast", "--method", "kmeans", "--level", 2, "--out", book
    )
    assert code == 0, err
    written = json.loads(book.read_text())
    assert written["source"] == "june.csv"
    assert sum(theme["rows"] for theme in written["themes"]) == 12
    code, out, err = run("themes", july, "--text", "answer", "--model", "fast", "--codebook", book, "--json")
    assert code == 0, err
    found = json.loads(out)
    known = {theme["name"]: theme for theme in found["themes"] if not theme["name"].startswith(NEW)}
    assert set(known) <= {theme["name"] for theme in written["themes"]}
    for theme in written["themes"]:
        if theme["name"] in known:
            assert known[theme["name"]]["earlier"] == pytest.approx(theme["rows"] / 12)
    fresh = [theme for theme in found["themes"] if theme["name"].startswith(NEW)]
    assert fresh
    assert all(theme["change"] is None for theme in fresh)
    assert found["codebook"]["known"] == 2
    assert {line["row"] for line in found["codebook"]["rows"]} <= set(range(12))
    assert "Coded by 2 themes of june.csv" in err
