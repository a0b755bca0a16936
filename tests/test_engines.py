"""The engine gives the model's own vectors, is converted once, says when it cannot, and needs no torch."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT
from tiny_model import DIMENSIONS, tiny_model

from explorer.embedding import conversions, engines, models, quantization
from explorer.embedding.conversions import Conversions, Unconvertible, key_of
from explorer.embedding.embed import embed_contents
from explorer.embedding.engines import OpenVinoEncoder, with_engine
from explorer.embedding.models import (
    MINILM_SHA256,
    calibration_texts,
    encoder,
    load_minilm,
    minilm_on_torch,
)
from explorer.embedding.torch_encoder import SentenceEncoder
from explorer.errors import BadInput
from scripts import prepare

ODD = [
    " ", ".", "🙂🚀", "👩‍👩‍👧‍👦 family", "\u200b", "e\u0301 vs é", "ＦＵＬＬ ｗｉｄｔｈ", "İstanbul ıÌ",
    "مرحبا بالعالم", "日本語のテキスト",
    "안녕하세요 " * 60, "a" * 3000, "word " * 254, "word " * 255, "\x00\x01 control",
    "[CLS] [SEP] [MASK] [PAD]", "<b>&amp;</b>",
    "One plain sentence.", "Refund the second charge, please: order 4711 was billed twice on 3 May. " * 20,
]  # fmt: skip


@pytest.fixture(scope="module")
def torch_model():
    return minilm_on_torch()


@pytest.fixture(scope="module")
def on_torch(torch_model):
    return SentenceEncoder(torch_model)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A model whose conversion takes a fraction of a second; it has the parts that MiniLM has."""
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def kept(tiny, tmp_path_factory):
    """The tiny model's conversion as it is read from the disk."""
    folder = Conversions(tmp_path_factory.mktemp("kept"))
    assert folder.keep("tiny", conversions.converted(tiny))
    return folder.load("tiny")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home where nothing is converted yet."""
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    monkeypatch.delenv("EXPLORER_ENGINES")
    return tmp_path


def cosines(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", ours, theirs)


# -- the same vectors --------------------------------------------------------------------------------


def test_minilm_runs_on_openvino():
    assert isinstance(encoder("minilm"), OpenVinoEncoder)
    assert encoder("minilm").notes == ()


@pytest.mark.parametrize("make", ["documents", "queries"])
def test_odd_texts_have_torchs_vectors(on_torch, make):
    ours, theirs = getattr(encoder("minilm"), make)(ODD), getattr(on_torch, make)(ODD)
    assert cosines(ours, theirs).min() >= 0.999


def test_the_same_texts_are_cut(on_torch):
    assert encoder("minilm").truncated(ODD).tolist() == on_torch.truncated(ODD).tolist()
    assert 2 < on_torch.truncated(ODD).sum() < 6


def test_a_block_has_the_same_bits_each_time(sentences):
    """An interrupted build goes on with whole blocks and must end with the vectors of an undisturbed one."""
    texts = [*sentences.frame["text"], *ODD]
    first, again = encoder("minilm").block(texts), encoder("minilm").block(texts)
    assert first.tobytes() == again.tobytes()


def test_progress_ends_with_all():
    counts = []
    encoder("minilm").block(ODD, counts.append)
    assert counts == sorted(counts)
    assert counts[-1] == len(ODD)


def test_prompts_and_first_token_pooling_are_the_models_own(tiny, home):
    """A model with other settings than MiniLM's, made of its parts."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling

    pooling = Pooling(DIMENSIONS, pooling_mode="cls")
    other = SentenceTransformer(
        modules=[tiny[0], pooling], prompts={"query": "search for: ", "document": "text: "}, device="cpu"
    )
    ours, theirs = with_engine("other", lambda: other), SentenceEncoder(other)
    assert isinstance(ours, OpenVinoEncoder)
    texts = ["late refund", "The parcel came late."]
    assert cosines(ours.documents(texts), theirs.documents(texts)).min() >= 0.999
    assert cosines(ours.queries(texts), theirs.queries(texts)).min() >= 0.999
    assert cosines(ours.queries(texts), ours.documents(texts)).max() < 0.999


# -- kept --------------------------------------------------------------------------------------------


def test_a_kept_conversion_needs_no_torch():
    load_minilm()  # it is kept by now
    script = (
        "import sys; from explorer.embedding.models import encoder\n"
        "print(type(encoder('minilm')).__name__, encoder('minilm').queries(['a cat']).shape)\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'openvino_telemetry.main'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["OpenVinoEncoder (1, 384)", "[]"]


@pytest.mark.parametrize("file", ["model.bin", "model.xml", "tokenizer.json", "settings.json", "digests.json"])
def test_a_damaged_conversion_is_noticed_and_goes(tmp_path, kept, file):
    engines = Conversions(tmp_path / "engines")
    assert engines.keep("weights", kept)
    assert engines.load("weights") is not None
    path = engines.folder / key_of("weights") / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert engines.load("weights") is None
    assert not path.exists()


def test_it_is_converted_once_and_again_after_damage(home, tiny):
    loads = []

    def load():
        loads.append(1)
        return tiny

    for _ in range(2):
        assert isinstance(with_engine("weights", load), OpenVinoEncoder)
    assert len(loads) == 1
    (home / "engines" / key_of("weights") / "model.bin").write_bytes(b"cut short")
    assert isinstance(with_engine("weights", load), OpenVinoEncoder)
    assert len(loads) == 2
    assert Conversions().load("weights") is not None


def test_the_first_run_has_the_bits_of_all_later_ones(home, torch_model, on_torch, sentences):
    """The one test that converts MiniLM itself each time; those of the mechanism below and above take a tiny model."""
    texts = [*ODD, *sentences.frame["text"]]
    first, later = (with_engine("weights", lambda: torch_model).block(texts) for _ in range(2))
    assert first.tobytes() == later.tobytes()
    assert cosines(first[: len(ODD)], on_torch.documents(ODD)).min() >= 0.999


def test_what_the_installation_converted_needs_no_conversion(kept, home, monkeypatch, tmp_path_factory):
    installed = Conversions(tmp_path_factory.mktemp("installed"))
    assert installed.keep("weights", kept)
    monkeypatch.setattr(conversions, "INSTALLED", installed.folder)
    assert isinstance(with_engine("weights", lambda: pytest.fail("torch was asked")), OpenVinoEncoder)
    assert not (home / "engines").exists()


def test_a_damaged_installation_is_made_good_in_the_home(home, tiny, monkeypatch, tmp_path_factory):
    installed = tmp_path_factory.mktemp("installed")
    (installed / key_of("weights")).mkdir()
    monkeypatch.setattr(conversions, "INSTALLED", installed)
    assert isinstance(with_engine("weights", lambda: tiny), OpenVinoEncoder)
    assert Conversions(home / "engines").load("weights") is not None


def test_what_cannot_be_prepared_stops_no_installation(capsys):
    def broken():
        raise OSError("the disk is full")

    prepare.tried("a thing", broken)
    assert "Not prepared (OSError: the disk is full): done when it is needed." in capsys.readouterr().err


def test_preparing_twice_converts_once(tmp_path, tiny, monkeypatch):
    loads = []
    monkeypatch.setattr(prepare, "INSTALLED", tmp_path)
    monkeypatch.setattr(prepare, "minilm_on_torch", lambda: loads.append(1) or tiny)
    prepare.convert()
    prepare.convert()
    assert len(loads) == 1
    assert Conversions(tmp_path).load(MINILM_SHA256) is not None


def test_other_weights_or_versions_are_another_conversion(monkeypatch):
    before = key_of("a")
    assert key_of("b") != before
    monkeypatch.setattr(conversions.importlib.metadata, "version", lambda name: "0")
    assert key_of("a") != before


def test_a_disk_that_takes_nothing_costs_only_the_keeping(home, tiny):
    (home / "engines").write_text("a file where the folder should be")
    assert isinstance(with_engine("weights", lambda: tiny), OpenVinoEncoder)


def test_what_killed_conversions_left_is_swept(home, tiny):
    left = home / "engines" / ".part-left"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    fresh = home / "engines" / ".part-of-another"
    fresh.mkdir()
    with_engine("weights", lambda: tiny)
    assert [path.name for path in (home / "engines").iterdir() if path.name.startswith(".part-")] == [fresh.name]


# -- 8 bits ------------------------------------------------------------------------------------------


@pytest.fixture
def unquantized(monkeypatch):
    """A conversion that is marked as 8 bits but is not: quick to make."""

    def marked(conversion, texts):
        return replace(conversion, settings=replace(conversion.settings, int8=True))

    monkeypatch.setattr(quantization, "quantized", marked)


def test_8_bits_are_another_conversion_of_the_same_weights(kept, home, unquantized):
    assert Conversions().keep("weights", kept)
    quick = with_engine("weights", lambda: pytest.fail("torch was asked"), int8=calibration_texts)
    assert (encoder("minilm").precision != "int8", quick.precision) == (True, "int8")
    assert with_engine("weights", lambda: pytest.fail("torch was asked")).precision != "int8"
    again = Conversions().load("weights", int8=True)
    assert again.settings == replace(kept.settings, int8=True)
    assert Conversions().load("weights").settings == kept.settings


def test_8_bits_that_are_too_far_off_give_way_to_torch_and_the_user_is_told(home, tiny, unquantized, monkeypatch):
    monkeypatch.setitem(engines.COSINE, "int8", 1.1)
    found = with_engine("weights", lambda: tiny, int8=calibration_texts)
    assert isinstance(found, SentenceEncoder)
    assert found.notes[0].startswith("This model runs on torch, which is slower, and not in 8 bits on OpenVINO:")
    assert Conversions().load("weights", int8=True) is None


def test_torch_has_no_8_bits_and_says_so(tiny, monkeypatch):
    monkeypatch.setenv("EXPLORER_ENGINE", "torch")
    assert "8 bits" in with_engine("weights", lambda: tiny, int8=calibration_texts).notes[0]


# -- where it cannot be ------------------------------------------------------------------------------


def test_a_broken_conversion_falls_back_to_torch_and_the_user_is_told(home, tiny, store, monkeypatch):
    def broken(model):
        raise RuntimeError("no kernel for this\nand more")

    monkeypatch.setattr(engines, "converted", broken)
    found = with_engine("weights", lambda: tiny)
    assert isinstance(found, SentenceEncoder)
    monkeypatch.setitem(models.MODELS, "broken", models.Model("Broken", "", ("en",), 1, lambda: found))
    digests = np.array([b"0" * 16, b"1" * 16], "S16")
    vectors, _ = embed_contents(lambda rows: ["a cat", "a dog"], digests, "broken", store)
    assert vectors.shape == (2, DIMENSIONS)
    (warning,) = store.warnings
    assert warning == "This model runs on torch, which is slower, and not on OpenVINO: no kernel for this"


def test_vectors_that_are_not_the_models_are_noticed(home, tiny, monkeypatch):
    real = conversions.converted(tiny)
    wrong = {**vars(real), "documents": np.roll(real.documents, 1, axis=0)}
    monkeypatch.setattr(engines, "converted", lambda model: conversions.Conversion(**wrong))
    found = with_engine("weights", lambda: tiny)
    assert isinstance(found, SentenceEncoder)
    assert "cosine" in found.notes[0]
    assert not (home / "engines").exists()


def test_other_modules_stay_on_torch(tiny):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense

    with_dense = SentenceTransformer(modules=[*tiny, Dense(DIMENSIONS, 16)], device="cpu")
    with pytest.raises(Unconvertible, match="it consists of Transformer, Pooling, Normalize, Dense"):
        conversions.converted(with_dense)


def test_the_operator_chooses(monkeypatch):
    monkeypatch.setenv("EXPLORER_ENGINE", "torch")
    assert isinstance(load_minilm(), SentenceEncoder)
    monkeypatch.setenv("EXPLORER_ENGINE", "cuda")
    with pytest.raises(BadInput, match="EXPLORER_ENGINE is 'cuda'"):
        load_minilm()


def test_a_cuda_device_is_used_unless_the_operator_says_otherwise(monkeypatch):
    monkeypatch.setattr(engines, "cuda_device", lambda: True)
    assert engines.chosen_engine() == "torch"
    monkeypatch.setenv("EXPLORER_ENGINE", "openvino")
    assert engines.chosen_engine() == "openvino"


def test_an_encoder_is_freed_right_after_its_last_answer(kept):
    """OpenVINO's own queue of requests waits for ever here, one time in a few."""
    for _ in range(30):
        vectors = OpenVinoEncoder(kept, quickly=True).documents(["a cat", "rain and snow", "word " * 40])
    assert vectors.shape[0] == 3
