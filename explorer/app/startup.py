"""What the server does before anybody asks: it goes on with interrupted builds and warms the worker."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from explorer import budget

_FIRST_PAGE = 4.0  # seconds left to whoever opens the first page at once, before the worker asks for the processor
_ENOUGH = 3 * 10**9  # bytes of memory at hand, below which nothing is loaded before it is needed


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """What `st.App(…, lifespan=lifespan)` runs from the server's start to its end."""
    threading.Thread(target=_prepare, daemon=True).start()
    yield


def _prepare() -> None:
    from explorer.app import session

    jobs = session.jobs()  # takes up what a restart interrupted
    time.sleep(_FIRST_PAGE)
    if budget.memory_at_hand() >= _ENOUGH:
        jobs.warm("build")
