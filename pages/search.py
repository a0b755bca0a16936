"""Search: by meaning, by words, or both; by example; each result says why it was found."""

from explorer.app.shell import run

run("search")
