"""Small JSON documents (workspaces, projects): replaced in one step, checked when read, with the version before kept.

A document is lost only where it and the version before are both damaged: one that fails its digest is set aside, and
the version before is read. A document that the disk refuses stays in memory, and writing is tried again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HEAD = re.compile(rb'\{"digest": "([0-9a-f]{32})", "value":\n')
_TAIL = b"\n}\n"


class Documents:
    """Documents by (folder, name) under one home.

    recovered : what this process did about a damaged document, by (folder, name): "the one before" or "lost"
    """

    def __init__(self, home: Path, refused: Callable[[Exception], None]):
        self._home = home
        self._refused = refused  # called with the error where the disk refuses
        self._waiting: dict[tuple[str, str], bytes] = {}
        self._lock = threading.RLock()
        self.recovered: dict[tuple[str, str], str] = {}

    @property
    def waiting(self) -> int:
        """How many documents are only in memory because the disk refused them."""
        return len(self._waiting)

    def write(self, folder: str, name: str, value: Any) -> bool:
        """Store a document on disk, or in memory where that fails. Returns whether the disk took it."""
        body = json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
        with self._lock:
            try:
                self._replace(folder, name, body)
            except OSError as error:
                self._waiting[folder, name] = body
                self._refused(error)
                return False
            self._waiting.pop((folder, name), None)
            return True

    def read(self, folder: str, name: str) -> Any | None:
        """The document; the version before where it is damaged; None where there is none."""
        with self._lock:
            if (folder, name) in self._waiting:
                return _loads(self._waiting[folder, name])
            try:
                return _opened(self._path(folder, name), folder, name)
            except FileNotFoundError:
                found = None
            except (OSError, ValueError, RecursionError):
                found = self._path(folder, name)
                self._set_aside(found, folder)
            try:
                value = _opened(self._before(folder, name), folder, name)
            except FileNotFoundError:
                value = None
            except (OSError, ValueError, RecursionError):
                found = self._before(folder, name)
                self._set_aside(found, folder)
                value = None
            if found is not None:
                self.recovered[folder, name] = "lost" if value is None else "the one before"
            return value

    def delete(self, folder: str, name: str) -> None:
        """Remove a document and the version before it."""
        with self._lock:
            self._waiting.pop((folder, name), None)
            for path in (self._before(folder, name), self._path(folder, name)):
                with contextlib.suppress(OSError):
                    path.unlink()

    def names(self, folder: str) -> list[str]:
        """The names of all documents in a folder, sorted."""
        found = {path.stem for path in (self._home / folder).glob("*.json")}
        found |= {path.stem for path in (self._home / "previous" / folder).glob("*.json")}
        return sorted(found | {name for where, name in self._waiting if where == folder})

    def flush(self) -> int:
        """Try again to write documents that are only in memory. Returns how many were written."""
        with self._lock:
            before = len(self._waiting)
            for (folder, name), body in list(self._waiting.items()):
                with contextlib.suppress(OSError):
                    self._replace(folder, name, body)
                    del self._waiting[folder, name]
            return before - len(self._waiting)

    # -- inside ----------------------------------------------------------------------------------

    def _replace(self, folder: str, name: str, body: bytes) -> None:
        path, before = self._path(folder, name), self._before(folder, name)
        part = path.with_name(f"{uuid.uuid4().hex}.part")
        head = b'{"digest": "' + _digest(folder, name, body) + b'", "value":\n'
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(head + body + _TAIL)
                file.flush()
                os.fsync(file.fileno())  # otherwise a power cut may leave an empty file under the new name
            if path.is_file():
                before.parent.mkdir(parents=True, exist_ok=True)
                _same_contents(path, before.with_suffix(f".{part.stem}"), before)
            os.replace(part, path)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def _path(self, folder: str, name: str) -> Path:
        return self._home / folder / f"{name}.json"

    def _before(self, folder: str, name: str) -> Path:
        return self._home / "previous" / folder / f"{name}.json"

    def _set_aside(self, path: Path, folder: str) -> None:
        # A document's name may be the token of a workspace, so the damaged file gets another name.
        with contextlib.suppress(OSError):
            (self._home / "damaged").mkdir(parents=True, exist_ok=True)
            os.rename(path, self._home / "damaged" / f"{folder}-{uuid.uuid4().hex[:16]}")


def _same_contents(path: Path, part: Path, before: Path) -> None:
    """Give a file a second name, which still holds it when the first name is replaced."""
    try:
        try:
            os.link(path, part)
        except FileNotFoundError:
            raise
        except OSError:  # a file system without hard links
            shutil.copyfile(path, part)
        os.replace(part, before)
    finally:
        part.unlink(missing_ok=True)


def _opened(path: Path, folder: str, name: str) -> Any:
    content = path.read_bytes()
    head = _HEAD.match(content)
    if head and content.endswith(_TAIL):
        body = content[head.end() : -len(_TAIL)]
        if _digest(folder, name, body) != head[1]:
            raise ValueError("its contents do not match its digest")
        return _loads(body)
    # A damaged head: documents from before there was a digest have a line break after the brace.
    if content.startswith(b'{"'):
        raise ValueError("its digest cannot be read")
    return _loads(content)


def _loads(content: bytes) -> Any:
    return json.loads(content.decode("utf-8", "surrogatepass"))


def _digest(folder: str, name: str, body: bytes) -> bytes:
    text = f"{folder}/{name}\n".encode() + body
    return hashlib.blake2b(text, digest_size=16).hexdigest().encode()
