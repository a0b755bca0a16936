"""The answers of the pages without a browser: `python -m explorer COMMAND …`.

Each entry of `ANSWERS` is a command; `map`, `app` and `storage` are commands of their own. One JSON object on
stdout with --json, a readable table without; progress on stderr. Exit code 0 on success, 2 on bad input with one line
`error: …`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from explorer import settings
from explorer.answers.answer import NOTHING, TABLE, VIEW, VIEWS, Answer, Option, options
from explorer.answers.registry import ANSWERS, ask
from explorer.answers.view import View
from explorer.doors import map_command, storage
from explorer.doors.opening import DATA, build_for, open_app, open_data, progress_line, reading_options
from explorer.doors.server import DEFAULT_PORT, become_server
from explorer.errors import BadInput, first_line
from explorer.store.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code."""
    chosen = parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except BadInput as error:
        print("error:", " ".join(str(error).splitlines()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("error: stopped. Finished batches are kept: the same command goes on from there.", file=sys.stderr)
        return 130
    except Exception as error:
        if settings.TRACE():
            traceback.print_exc()
        print(
            f"error: unexpected {type(error).__name__}: {first_line(error, 300)} "
            "This is ours to mend: please report it with the output under EXPLORER_TRACE=1.",
            file=sys.stderr,
        )
        return 1


def answer_command(name: str, chosen: argparse.Namespace) -> int:
    """Ask one question about the data of a command, and print the answer. Returns the exit code."""
    answer, store = ANSWERS[name], Store()
    question = answer.asks(**{field: getattr(chosen, field) for field in options(answer.asks)})
    found = ask(name, _about(answer, question, chosen, store), question, progress_line())
    for note in getattr(found, "notes", ()):
        print(note, file=sys.stderr)
    written = [_write(chosen, field, make(found)) for field, make in answer.files.items() if getattr(question, field)]
    if chosen.json:
        print(json.dumps(answer.report(found), ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join([*answer.lines(found), *(f"wrote {path}" for path in written)]))
    return 0


def _about(answer: Answer, question: Any, chosen: argparse.Namespace, store: Store) -> Any:
    """The subject of a question: one view, two views, a table, or nothing."""
    if answer.about == NOTHING:
        return None
    if answer.about == TABLE:
        return open_data(chosen, store)[0]
    if answer.about == VIEWS:
        return tuple(_view(answer, question, chosen, store, data) for data in (chosen.data, chosen.other))
    return _view(answer, question, chosen, store, chosen.data)


def _view(answer: Answer, question: Any, chosen: argparse.Namespace, store: Store, data: str) -> View:
    table, recipe, roles = open_data(argparse.Namespace(**{**vars(chosen), "data": data}), store)
    space = build_for(answer.recipe(recipe, question), store, answer.needs)
    return View(space, roles, table.name)


def _write(chosen: argparse.Namespace, field: str, content: bytes) -> str:
    path = getattr(chosen, field).path
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise BadInput(
            f"Cannot write to {path}: {error.strerror or error}. Name another file with --{field}."
        ) from None
    return str(path)


def app_command(chosen: argparse.Namespace) -> NoReturn:
    """Become the browser app; where a file is named, it is open there."""
    become_server(chosen.port, open_app(chosen) if chosen.data else "")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"error: {message}. See: {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    made = _Parser(prog="python -m explorer", description="See what your data means, without a browser.")
    commands: Any = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    reading = reading_options()
    map_command.add(commands, reading)
    for name, answer in ANSWERS.items():
        _add(commands, name, answer, reading)
    storage.add(commands)
    app = commands.add_parser("app", parents=[reading], help="start the browser app, with this file open")
    app.add_argument("data", metavar="DATA", nargs="?", help=DATA)
    app.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"default {DEFAULT_PORT}")
    app.set_defaults(run=app_command)
    return made


def _add(commands: Any, name: str, answer: Answer, reading: argparse.ArgumentParser) -> None:
    """The command of one question: DATA where the question is about data, then its fields as options."""
    parents = [] if answer.about == NOTHING else [reading]
    command = commands.add_parser(name, parents=parents, help=answer.help)
    if answer.about in (VIEW, VIEWS, TABLE):
        command.add_argument("data", metavar="DATA", help=DATA)
    if answer.about == VIEWS:
        command.add_argument("other", metavar="OTHER", help=f"what it is compared with: {DATA}")
    for field, (option, default) in options(answer.asks).items():
        _add_option(command, field, option, default)
    command.add_argument("--json", action="store_true", help="one JSON object on stdout")
    command.set_defaults(run=lambda chosen: answer_command(name, chosen))


def _add_option(command: argparse.ArgumentParser, field: str, option: Option, default: Any) -> None:
    how: dict[str, Any] = {"help": option.help, "type": _checked(option.kind)}
    if option.choices:
        how["choices"] = option.choices
    if option.metavar:
        how["metavar"] = option.metavar
    required = default is dataclasses.MISSING
    if option.positional:
        if not required:
            how |= {"nargs": "?", "default": default}
        command.add_argument(field, **how)
        return
    if option.kind is bool:
        how = {"help": option.help, "action": "store_true"}
    elif option.several:
        how |= {"action": _Several, "default": default}
    else:
        how |= {"default": None if required else default, "required": required}
    flags = [flag for flag in (option.flag, f"--{field.replace('_', '-')}") if flag]
    command.add_argument(*(flags[:1] if option.flag else flags), dest=field, **how)


class _Several(argparse.Action):
    """Collects the values of an option that may be given more than once, as a tuple."""

    def __call__(self, parser: Any, namespace: Any, value: Any, option_string: str | None = None) -> None:
        setattr(namespace, self.dest, (*getattr(namespace, self.dest), value))


def _checked(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """The function that makes a value, with errors that argparse prints."""

    def make(text: str) -> Any:
        try:
            return kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return make
