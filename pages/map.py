"""The map: every item a point, alike ones together; search it, color it, select on it."""

import streamlit as st

from explorer.app import session
from explorer.app.map import page as map_page
from explorer.app.map import panels as map_panels
from explorer.app.progress import previewable, show_progress
from explorer.app.shell import need_dataset, open_page

entry = need_dataset(open_page("Map"), "See what your data means, as a map")
space = session.space_of(entry)
job = session.job_of(entry)
if job is not None:
    show_progress(job, entry)
    if not previewable(job):
        st.stop()
    st.caption("A first picture (PCA) while the map is laid out. It shows the overall shape; groups come apart soon.")

elif entry.recipe.model == "minilm":
    session.jobs().warm("encode")  # so that the first question does not wait for the model

with st.container(key="map-controls"):
    ask, color, settings = st.columns([6, 2, 1], vertical_alignment="bottom")
with ask:
    query = map_page.query_box(space, entry)
with color:
    choice = map_page.color_box(space, ready=job is None)
with settings:
    map_page.advanced(entry)

picture, panel = st.columns([7, 3], gap="medium")
focus = map_page.Focus.of(space, query, ready=job is None)
with picture:
    map_page.draw(entry, space, choice, focus, ready=job is None)
    if job is None:
        map_page.trust(space)
with panel:
    if job is None:
        map_panels.panel(entry, space, focus)
