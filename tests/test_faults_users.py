"""Several users, slow and vanishing ones, and a killed server: the short version of `python -m faults --only users`."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from faults import Result, users
from faults.probe import Probe


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return users.run(short=True)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("place", range(2), ids=["several users", "slow and aborted uploads"])
def test_nobody_sees_anothers_data_and_nothing_is_lost(results, place):
    result = results[place]
    assert not result.bad, result.bad
    assert result.lost == 0
    assert result.cases >= 1


def test_a_word_of_anothers_on_a_page_is_noticed():
    with pytest.raises(AssertionError, match="map: shows canary2"):
        users._nothing_of(["canary1", "canary2"], "row 3: canary2 is here", "map")


@pytest.mark.parametrize("token", ["abcA", "abcB", "A"])
def test_an_altered_token_is_another_one(token):
    assert users._altered(token) != token
    assert users._altered(token)[:-1] == token[:-1]


@contextmanager
def server(status: int, seconds: float = 0.0) -> Iterator[str]:
    """A server that gives every request the same answer, after so long."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(seconds)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{one.server_port}"
        one.shutdown()


def test_a_probe_counts_answers_and_the_slowest():
    with server(200, 0.2) as url, Probe(url, every=0.01) as probe:
        time.sleep(0.9)
    assert probe.count >= 1
    assert probe.worst >= 0.2
    assert not probe.failures


def test_a_probe_notices_a_server_that_fails_or_is_not_there():
    with server(503) as url, Probe(url, every=0.01) as probe:
        time.sleep(0.2)
    assert probe.failures
    assert probe.count == 0
    with Probe("http://127.0.0.1:9", every=0.01) as probe:
        time.sleep(0.2)
    assert probe.failures
