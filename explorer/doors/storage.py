"""`python -m explorer storage`: what the store holds and how large it is, for operators."""

from __future__ import annotations

import argparse
import json
import shutil
from typing import Any

from explorer.errors import BadInput
from explorer.library import holdings
from explorer.store import eviction as storage
from explorer.store.store import Store
from explorer.wording import bytes_in_words


def add(commands: Any) -> None:
    """Register the command."""
    command = commands.add_parser("storage", help="what is stored, how large it is, and deleting what was computed")
    command.add_argument("--json", action="store_true", help="one JSON object on stdout")
    command.add_argument(
        "--delete-computed", action="store_true", help="delete all that can be computed again; uploads and tags stay"
    )
    command.add_argument(
        "--trim", type=float, metavar="GB", help="delete what was longest not used until so much is left"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Delete what the options ask for, then print what is stored. Returns the exit code."""
    if options.trim is not None and not 0 <= options.trim < 1e6:
        raise BadInput(f"--trim {options.trim:g} is no size in GB. Give a number such as 10 or 0.5.")
    store = Store()
    freed = holdings.delete_computed(store) if options.delete_computed else 0
    if options.trim is not None:
        freed += sum(entry.bytes for entry in store.trim(int(options.trim * storage.GB)))
    report = {**summary(store), "freed": freed}
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(report)
    return 0


def summary(store: Store) -> dict[str, Any]:
    """Counts and bytes by kind and in total, the limit, and the free bytes of the disk."""
    kinds: dict[str, dict[str, int]] = {}
    for entry in store.entries():
        kind = kinds.setdefault(entry.kind, {"entries": 0, "bytes": 0})
        kind["entries"] += 1
        kind["bytes"] += entry.bytes
    return {
        "home": str(store.home),
        "kinds": dict(sorted(kinds.items(), key=lambda item: -item[1]["bytes"])),
        "bytes": sum(kind["bytes"] for kind in kinds.values()),
        "limit": storage.limit(),
        "damaged": kinds.get("damaged", {"entries": 0})["entries"],
        "free": _free(store),
    }


def _free(store: Store) -> int | None:
    """Free bytes on the store's disk; None where the system does not give them."""
    folder = next((folder for folder in (store.home, *store.home.parents) if folder.is_dir()), None)
    try:
        return None if folder is None else shutil.disk_usage(folder).free
    except OSError:
        return None


def _print(report: dict[str, Any]) -> None:
    print(report["home"])
    for kind, has in report["kinds"].items():
        print(f"  {kind:<12}{has['entries']:>8,}  {bytes_in_words(has['bytes']):>10}")
    print(
        f"  {'in all':<12}{'':>8}  {bytes_in_words(report['bytes']):>10}  of at most {bytes_in_words(report['limit'])}"
    )
    if report["free"] is not None:
        print(f"the disk has {bytes_in_words(report['free'])} free")
    if report["damaged"]:
        print(f"{report['damaged']:,} damaged entries were set aside; they are the first to go, with --trim or by need")
    if report["freed"]:
        print(f"{bytes_in_words(report['freed'])} were freed")
