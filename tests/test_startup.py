"""What the server does before anybody asks."""

import pytest

from explorer.app import session, startup


@pytest.mark.parametrize(("gigabytes", "warmed"), [(8, ["build"]), (1, [])])
def test_the_worker_is_warmed_where_there_is_memory_for_it(monkeypatch, gigabytes, warmed):
    asked = []

    class Queue:
        def warm(self, what):
            asked.append(what)

    monkeypatch.setattr(startup, "_FIRST_PAGE", 0)
    monkeypatch.setattr(session, "jobs", Queue)
    monkeypatch.setattr(startup.budget, "memory_at_hand", lambda: gigabytes * 10**9)
    startup._prepare()
    assert asked == warmed
