"""Clusters: what the data speaks of; fewer or more groups, renamed, merged and split; a report to hand on."""

from explorer.app.shell import run

run("clusters")
