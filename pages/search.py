"""Search: by meaning, by words, or both; by example; each result says why it was found."""

import streamlit as st

from explorer.app import session
from explorer.app.progress import show_progress
from explorer.app.search import page as search_page
from explorer.app.search.asked import ask
from explorer.app.shell import need_dataset, open_page

entry = need_dataset(open_page("Search"), "Find rows by what they mean, by their words, or by example")
space = session.space_of(entry)
job = session.job_of(entry)
if job is not None:
    show_progress(job, entry)
    st.stop()
if entry.recipe.model == "minilm":
    session.jobs().warm("encode")  # so that the first question does not wait for the model

asked = ask(space)
results, picture = st.columns([7, 5], gap="medium")
with results:
    search_page.examples(space, asked)
    answer = search_page.answer(space, asked)
    if answer is None:
        search_page.begin(entry, space, asked)
    else:
        search_page.summary(space, asked, answer)
        slots = search_page.results(entry, space, asked, answer)
with picture:
    search_page.picture(entry, space, asked, answer)
if answer is not None:
    search_page.mark_sentences(space, asked, answer, slots)
