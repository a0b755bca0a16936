"""`python -m faults [--only files,storage] [--short] [--write docs/faults.md]`: provoke faults and print what happened.

Exit code 0 where every outcome was the right answer or one clear sentence and nothing was lost, else 1.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

from benchmarks.machine import describe
from faults import Result

# Each is a module of this package with a function run(short) -> list[Result].
MODULES = ("files", "degenerate", "storage", "kills", "real_kills", "users")


def main() -> int:
    """Run the modules asked for, print the table, write it where asked."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--only", help=f"some of {','.join(MODULES)}")
    parser.add_argument("--short", action="store_true", help="fewer cases, as in the test suite")
    parser.add_argument("--write", metavar="FILE", help="also write the table there")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else list(MODULES)
    unknown = sorted(set(chosen) - set(MODULES))
    if unknown:
        parser.error(f"no module is named {unknown[0]!r}; there are {', '.join(MODULES)}")
    os.environ["HF_HUB_OFFLINE"] = "1"
    results: list[Result] = []
    for name in chosen:
        began = time.perf_counter()
        print(f"{name} …", file=sys.stderr, flush=True)
        found = importlib.import_module(f"faults.{name}").run(options.short)
        print(f"{name}: {time.perf_counter() - began:.0f} s\n\n{table(found)}", file=sys.stderr, flush=True)
        if options.write:  # after each module, so that a late failure does not lose an hour's results
            _write_section(Path(options.write), name, found)
        results += found
    print(table(results))
    return 1 if any(result.bad or result.lost for result in results) else 0


def _write_section(path: Path, name: str, results: list[Result]) -> None:
    """Replace the section of one module by its new results; other sections stay."""
    sections = dict.fromkeys(MODULES, "")
    if path.exists():
        for section in path.read_text(encoding="utf-8").split("\n## ")[1:]:
            sections[section.partition("\n")[0]] = section.partition("\n")[2].strip()
    sections[name] = f"`python -m faults --only {name}`, {describe()}\n\n{table(results)}".strip()
    body = "".join(f"\n## {title}\n\n{text}\n" for title, text in sections.items() if text)
    path.write_text(_HEAD + body, encoding="utf-8")


def table(results: list[Result]) -> str:
    """The results as a Markdown table, then every bad outcome on a line of its own."""
    lines = [
        "| fault | cases | bad outcomes | rows lost | peak memory, MB | slowest case, s |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for each in results:
        peak = "" if each.peak_mb is None else f"{each.peak_mb:,.0f}"
        fault = f"{each.fault} ({each.note})" if each.note else each.fault
        lines.append(f"| {fault} | {each.cases:,} | {len(each.bad)} | {each.lost:,} | {peak} | {each.worst:.1f} |")
    cases, bad, lost = (sum(values) for values in zip(*((r.cases, len(r.bad), r.lost) for r in results), strict=True))
    lines.append(f"| **all** | **{cases:,}** | **{bad}** | **{lost:,}** | | |")
    lines += [f"\n- {result.fault}: {outcome}" for result in results for outcome in result.bad]
    return "\n".join(lines) + "\n"


_HEAD = """# Faults provoked, and what happened

Written by `make faults`; each of its modules writes a section. A bad outcome is anything other than the right answer or
one clear sentence. Rows lost are rows that were neither accepted nor listed with a reason.
"""

if __name__ == "__main__":
    sys.exit(main())
