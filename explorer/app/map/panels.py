"""Beside the map: one row, the answers to a question, a selection, or what there is to see."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis.findings import typical_first
from explorer.app.address import put_item
from explorer.app.cache import cached
from explorer.app.groups import Groups
from explorer.app.map.facets import facets_panel
from explorer.app.map.focus import SHOWN_NEIGHBORS, Focus, colored_by_group
from explorer.app.map.table_panel import selection_table
from explorer.app.map_colors import group_colors
from explorer.app.selecting import select_items, select_rows, show
from explorer.app.theme import theme
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.geometry.clusters import UNGROUPED, Clusters
from explorer.library.annotations import rows_of
from explorer.media.medium import Shown
from explorer.space import Space
from explorer.views import map_content
from explorer.views.coloring import Coloring
from explorer.wording import counted, shorten


def panel(visit: Visit, focus: Focus) -> None:
    """Beside the map: one row, the answers to a question, a selection, or what there is to see."""
    if focus.item is not None:
        _row_panel(visit, focus.item)
    elif focus.rows is not None and len(focus.rows):
        selection_table(visit, focus.rows)
    elif focus.query:
        _answers(visit, focus)
    else:
        what = st.segmented_control(
            "Beside the map", ["Groups", "Columns"], default="Groups", required=True, key="beside",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        if what == "Columns":
            facets_panel(visit)
        else:
            _overview(visit)


def _overview(visit: Visit) -> None:
    space, groups = visit.space, visit.groups.clusters
    found = visit.findings
    st.markdown("#### What is in here")
    typical = typical_of(space, visit.groups)
    reads = any(shown.text for shown in typical)
    named = "its own words and shown by its most typical text" if reads else "what most of it is"
    dots = colored_by_group(space)
    st.caption(
        f"{counted(found.items, 'item')} in {counted(len(groups), 'group')}; those of a group mean alike"
        f"{' and share a color' if dots else ''}. Each is named by {named}; click one to select it."
    )
    if dots:
        st.html(_dots(group_colors(visit.groups), len(groups)))
    sizes = groups.sizes
    scrolls = len(sizes) * (3 if reads else 1) > 27  # lines that fit beside the map
    with st.container(height=470 if scrolls else "content", border=False, gap=None, key="groups"):
        for group, (name, shown) in enumerate(zip(groups.names, typical, strict=True)):
            _group_button(space, groups, group, name, int(sizes[group]), shown.text)
        left_over = int((groups.labels == UNGROUPED).sum())
        if left_over:
            _group_button(space, groups, UNGROUPED, "in no group", left_over, "")
    tags = visit.project.tags()
    if tags:
        st.markdown("#### Tags")
        with st.container(horizontal=True):
            for number, (tag, keys) in enumerate(sorted(tags.items())):
                st.button(
                    f"{literal(tag)} &nbsp; :gray[{len(keys):,}]",
                    key=f"show-tag-{number}",
                    on_click=_select_tag,
                    args=(visit, tag),
                )
    st.markdown("#### What does not belong")
    if found.strange:
        st.button(
            f"{counted(found.strange, 'item')} far from all others",
            key="strange",
            icon=":material/explore_off:",
            on_click=show,
            args=(space, "strange"),
            help="Mean cosine distance to the 10 nearest neighbors, two robust deviations above the median, at "
            "most 3 in 100 items. In a plain table about 2 in 100 lie there too: worth a look, not proof.",
        )
    else:
        st.caption("Nothing stands far from all others.")


def _group_button(space: Space, groups: Clusters, group: int, name: str, size: int, text: str) -> None:
    label = f"**{literal(name)}** &nbsp; :gray[{size:,} · {size / max(len(groups.labels), 1):.0%}]"
    if text:
        label += f"  \n:small[:gray[{literal(shorten(text, 110))}]]"
    st.button(
        label,
        key=f"group-{'none' if group == UNGROUPED else group}",
        type="tertiary",
        width="stretch",
        on_click=_select_group,
        args=(space, groups, group, name),
    )


def _dots(colors: Coloring, count: int) -> str:
    """A style that puts each group's color before its name in the list of groups: the list is the map's legend."""
    painted = [(str(group), map_content.group_color(colors, group)) for group in range(count)]
    painted.append(("none", theme().missing))
    return f"""
<style>
.st-key-groups [class*="st-key-group-"] button {{ position: relative; padding-left: 1.5rem; }}
.st-key-groups [class*="st-key-group-"] button::before {{ content: ""; position: absolute; left: .45rem; top: .57rem;
  width: 10px; height: 10px; border-radius: 50%; background: var(--dot); }}
{" ".join(f".st-key-group-{name} {{ --dot: {color}; }}" for name, color in painted)}
</style>
"""


def typical_of(space: Space, groups: Groups) -> list[Shown]:
    """The item nearest to the middle of each group, looked for once: it goes through all vectors."""
    return _typical(groups.key, _space=space, _groups=groups.clusters)


@cached()
def _typical(key: str, _space: Space, _groups: Clusters) -> list[Shown]:
    middles = [typical_first(_space, np.flatnonzero(_groups.labels == group))[0] for group in range(len(_groups))]
    return _space.shown(np.array(middles, np.int64))


def _select_group(space: Space, groups: Clusters, group: int, name: str) -> None:
    select_items(space, np.flatnonzero(groups.labels == group), name)


def _select_tag(visit: Visit, tag: str) -> None:
    rows = rows_of(visit.keys, visit.project.tags().get(tag, ()))
    select_rows(rows, tag)


def _answers(visit: Visit, focus: Focus) -> None:
    st.markdown("#### Nearest to your question")
    st.caption("Cosine similarity: 1 means the same direction, 0 nothing in common. The star stands among these.")
    with st.container(height=560, border=False, gap=None):
        for item, similarity, shown in zip(focus.found, focus.similarity, visit.space.shown(focus.found), strict=True):
            _item_button(visit, int(item), float(similarity), shown, "answer")


def _row_panel(visit: Visit, item: int) -> None:
    entry, space = visit.entry, visit.space
    row = int(space.items.first_rows[item])
    weight = int(space.items.weights[item])
    with st.container(horizontal=True, vertical_alignment="center"):
        place, count = space.items.passage(item)
        part = f", passage {place} of {count}" if count > 1 else ""
        st.markdown(f"#### Row {row:,}{part}", width="stretch")
        st.button(
            "Close", key="close-row", type="tertiary", icon=":material/close:", on_click=put_item, args=(space, None)
        )
    picture = map_content.picture_of(space, entry.roles, row)
    if picture:
        st.image(picture, width=96)
    if text := space.shown(np.array([item]))[0].text:
        with st.container(height="content", key="row-text"):
            st.text(shorten(text, 3000))
    facts = [
        f"{name}: {map_content.cell(space, row, name)}" for name in map_content.field_columns(space, entry.roles)[:8]
    ]
    groups = visit.groups.clusters
    group = groups.names[groups.labels[item]] if groups.labels[item] >= 0 else "none"
    facts += [
        f"group: {group}",
        f"strangeness: {space.outlier_scores[item]:.2f} (usual {np.median(space.outlier_scores):.2f})",
    ]
    if weight > 1:
        facts.append(f"{weight} rows hold this same content")
    with st.container(key="facts"):
        st.text("\n".join(shorten(fact, 200) for fact in facts))
    st.markdown("**Its nearest neighbors in the original space**")
    near = space.neighbors.indices[item, :SHOWN_NEIGHBORS]
    with st.container(height=300, border=False, gap="xsmall" if entry.roles.image else None):
        for other, distance, shown in zip(near, space.neighbors.distances[item], space.shown(near), strict=False):
            _item_button(visit, int(other), 1 - float(distance), shown, "near")


def _item_button(visit: Visit, item: int, similarity: float, shown: Shown, where: str) -> None:
    space = visit.space
    row = int(space.items.first_rows[item])
    line = shorten(shown.line, 160)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if picture := map_content.picture_of(space, visit.entry.roles, row):
            st.image(picture, width=32)
        st.button(
            f":gray[{similarity:.2f}] &nbsp; {literal(line)}",
            key=f"{where}-{item}", type="tertiary", width="stretch", on_click=put_item, args=(space, item),
        )  # fmt: skip
