"""The map: every item a point, alike ones together; search it, color it, select on it."""

from explorer.app.shell import run

run("map")
