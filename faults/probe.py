"""Checks that a running app keeps answering while something else goes wrong."""

from __future__ import annotations

import threading
import time
import urllib.request
from types import TracebackType

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never ask a proxy for localhost


class Probe:
    """Requests a server's health and first page repeatedly, in a thread, while the block runs.

    worst : seconds of the slowest answer
    count : how many answers came
    failures : one line for each request without a successful answer
    """

    def __init__(self, url: str, every: float = 0.25, patience: float = 30.0) -> None:
        self.worst, self.count, self.failures = 0.0, 0, list[str]()
        self._addresses = (f"{url.rstrip('/')}/_stcore/health", f"{url.rstrip('/')}/")
        self._every, self._patience = every, patience
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Probe:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(2 * self._patience)

    def _ask(self) -> None:
        while not self._over.is_set():
            for address in self._addresses:
                began = time.perf_counter()
                try:
                    with _DIRECT.open(address, timeout=self._patience) as answer:
                        answer.read()
                    self.count += 1
                except OSError as error:  # urllib's errors, also for a status that is an error
                    self.failures.append(f"{address}: {error}")
                self.worst = max(self.worst, time.perf_counter() - began)
            self._over.wait(self._every)
