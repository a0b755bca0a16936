"""Which models are offered with which wait, and what the button "Change" changes: no more than was asked for."""

from __future__ import annotations

import io
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from examples import table_of
from streamlit.testing.v1 import AppTest
from test_pages import keyed, upload
from visits import healthy, link_of, page_text, press, visit

from explorer.app import session
from explorer.embedding import models, rates
from explorer.embedding.rates import Rate, Rates
from explorer.library.workspaces import Workspace
from explorer.media.passages import passages
from explorer.recipe import READY_MADE
from faults import encoder

HUB = "owner/letters"
RATE = Rate((16, 64, 256), (0.01, 0.04, 0.16))
WORDS = "bread rivers taxes violins clouds horses stones lamps boats trees maps ink"
GROUPS = ("red,warm", "blue,cold")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where nothing was measured yet; and a model of the Hub that needs no network."""
    shared = rates.engine_folders()
    monkeypatch.setattr(rates, "engine_folders", lambda folder=None: (folder or tmp_path / "rates", *shared[2:]))
    letters: dict[str, models.Model] = {}
    encoder.register(letters)
    monkeypatch.setattr(models, "load_from_hub", lambda name: letters["letters"].load())
    monkeypatch.setattr(rates, "computes_in_bf16", lambda: False)


def file_of(name: str) -> bytes:
    """Twelve texts with two columns that can be labels."""
    rows = (f"sentence {row} of {name} about {word},{GROUPS[row % 2]}" for row, word in enumerate(WORDS.split()))
    return "\n".join(["text,one,two", *rows]).encode()


def built(model: str, name: str) -> AppTest:
    """Home with a file that was built with a model."""
    at = upload("small.csv", file_of(name))
    return press(chosen(at, model), "build")


def chosen(at: AppTest, model: str, key: str = "model") -> AppTest:
    """A model chosen: among the two, among the others, or by its name."""
    if model in ("minilm", "fast"):
        return healthy(keyed(at.radio, key).set_value(model).run())
    healthy(keyed(at.radio, key).set_value("other").run())
    listed = [box for box in at.selectbox if (box.key or "").startswith(key) and (box.key or "").endswith("-other")]
    healthy(listed[0].set_value(model if model in models.MODELS else "by name").run())
    if model not in models.MODELS:
        healthy(keyed(at.text_input, key).set_value(model).run())
    return at


def opened(at: AppTest):
    """The entry that a page has open."""
    link = link_of(at)
    workspace = Workspace(session.store(), link["w"])
    return workspace.find(link["space"])


@pytest.mark.parametrize("model", ["minilm", "fast", "glove", HUB])
def test_changing_only_the_label_keeps_the_model(model, request):
    at = built(model, request.node.name)
    before = opened(at)
    assert before.recipe.model == model
    healthy(keyed(at.selectbox, f"role-Label-{before.recipe.key}").set_value("two").run())
    press(at, "change-apply")
    after = opened(at)
    assert (before.roles.label, after.roles.label) == ("one", "two")
    assert after.recipe == before.recipe


def test_another_model_is_changed_to(request):
    at = built("fast", request.node.name)
    assert keyed(at.radio, "change-model").value == "fast"
    chosen(at, "glove", "change-model")
    press(at, "change-apply")
    assert opened(at).recipe.model == "glove"


def test_a_sample_keeps_a_label_that_was_changed():
    at = visit(sample="support_tickets")
    healthy(keyed(at.selectbox, "role-Label").set_value("channel").run())
    press(at, "change-apply")
    assert opened(at).roles.label == "channel"
    assert opened(at).recipe.model != READY_MADE


def titles(at: AppTest) -> list[str]:
    return list(at.radio(key="model").options)


def others(at: AppTest) -> list[str]:
    return list(at.selectbox(key="model-other").options)


def test_the_wait_is_this_machines(request):
    Rates().keep("minilm", RATE)
    Rates().keep("fast", Rate(RATE.tokens, tuple(one / 100 for one in RATE.seconds)))
    at = upload("long.csv", ("text\n" + "\n".join(f"{row} {'word ' * 61}" for row in range(600))).encode())
    assert titles(at) == [
        "Accurate: MiniLM, about 24 s",  # 600 texts of 64 tokens
        "Fast: static MiniLM, a few seconds",
        "Other",
    ]
    healthy(at.radio(key="model").set_value("other").run())
    assert all(", about " in title or ", a few seconds" in title for title in others(at)[:-1])


@pytest.mark.parametrize(("factor", "offered"), [(1.0, False), (2.0, True)])
def test_quick_stands_there_only_where_it_is_quick(factor, offered, request):
    Rates().keep("minilm", RATE)
    Rates().keep("minilm-int8", Rate(RATE.tokens, tuple(one / factor for one in RATE.seconds)))
    at = upload("small.csv", file_of(request.node.name))
    healthy(at.radio(key="model").set_value("other").run())
    assert any(title.startswith("Quick") for title in others(at)) is offered
    assert len(titles(at)) == 3
    assert len(others(at)) == len(models.MODELS) - 3 + offered + 2  # without the two and Quick; multilingual, by name


def test_a_choice_that_turns_out_slow_is_not_taken_away(request):
    at = upload("small.csv", file_of(request.node.name))
    chosen(at, "minilm-int8")
    for name in ("minilm", "minilm-int8"):
        Rates().keep(name, RATE)
    healthy(at.run())
    assert at.selectbox(key="model-other").value == "minilm-int8"


def test_equal_texts_are_counted_once():
    from explorer.app.home.models import texts_sampled

    table = table_of(text=["a cat", "a dog", "a cat", None], n=[1, 2, 3, 4])
    lengths, count = texts_sampled(table.digest, ("text",), _table=table)
    assert count == 3
    assert np.max(lengths) == 4


ARTICLE = "A sentence that says a little about bread and rivers, and then some more of it. "  # 19 tokens


def test_what_long_texts_become_is_said_before_the_build(request):
    long = "\n".join(f"{row} {ARTICLE * 40},red,warm" for row in range(4)).replace("rivers, and", "rivers and")
    at = upload("long.csv", file_of(request.node.name) + b"\n" + long.encode())
    assert re.search(
        r"4 of 16 texts are longer than this model reads: they become passages, about \d\d items", page_text(at)
    )
    whole = keyed(at.checkbox, "whole")
    assert whole.label == "Keep each text in one piece (its end is cut)"
    healthy(at.radio(key="model").set_value("fast").run())  # reads all of them
    assert not at.checkbox
    healthy(at.radio(key="model").set_value("minilm").run())
    healthy(keyed(at.checkbox, "whole").check().run())
    assert "4 of 16 texts are cut at what this model reads" in page_text(at)
    press(at, "build")
    assert not opened(at).recipe.passages
    space = session.space_of(opened(at))
    assert len(space.items) == 16
    healthy(keyed(at.selectbox, f"role-Label-{opened(at).recipe.key}").set_value("two").run())
    press(at, "change-apply")
    assert not opened(at).recipe.passages  # the dataset's own choice


def test_short_texts_ask_nothing(request):
    at = upload("small.csv", file_of(request.node.name))
    assert not at.checkbox
    press(at, "build")
    assert opened(at).recipe.passages


def test_passages_are_estimated_as_they_are_cut():
    from explorer.app.home.models import in_passages

    lengths = lambda texts: np.array([len(text.split()) + 2 for text in texts])  # noqa: E731
    random = np.random.default_rng(0)
    texts = []
    for _ in range(30):
        sentences = [" ".join(["word"] * random.integers(8, 40)) + "." for _ in range(random.integers(5, 80))]
        texts.append(" ".join(sentences))
    cut = passages(texts, lengths, 256)
    longer, items = in_passages(lengths(texts), 256)
    assert longer == sum(part is not None for part in cut)
    assert items == pytest.approx(sum(len(part or [0]) for part in cut), rel=0.25)


def test_only_allowed_models_of_the_hub_are_offered(request, monkeypatch):
    monkeypatch.setenv("EXPLORER_HUB_MODELS", HUB)
    at = upload("small.csv", file_of(request.node.name))
    healthy(at.radio(key="model").set_value("other").run())
    assert any(title.startswith(HUB) for title in others(at))
    assert not any("by name" in title or "Multilingual" in title for title in others(at))


def with_vectors(column: str, width: int) -> bytes:
    """Twelve texts with a vector each, as Parquet."""
    file = io.BytesIO()
    vectors = np.random.default_rng(0).standard_normal((12, width)).astype(np.float32)
    texts = [f"a sentence about {word}, and what people say of it" for word in WORDS.split()]
    pq.write_table(pa.table({"text": texts, column: vectors.tolist()}), file)
    return file.getvalue()


def test_a_files_own_embedding_comes_first_and_the_texts_are_one_click_away():
    at = upload("embedded.parquet", with_vectors("embedding", 16))
    source = keyed(at.radio, "source-")
    assert (source.options, source.value) == (["This file's own vectors", "Embed the texts"], "This file's own vectors")
    assert not [radio for radio in at.radio if radio.key == "model"]
    press(at, "build")
    assert opened(at).recipe.model == READY_MADE
    assert opened(at).recipe.columns == ("embedding",)
    at = upload("embedded.parquet", with_vectors("embedding", 16))
    healthy(keyed(at.radio, "source-").set_value("Embed the texts").run())
    assert keyed(at.multiselect, "role-text").value == ["text"]
    healthy(at.radio(key="model").set_value("fast").run())
    press(at, "build")
    assert (opened(at).recipe.model, opened(at).recipe.columns) == ("fast", ("text",))
    assert keyed(at.radio, "source-").value == "Embed the texts"  # as it was built


def test_a_few_numbers_are_no_embedding_to_put_first():
    at = upload("places.parquet", with_vectors("v", 3))
    assert keyed(at.radio, "source-").value == "Embed the texts"


def test_html_is_left_out_of_what_is_counted_and_embedded_unless_it_is_kept(request):
    tags = '<p class="a very long name of a style">' * 30
    rows = [f"{tags}{row} of {request.node.name} about {word}{'</p>' * 30}" for row, word in enumerate(WORDS.split())]
    at = upload("bodies.csv", ("body\n" + "\n".join(f'"{row.replace(chr(34), chr(34) * 2)}"' for row in rows)).encode())
    box = keyed(at.checkbox, "markup-")
    assert (box.label, box.value) == ("HTML in cells is left out of the texts", True)
    assert "longer than this model reads" not in page_text(at)
    healthy(box.uncheck().run())
    assert "12 of 12 texts are longer than this model reads" in page_text(at)
    healthy(keyed(at.checkbox, "markup-").check().run())
    press(at, "build")
    assert opened(at).recipe.markup == ("body",)


def test_what_the_model_cannot_read_is_said_before_the_build():
    plain = [f"we had a word about {word}, and then went home" for word in WORDS.split()]
    at = upload("smiles.csv", "\n".join(["text", *(f'"{text}"' for text in plain), *["😀🎉😀", "🎉🎉", "😀"]]).encode())
    (warning,) = at.warning
    assert warning.value.startswith("3 of 15 texts are only emoji, which MiniLM cannot read")
