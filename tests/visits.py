"""Pages without a browser: opened cold by a link, looked at, pressed. The tests of pages share it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from explorer.app import session
from explorer.app.pages import PAGES
from explorer.library.workspaces import Entry, Workspace, new_token
from explorer.recipe import Recipe
from explorer.table.roles import guess_roles
from explorer.table.table import Table

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = [page.script for page in PAGES.values()]


def visit(script: str = SCRIPTS[0], /, **params: str) -> AppTest:
    """A page opened cold by its link."""
    at = AppTest.from_file(str(ROOT / SCRIPTS[0]), default_timeout=120)
    if script != SCRIPTS[0]:
        at.switch_page(script)
    for name, value in params.items():
        at.query_params[name] = value
    return healthy(at.run())


def opened(script: str, recipe: Recipe, table: Table, /, **params: str) -> AppTest:
    """A page on a dataset of a fresh workspace."""
    workspace = Workspace(session.store(), new_token())
    entry = workspace.remember(Entry("made-up", recipe, guess_roles(table), len(table)))
    return visit(script, w=workspace.token, **entry.link, **params)


def healthy(at: AppTest) -> AppTest:
    """The page, which must not have failed."""
    assert not at.exception, [failure.message for failure in at.exception]
    return at


def press(at: AppTest, key: str) -> AppTest:
    return healthy(at.button(key=key).click().run())


def go(at: AppTest, script: str, /, **params: str) -> AppTest:
    """Another page of the same session, with the link that is open."""
    kept = link_of(at)
    at.switch_page(script)
    at.query_params.clear()
    for name, value in {**kept, **params}.items():
        at.query_params[name] = value
    return healthy(at.run())


def link_of(at: AppTest) -> dict[str, str]:
    """What the address of a page says."""
    return {name: value[0] if isinstance(value, list) else value for name, value in at.query_params.items()}


def page_text(at: AppTest) -> str:
    """All the words on the page that are not labels of widgets."""
    kinds = (at.markdown, at.text, at.caption, at.warning, at.error, at.info)
    return "\n".join(str(part.value) for kind in kinds for part in kind)


def maps(at: AppTest) -> list[Any]:
    """The map components on the page. Beside them stands the script that keeps the browser's history."""
    return [part for part in at.get("bidi_component") if part.proto.component_name.endswith("explorer_map")]


def drawn(at: AppTest) -> dict[str, Any]:
    """What the map component was given to draw."""
    (only,) = maps(at)
    return json.loads(only.proto.json)
