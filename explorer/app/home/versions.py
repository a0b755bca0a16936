"""What a file has to do with what is known: it is the next version of a dataset, or an export with names and tags."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from explorer.analysis.filters import Condition, to_link
from explorer.app import session
from explorer.app.cache import cached
from explorer.app.links import page_link
from explorer.app.project import edited_groups, keys_of, project_of
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.library.annotations import Project
from explorer.library.brought import Brought, brought, take_over
from explorer.library.next_version import Known, as_next, compared, find_earlier, keep_gone, kept_gone, newest_of_each
from explorer.library.on_screen import tags_of_rows
from explorer.library.workspaces import Entry
from explorer.media.registry import medium_of
from explorer.store.store import Store
from explorer.table.download import flat, safe_csv
from explorer.table.ours import VERSION
from explorer.table.roles import Roles
from explorer.table.table import Table
from explorer.table.versions import CHANGED, NEW
from explorer.wording import counted

_NEXT, _AGAIN, _OWN = "Its next version", "Go on with it", "A dataset of its own"
_SHOWN = 1_000


@dataclass(frozen=True, eq=False)
class Follows:
    """What the user chose about a file.

    Attributes
    ----------
    table : the file's rows, with their states where it is a next version
    known : the dataset that it goes on with; None where it is one of its own
    taken : the names and tags of the file that the user took over
    """

    table: Table
    known: Known | None = None
    taken: Brought | None = None

    @property
    def before(self) -> Entry | None:
        """The dataset that it goes on with."""
        return None if self.known is None else self.known.entry

    @property
    def key(self) -> str:
        """Tells the choices of a next version from those of a dataset of its own."""
        return "" if self.known is None else self.known.entry.recipe.key

    @property
    def roles(self) -> Roles | None:
        """What the columns meant before, as far as they are here; None where nothing was before."""
        if self.known is None:
            return None
        before, here = self.known.entry.roles, set(self.table.columns)
        single = {name: getattr(before, name) for name in ("vector", "image", "label", "number", "date", "id")}
        kept = {name: column if column in here else None for name, column in single.items()}
        return replace(before, text=tuple(name for name in before.text if name in here), **kept)

    @property
    def apart(self) -> bool | None:
        """Whether each text column had a map of its own; None where nothing was before."""
        return None if self.known is None or len(self.known.entry.roles.text) < 2 else bool(self.known.entry.texts)

    @property
    def model(self) -> str | None:
        """The model that read the texts before; None where none did."""
        if self.known is None or not self.known.entry.roles.text:
            return None
        recipe = self.known.entry.better or self.known.entry.recipe
        return recipe.model if medium_of(recipe).needs_model else None

    def entry(self, entry: Entry) -> Entry:
        """The entry of a build, with the project and the settings that go on."""
        entry = self._gone_on(entry)
        if self.taken is not None:
            store = session.store()
            project = Project.load(store, entry.project or "") or Project.create(store, entry.name)
            take_over(self.taken, self.table.arrow, entry.roles.id, project)
            entry = replace(entry, project=project.id)
        return entry

    def _gone_on(self, entry: Entry) -> Entry:
        if self.known is None:
            return entry
        before = self.known.entry
        recipe = replace(entry.recipe, projection=before.recipe.projection, clustering=before.recipe.clustering)
        entry = replace(entry, recipe=recipe, project=before.project)
        if self.known.same:
            same = {name: getattr(before, name) for name in ("name", "follows", "gone", "gone_key")}
            return replace(entry, **same)
        entry = replace(entry, project=before.project or session.start_project(before))
        gone = len(self.known.version.gone)
        return replace(entry, follows=before.name, gone=gone, gone_key=keep_gone(session.store(), self.known))


def follow(table: Table, file: str) -> Follows:
    """One line about what the file has to do with what is known, with the choice.

    file : tells the choices for one file from those for another
    """
    known = _known(table)
    if known is None:
        known = _named_by_hand(table, file)
    elif not _offered(table, known, file):
        known = None
    if known is None:
        return Follows(table, taken=_taken(table, file))
    if known.same:
        same = replace(table, arrow=known.table, digest=known.entry.recipe.table)
        return Follows(same, known, _taken(table, file, known.entry))
    return Follows(
        _as_next(table.digest, known.entry.recipe.key, known.entry.roles.id, _table=table, _known=known), known
    )


def _known(table: Table) -> Known | None:
    entries = newest_of_each(session.workspace().all())
    keys = tuple(entry.recipe.key for entry in entries)
    found = _find(table.digest, keys, _table=table, _entries=entries, _store=session.store())
    if found is None:
        return None
    # What is kept in memory may come from another workspace, or from before the first tag.
    own = next(entry for entry in entries if entry.recipe.key == found.entry.recipe.key)
    return replace(found, entry=own)


@cached(spinner="Comparing with the files opened before")
def _find(digest: str, keys: tuple[str, ...], _table: Table, _entries: list[Entry], _store: Store) -> Known | None:
    return find_earlier(_table, _entries, _store)


@cached()
def _as_next(digest: str, before: str, id_column: str | None, _table: Table, _known: Known) -> Table:
    return as_next(_table, _known.table, _known.version, id_column)


def _offered(table: Table, known: Known, file: str) -> bool:
    """Proposes to go on with a dataset, which is chosen at first. Returns whether it still is."""
    name, rows = f"**{literal(known.entry.name)}**", counted(len(known.table), "row")
    if known.same:
        what = f"These are the {rows} of {name}, opened before: names, tags and decisions go on."
    elif not any(known.version.counts[state] for state in (NEW, CHANGED, "gone")):
        how = "with other columns" if known.version.unmoved else "in another order"
        what = f"These are the {rows} of {name}, {how}."
    else:
        what = f"This looks like a newer version of {name}: {known.version}."
    with st.container(horizontal=True, vertical_alignment="center", key="newer-version"):
        st.markdown(f":material/history: {what}", width="content")
        if table.digest == known.entry.recipe.table:
            return True
        go_on = _AGAIN if known.same else _NEXT
        chosen = st.segmented_control(
            "Open as", [go_on, _OWN], default=go_on, required=True, key=f"version-{file}", label_visibility="collapsed",
            help="As the next version it keeps names, tags and decisions, and only texts that are new are embedded. "
            f"A column `{VERSION}` says which rows are new, changed or the same.",
        )  # fmt: skip
    return chosen != _OWN


def _named_by_hand(table: Table, file: str) -> Known | None:
    """The dataset that this file is a new version of, if the user says so where nothing shows it."""
    alike = [other for other in session.workspace().recent() if set(other.recipe.columns) <= set(table.columns)]
    alike = [other for other in alike if not other.recipe.subset][:20]
    if not alike:
        return None
    titles = {other.recipe.key: f"{other.name}, {counted(other.rows, 'row')}" for other in alike}
    chosen = st.selectbox(
        "A new version of", list(titles), index=None, format_func=lambda key: titles[key],
        placeholder="nothing, it is new", key=f"continues-{file}",
        help="Settings, tags, names of groups and decisions go on with the rows that are in both. Texts that were "
        "embedded before are not embedded again.",
    )  # fmt: skip
    entry = next((other for other in alike if other.recipe.key == chosen), None)
    return None if entry is None else compared(table, entry, session.store())


def _taken(table: Table, file: str, before: Entry | None = None) -> Brought | None:
    """Offers the names and tags that an export holds. Returns them where the user took them over.

    before : the dataset of the same rows, which may have all of them
    """
    found = _brought(table.digest, _table=table)
    if found is None or (before is not None and _has(before, found)):
        return None
    flag = f"taken-over-{file}"
    taken = bool(st.session_state.get(flag))
    with st.container(horizontal=True, vertical_alignment="center", key="brought"):
        words = f"{found} are taken over" if taken else f"{found} can be taken over"
        if str(found).startswith("1 ") and " and " not in str(found):
            words = words.replace(" are ", " is ")
        st.markdown(f":material/history: This file came from here: {words}.", width="content")
        if st.button("Leave them" if taken else "Take them over", key=f"take-over-{file}", type="tertiary"):
            st.session_state[flag] = not taken
            st.rerun()
    return found if taken else None


def _has(entry: Entry, found: Brought) -> bool:
    """Whether a dataset shows just these names and tags."""
    if not session.complete(entry.recipe):
        return False
    space, project = session.space_of(entry), project_of(entry)
    groups = edited_groups(space, entry, project, None)
    names = np.array([*groups.names, None], object)[space.labels_of_rows(groups.labels)]
    tags = tags_of_rows(project, keys_of(space, entry)) if project.tags() else {}
    same_tags = {tag: rows.tolist() for tag, rows in tags.items()} == {
        tag: rows.tolist() for tag, rows in found.tags.items()
    }
    return same_tags and tuple(names) == found.names


@cached()
def _brought(digest: str, _table: Table) -> Brought | None:
    return brought(_table.arrow)


# ---- after the build -----------------------------------------------------------------------------------------


def what_changed(visit: Visit) -> None:
    """What is new since the version before: each number leads to its rows; rows that are gone are listed."""
    entry = visit.entry
    if not entry.follows or entry.recipe.subset or VERSION not in visit.space.table.column_names:
        return
    states = np.array(visit.space.table.column(VERSION).to_pylist(), object)
    amounts = {state: int((states == state).sum()) for state in (NEW, CHANGED)}
    with st.container(horizontal=True, vertical_alignment="center", key="what-changed", gap="small"):
        none = "" if any(amounts.values()) or entry.gone else ": the same rows"
        st.markdown(f":material/history: The next version of {literal(entry.follows)}{none}", width="content")
        for state, amount in amounts.items():
            if amount:
                rows = f"{amount:,} {state} {'row' if amount == 1 else 'rows'}"
                page_link("map", rows, icon="", f=to_link([Condition(VERSION, values=(state,))]), color=VERSION)
        if entry.gone:
            _gone(entry)


def _gone(entry: Entry) -> None:
    with st.popover(f"{counted(entry.gone, 'row')} gone", key="gone", type="tertiary"):
        rows = kept_gone(session.store(), entry)
        if rows is None:
            st.markdown("These rows were not kept.")
            return
        shown = flat(rows.slice(0, _SHOWN)).to_pandas()
        st.dataframe(shown, hide_index=True, height=min(35 * (len(shown) + 1) + 3, 360))
        if len(rows) > _SHOWN:
            st.caption(f"The first {_SHOWN:,} are shown.")
        st.download_button(
            "Download them", lambda: safe_csv(flat(rows)), "gone_rows.csv", "text/csv", on_click="ignore",
            key="gone-csv",
        )  # fmt: skip
