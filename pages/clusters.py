"""Clusters: what the data speaks of; fewer or more groups, renamed, merged and split; a report to hand on."""

import streamlit as st

from explorer.app import session
from explorer.app.clusters import grouping_panel
from explorer.app.clusters import page as clusters_page
from explorer.app.clusters.themes_panel import report
from explorer.app.groups import shown_groups
from explorer.app.progress import show_progress
from explorer.app.shell import need_dataset, open_page

entry = need_dataset(open_page("Clusters"), "See what your data speaks of, group by group")
space = session.space_of(entry)
job = session.job_of(entry)
if job is not None:
    show_progress(job, entry)
    st.stop()

with st.container(key="clusters-controls"):
    level, settings = st.columns([7, 1], gap="medium", vertical_alignment="bottom")
with level:
    grouping_panel.level_slider(entry, space)
with settings:
    grouping_panel.advanced(entry)

groups = shown_groups(entry, space)
clusters_page.summary(entry, space, groups)
clusters_page.filter_note(space)
if clusters_page.tab() == clusters_page.REPORT:
    report(entry, space, groups)
else:
    clusters_page.group_list(entry, space, groups)
