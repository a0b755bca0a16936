"""Outliers: what does not belong, why, and what to do about it."""

from explorer.app.shell import run

run("outliers")
