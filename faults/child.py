"""A build in a process of its own, to be killed: `python -m faults.child HOME RECIPE.json`.

With FAULTS_DIE_AT=n it kills itself right after (or, for n below zero, right before) its n-th write or rename.
It prints how many writes and renames it made.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any


def die_at(number: int) -> itertools.count[int]:
    """Arrange that this process kills itself at its n-th write or rename. Returns the counter."""
    import lancedb.db
    import lancedb.table

    counted = itertools.count(1)
    places = [(os, "rename"), (os, "replace"), (lancedb.db.LanceDBConnection, "create_table")]
    places += [(lancedb.table.LanceTable, "add"), (lancedb.table.LanceTable, "optimize")]

    def watched(work: Any) -> Any:
        def run(*arguments: Any, **named: Any) -> Any:
            now = next(counted)
            if now == -number:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = work(*arguments, **named)
            if now == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return run

    for owner, name in places:
        setattr(owner, name, watched(getattr(owner, name)))
    return counted


def main() -> int:
    """Build the given recipe in the given home."""
    home, recipe = sys.argv[1], Path(sys.argv[2]).read_text(encoding="utf-8")
    counted = die_at(int(os.environ.get("FAULTS_DIE_AT", "0")))
    from explorer.building import build
    from explorer.recipe import Recipe
    from explorer.store.store import Store

    store = Store(home, shipped=None)
    build(Recipe.from_json(recipe), store=store)
    print(json.dumps({"writes": next(counted) - 1, "warnings": store.warnings}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
