"""Outliers: what does not belong, why, and what to do about it."""

import streamlit as st

from explorer.app import session
from explorer.app.outliers import page as outliers_page
from explorer.app.outliers.decisions import take_away
from explorer.app.progress import show_progress
from explorer.app.shell import need_dataset, open_page

entry = need_dataset(open_page("Outliers"), "Find what does not belong, and see why")
space = session.space_of(entry)
job = session.job_of(entry)
if job is not None:
    show_progress(job, entry)
    st.stop()

method, line = st.columns([5, 4], gap="large")
with method:
    found = outliers_page.method_box(space)
with line:
    found = outliers_page.threshold_box(found)
with method:
    outliers_page.effect(space, found)

results, beside = st.columns([13, 7], gap="large")
with results:
    outliers_page.ranking(entry, space, found)
with beside:
    outliers_page.picture(entry, space, found)
    take_away(entry, space)
