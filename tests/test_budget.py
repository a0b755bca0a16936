"""Memory asked before a build: what it needs, what is at hand, and the sentence where the two do not meet."""

import psutil
import pytest

from explorer import budget, machine
from explorer.building import build
from explorer.errors import BadInput
from explorer.limits import MAX_ITEMS
from explorer.recipe import READY_MADE
from explorer.stages import key
from faults.refusals import fake_cgroup
from tests.examples import random_unit, vector_recipe

GB = 10**9
MEASURED = [  # items, dimensions, projection, model, peak MB: `python -m benchmarks.memory`, 2 cores, Linux
    (300, 384, "umap", READY_MADE, 256),
    (2_000, 4_096, "umap", READY_MADE, 536),
    (10_000, 384, "umap", READY_MADE, 449),
    (8_000, 1_024, "pca", READY_MADE, 385),
    (3_000, 384, "umap", "minilm", 1_047),
    (10_000, 50, "umap", "glove", 487),
    (60_000, 384, "umap", READY_MADE, 688),
]


@pytest.mark.parametrize(("items", "dimensions", "projection", "model", "peak"), MEASURED)
def test_the_estimate_is_on_the_safe_side_of_what_was_measured(items, dimensions, projection, model, peak, monkeypatch):
    monkeypatch.setattr(budget, "sys", type("sys", (), {"modules": {}}))  # as in a fresh process
    assert 1 <= budget.need(items, dimensions, projection, model) / (peak * 1e6) < 2


def test_more_items_or_dimensions_need_more():
    assert budget.need(2_000, 384) > budget.need(1_000, 384)
    assert budget.need(1_000, 768) > budget.need(1_000, 384)
    assert budget.need(1_000, 384, warm=True) <= budget.need(1_000, 384)


@pytest.mark.parametrize("memory", [0, GB, 4 * GB, 100 * GB])
def test_what_is_said_to_fit_fits(memory):
    most = budget.most_items(memory, 384, warm=True)
    assert budget.need(most, 384, warm=True) <= memory
    assert budget.need(2 * most + 10, 384, warm=True) > memory


def test_the_operators_word_bounds_what_is_at_hand(monkeypatch):
    monkeypatch.setenv("EXPLORER_MEMORY_GB", "0.25")
    assert budget.memory_at_hand() <= 0.25 * GB
    monkeypatch.setenv("EXPLORER_MEMORY_GB", "1000000")
    assert budget.memory_at_hand() < psutil.virtual_memory().total
    for wrong in ("much", "nan", "-inf", "1,5"):
        monkeypatch.setenv("EXPLORER_MEMORY_GB", wrong)
        assert "must be a number of gigabytes" in budget.fits(10, 10)


def test_a_build_over_budget_is_refused_with_what_would_fit(monkeypatch):
    monkeypatch.setattr(budget, "memory_at_hand", lambda: 2 * GB)
    budget.require(1_000, 384)
    with pytest.raises(
        BadInput, match=r"1,000,000 items of 384 dimensions need about \d.* GB of memory, and 2.0 GB is"
    ):
        budget.require(1_000_000, 384)
    assert "would fit: open a sample of so many rows" in budget.fits(1_000_000, 384)
    assert budget.fits(1_000, 384) is None
    assert f"{MAX_ITEMS:,}" in budget.fits(MAX_ITEMS + 1, 1)


def test_nothing_is_computed_before_the_refusal(store, monkeypatch):
    recipe = vector_recipe(store, random_unit(20))
    monkeypatch.setattr(budget, "memory_at_hand", lambda: 0)
    with pytest.raises(BadInput, match="is at hand"):
        build(recipe, store=store)
    assert not store.has("neighbors", key("neighbors", recipe))


@pytest.mark.parametrize("version", [1, 2])
def test_a_control_group_leaves_its_limit_less_what_cannot_be_given_back(tmp_path, version):
    root = fake_cgroup(tmp_path, version, limit=GB, used=GB // 2, cache=GB // 4)
    assert min(machine._under_cgroups(root)) == GB * 3 // 4


def test_no_control_groups_no_limit(tmp_path):
    assert min(machine._under_cgroups(tmp_path)) == machine._UNLIMITED
