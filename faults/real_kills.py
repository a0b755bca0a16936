"""The workers of the real app killed while a browser waits for a map made with MiniLM."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import numpy as np
from playwright.async_api import Error

from explorer.embedding.embed import BATCH
from explorer.library.workspaces import Entry, Workspace
from explorer.recipe import Projection
from explorer.store.store import Store
from explorer.table.roles import Roles
from faults import Result
from faults.app import FOUND, App, Visitor, chromium, running, visitor
from faults.builds import empty_home, everything, made_up_texts, same, stored, undisturbed_build
from faults.probe import Probe


def run(short: bool) -> list[Result]:
    """Twenty kills; the short version has two."""
    return [killed(2 if short else 20)]


def killed(kills: int) -> Result:
    """One build whose worker is killed `kills` times; then it may end."""
    result = Result("kill -9 of the real app's worker at random moments of a build, MiniLM")
    texts, numbers = made_up_texts(max(16, kills) * BATCH, seed=3, length=4), np.random.default_rng(3)
    with empty_home() as home, running(EXPLORER_WORKSPACES="shared") as app:
        recipe = replace(stored(home, texts, "minilm"), projection=Projection())
        there = app.home / "home"
        stored(there, texts, "minilm")
        Workspace(Store(there)).remember(Entry("made-up", recipe, Roles(text=("content",)), len(texts)))

        async def look() -> int:
            dead = 0
            async with chromium() as browser:
                me = await visitor(browser, app.url)
                await me.page.goto(f"{app.url}/?space={recipe.key}")
                while not await me.page.locator(FOUND).count():
                    await asyncio.sleep(float(numbers.uniform(2, 14)) if dead < kills else 1)
                    dead += dead < kills and _kill_a_worker(app)
                    await _build_again(me)
                assert not me.wrongs, me.wrongs[0]
            return dead

        with Probe(app.url) as probe, result.case("the build"):
            dead = asyncio.run(asyncio.wait_for(look(), 40 * 60))
            same(undisturbed_build(home, recipe), everything(there, recipe))
        with result.case("the server answers meanwhile"):
            assert not probe.failures, probe.failures[0]
    result.cases, result.worst = dead, probe.worst
    result.note = (
        f"{len(texts):,} texts, compared with an undisturbed build; a page open in a browser; health and first page "
        f"requested {probe.count:,} times; slowest case: such a request"
    )
    return result


async def _build_again(me: Visitor) -> None:
    """Press "Build again" where the page offers it, as a user would. The button may be gone by then."""
    offer = me.page.get_by_role("button", name="Build again")
    if await offer.count():
        with contextlib.suppress(Error):
            await offer.click(timeout=3_000)


def _kill_a_worker(app: App) -> bool:
    """Kill one of the app's workers. Returns False where none runs."""
    for process in app.server.children():
        if "explorer.jobs.worker" in process.cmdline():
            process.kill()
            return True
    return False
