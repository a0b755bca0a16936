"""`python -m benchmarks`: measure and print; with --write also write the figures to a Markdown file.

Where a part fails, that is reported, the others still run, and the exit code is 1. A missed target is printed as missed
and is not a failure: a benchmark is not a test.
"""

from __future__ import annotations

import argparse
import importlib
import shlex
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.report import Section, keep_sections

SIZES = (1_000, 10_000, 60_000)


# Each part is imported when it runs, so that the others can be measured where Playwright is missing.
def _stages(options: argparse.Namespace) -> Section:
    from benchmarks import stages

    return stages.run(options.sizes, model_up_to=sys.maxsize if options.full else stages.MODEL_UP_TO)


def _part(name: str) -> Callable[[argparse.Namespace], Section]:
    """A part that a module of this package measures by its function `run()`, whatever the options."""
    return lambda options: importlib.import_module(f"benchmarks.{name}").run()


PARTS: dict[str, Callable[[argparse.Namespace], Section]] = {
    "peer": _part("peer"),
    "stages": _stages,
    "engines": _part("engines"),
    "fidelity": _part("fidelity"),
    "outliers": _part("outliers"),
    "groups": _part("one_group"),
    "names": _part("names"),
    "passages": _part("passages"),
    "app": _part("app"),
    "clicks": _part("clicks"),
    "large": _part("large"),
}
USUAL = tuple(name for name in PARTS if name != "large")  # takes too long: `make bench-large`


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen parts. Returns 0 when all could be measured, 1 when one failed."""
    options = _parser().parse_args(arguments)
    command = shlex.join(["python", "-m", "benchmarks", *(sys.argv[1:] if arguments is None else arguments)])
    about = machine.describe()
    print(f"{about}\n{command}\n", flush=True)
    done, failed = [], []
    for name in options.only:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            section = PARTS[name](options).measured(command, about)
        except Exception as error:
            traceback.print_exc()
            failed.append(name)
            print(f"{name} FAILED: {type(error).__name__}: {error}\n", flush=True)
        else:
            done.append(section)
            print(section.text() + "\n", flush=True)
    if options.write and done:
        keep_sections(options.write, done)
        print(f"wrote {options.write}" + (f"; not touched there: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure this project on this machine.")
    parser.add_argument("--sizes", type=_sizes, default=SIZES, metavar="N,N", help="rows of the stages part")
    parser.add_argument("--only", type=_parts, default=USUAL, metavar="PART,PART", help=", ".join(PARTS))
    parser.add_argument("--full", action="store_true", help="embed every size with the model; 60,000 rows: 15 min up")
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep what was measured in this Markdown file")
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _parts(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"no part {name!r}; there are {', '.join(PARTS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
