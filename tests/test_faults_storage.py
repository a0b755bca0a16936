"""`python -m faults --only storage` in short; and that a store which does not look would be noticed."""

import pytest

from explorer.store import content_vectors, documents, store
from faults import storage


@pytest.mark.parametrize("fault", [storage.disk_full, storage.damaged, storage.eviction])
def test_no_bad_outcome_and_nothing_lost(fault, tmp_path):
    result = fault(tmp_path, short=True)
    assert result.cases
    assert not result.bad
    assert result.lost == 0


@pytest.mark.parametrize(
    ("kind", "module", "check", "blind"),
    [
        ("layout", store, "checked", lambda data, name: data),
        ("vectors", content_vectors, "intact", lambda columns, model: columns["truncated"] | True),
        ("workspaces", documents, "_digest", lambda folder, name, body: b"0" * 32),
    ],
)
def test_a_store_that_does_not_look_is_noticed(tmp_path, monkeypatch, kind, module, check, blind):
    monkeypatch.setattr(module, check, blind)
    assert storage.damaged(tmp_path, short=True, only=[kind]).bad


def test_results_that_the_disk_never_takes_are_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(store.Store, "flush", lambda self: 0)
    assert storage.disk_full(tmp_path, short=True).bad
