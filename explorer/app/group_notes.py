"""What to know before the groups are read, on each page that shows them without asking the verb `clusters`."""

from __future__ import annotations

import streamlit as st

from explorer.analysis.cautions import about_groups
from explorer.app.cache import cached
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.space import Space


def group_notes(visit: Visit) -> None:
    """Why there are no groups, and which texts the model takes for one; nothing where neither is so."""
    for note in _notes(visit.groups.key, len(visit.groups), _space=visit.space):
        st.info(literal(note), icon=":material/info:")


@cached()
def _notes(key: str, shown: int, _space: Space) -> tuple[str, ...]:
    return about_groups(_space, shown)
