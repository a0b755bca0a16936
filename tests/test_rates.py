"""Estimates come from what this machine does, measured once; what is not worth it here is not offered."""

import json

import numpy as np
import pytest

from explorer import machine
from explorer.embedding import models, rates
from explorer.embedding.engines import native_precision
from explorer.embedding.rates import Rate, Rates, measured, seconds_for, token_lengths, worth_offering
from scripts import prepare

ACCURATE = Rate((16, 64, 256, 1024), (0.001, 0.004, 0.016, 0.019))
SHORT = np.array([16, 16])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where nothing was measured yet."""
    monkeypatch.setenv("EXPLORER_ENGINES", str(tmp_path / "engines"))
    return tmp_path / "engines"


def times(rate: Rate, factor: float) -> Rate:
    return Rate(rate.tokens, tuple(one / factor for one in rate.seconds))


@pytest.mark.parametrize(
    ("tokens", "seconds"),
    [(16, 0.001), (40, 0.0025), (256, 0.016), (640, 0.0175), (3, 0.001), (2048, 0.019 + 0.003 * 1024 / 768)],
    ids=["measured", "between", "the longest read", "cut", "shorter than any", "longer than any"],
)
def test_a_texts_time_is_read_off_its_length(tokens, seconds):
    assert ACCURATE.of(np.array([tokens])) == pytest.approx([seconds])


class Clock:
    """A clock that only work moves. `busy`: the share of its time in which this process computes."""

    def __init__(self, busy: float):
        self.now, self.busy = 0.0, busy

    def perf_counter(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.now * self.busy

    def model(self, texts):
        """A model that takes 20 µs a token, and reads the first 256."""
        self.now += 2e-5 * sum(min(len(text.split()) + 2, 256) for text in texts)


@pytest.mark.parametrize("busy", [0.7, 1.0, 1.9], ids=["hardly disturbed", "alone", "on two cores"])
def test_what_is_measured_predicts_texts_of_other_lengths(monkeypatch, busy):
    clock = Clock(busy)
    monkeypatch.setattr(rates, "time", clock)
    found = measured(clock.model, seconds=0.2).of(np.array([32, 100, 200, 256, 600]))
    assert found == pytest.approx([0.00064, 0.002, 0.004, 0.00512, 0.00512])


def test_no_measure_is_taken_while_others_have_the_processor(monkeypatch):
    clock = Clock(busy=0.5)
    monkeypatch.setattr(rates, "time", clock)
    assert measured(clock.model, seconds=0.2) is None


def test_the_estimate_follows_the_lengths_and_the_count():
    assert seconds_for("minilm", SHORT, 1_400) == pytest.approx(10)  # nothing is measured: 140 texts a second
    assert Rates().keep("minilm", ACCURATE)
    assert seconds_for("minilm", SHORT, 1_000) == pytest.approx(1)
    assert seconds_for("minilm", np.array([16, 256]), 1_000) == pytest.approx(8.5)


def test_a_measured_rate_is_kept_for_these_weights_this_engine_and_this_processor(folder, monkeypatch):
    assert Rates().load("minilm") is None
    Rates().keep("minilm", ACCURATE)
    assert Rates().load("minilm") == ACCURATE
    assert Rates().load("minilm-int8") is None
    (file,) = folder.iterdir()
    assert json.loads(file.read_text())["processor"] == machine.processor()
    with monkeypatch.context() as other:
        other.setenv("EXPLORER_ENGINE", "torch")
        assert Rates().load("minilm") is None
    with monkeypatch.context() as other:
        other.setattr(rates, "processor", lambda: "another")
        rates._key.cache_clear()
        assert Rates().load("minilm") is None
    rates._key.cache_clear()
    for damage in ("", "{}", '{"tokens": [1, 2], "seconds": [0, 1]}', '{"tokens": [1], "seconds": ["a"]}'):
        file.write_text(damage)
        assert Rates().load("minilm") is None


def test_a_disk_that_takes_nothing_costs_only_the_keeping(folder):
    folder.write_text("a file where the folder should be")
    assert not Rates().keep("minilm", ACCURATE)


@pytest.mark.parametrize(("factor", "offered"), [(3.0, True), (1.3, True), (1.2, False), (0.9, False)])
@pytest.mark.parametrize("bf16", [True, False])
def test_quick_is_offered_where_it_was_measured_to_be_quicker(monkeypatch, factor, offered, bf16):
    monkeypatch.setattr(rates, "computes_in_bf16", lambda: bf16)
    Rates().keep("minilm", ACCURATE)
    Rates().keep("minilm-int8", times(ACCURATE, factor + 1e-9))
    assert worth_offering("minilm-int8", SHORT) is offered
    assert worth_offering("minilm", SHORT)


@pytest.mark.parametrize(("bf16", "engine", "offered"), [(True, "", False), (False, "", True), (False, "torch", False)])
def test_until_it_is_measured_the_processor_and_the_engine_tell(monkeypatch, bf16, engine, offered):
    monkeypatch.setattr(rates, "computes_in_bf16", lambda: bf16)
    monkeypatch.setenv("EXPLORER_ENGINE", engine)
    assert worth_offering("minilm-int8", SHORT) is offered
    Rates().keep("minilm", ACCURATE)
    assert worth_offering("minilm-int8", np.array([])) is offered


@pytest.mark.parametrize(
    ("abilities", "quick"),
    [
        ("flags : avx2 avx512_bf16 amx_bf16", True),
        ("flags : avx2 avx512_bf16", False),  # it has it, and is quicker without
        ("Features : fp asimd bf16", True),
        ("", False),
    ],
    ids=["AMX", "AVX-512", "Arm", "no list"],
)
def test_bf16_is_used_where_it_is_quick(monkeypatch, abilities, quick):
    class Core:
        def get_property(self, device, name):
            return ["FP32", "BF16"]

    name, _, values = abilities.partition(" : ")
    monkeypatch.setattr(machine, "_cpuinfo", lambda: {name: values})
    machine.computes_in_bf16.cache_clear()
    assert machine.computes_in_bf16() is quick
    assert native_precision(Core()) == ("bf16" if quick else "f32")
    machine.computes_in_bf16.cache_clear()


def test_tokens_are_counted_as_minilm_does(sentences):
    texts = [*sentences.frame["text"][:20], "", "word " * 300, "Ein Satz auf Deutsch über Überraschungen.", "日本語"]
    counter = models.encoder("minilm")._counter
    assert token_lengths(texts) == pytest.approx([len(one) for one in counter.encode_batch(texts)], abs=1, rel=0.05)
    long = "a long text that is counted in part " * 1000
    assert token_lengths([long]) == pytest.approx([8_000], rel=0.05)


def test_only_a_model_that_is_loaded_is_measured_beside_the_work(monkeypatch):
    loads = []
    monkeypatch.setattr(rates, "encoder", loads.append)
    monkeypatch.setattr(rates, "held", lambda name: False)
    rates.measure_held("minilm")
    assert not loads


def test_a_measurement_that_fails_stops_no_worker(monkeypatch):
    monkeypatch.setattr(rates, "held", lambda name: True)
    monkeypatch.setattr(rates, "encoder", lambda name: 1 / 0)
    rates.measure_held("minilm")


def test_the_installation_measures_what_it_prepares_once(tmp_path, monkeypatch):
    made = []
    packaged = {name: prepare.MODELS[name] for name in ("minilm", "minilm-int8", "fast", "glove")}
    monkeypatch.setattr(prepare, "MODELS", packaged)  # other tests add models of their own
    monkeypatch.setattr(prepare, "INSTALLED", tmp_path)
    monkeypatch.setattr(rates, "encoder", lambda name: None)
    monkeypatch.setattr(rates, "measured", lambda make: made.append(1) or ACCURATE)
    prepare.measure_all()
    prepare.measure_all()
    assert len(made) == 3  # Accurate, Fast, Words; Quick is not made before somebody wants it
    assert Rates(tmp_path).load("fast") == ACCURATE
    assert Rates(tmp_path).load("minilm-int8") is None
