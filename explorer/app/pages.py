"""`PAGES`: every page of the app. A page is its folder here, its sentence in `pages/`, and its entry below.

The header, the links between pages, empty states, and the lists in tests follow from these entries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from explorer.space import Space

if TYPE_CHECKING:
    from explorer.app.visit import Visit

# What any page may find in its address: what is open, under which filter, at which level of detail.
SHARED = ("w", "sample", "space", "f", "level")
EVERYTHING = ("vectors", "neighbors", "layout", "clusters")


@dataclass(frozen=True)
class Page:
    """A page of the app.

    Attributes
    ----------
    title : its name for people
    icon : before its name in the header
    module : where its `draw(visit)` is, imported when it is first visited
    script : what Streamlit runs
    group : under which it stands in the header; empty for the first page
    shows : what it would show, for those who have nothing open
    needs : the stages that it reads; none for a page that needs no dataset
    owns : the parameters of the address that it alone reads
    early : whether it draws a first picture once vectors are there, while the rest is made
    lacks : says what the data lacks for this page; empty where it lacks nothing
    """

    title: str
    icon: str
    module: str
    script: str
    group: str = ""
    shows: str = ""
    needs: tuple[str, ...] = EVERYTHING
    owns: tuple[str, ...] = ()
    early: bool = False
    lacks: Callable[[Space], str] = lambda space: ""

    def draw(self, visit: Visit) -> None:
        """Draw what is below the header."""
        import_module(self.module).draw(visit)


_ROW = ("at", "row", "passage")  # name the row that is open

PAGES: dict[str, Page] = {
    "home": Page(
        "Home",
        ":material/home:",
        "explorer.app.home.page",
        "streamlit_app.py",
        needs=(),
    ),
    "map": Page(
        "Map",
        ":material/scatter_plot:",
        "explorer.app.map.page",
        "pages/map.py",
        group="Explore",
        shows="See what your data means, as a map",
        owns=("q", "color", "beside", *_ROW, "sel", "why", "show", "view"),
        early=True,
    ),
    "search": Page(
        "Search",
        ":material/search:",
        "explorer.app.search.page",
        "pages/search.py",
        group="Explore",
        shows="Find rows by what they mean, by their words, or by example",
        owns=("q", "mode", "k", "above", "more", "less", "like", "unlike", *_ROW, "sel"),
    ),
    "clusters": Page(
        "Clusters",
        ":material/workspaces:",
        "explorer.app.clusters.page",
        "pages/clusters.py",
        group="Explore",
        shows="See what your data speaks of, group by group",
        owns=("tab", "group", "sel", "against", "by", "period", "split"),
    ),
    "outliers": Page(
        "Outliers",
        ":material/explore_off:",
        "explorer.app.outliers.page",
        "pages/outliers.py",
        group="Explore",
        shows="Find outliers, and see why",
        owns=("method", "above", "undecided", *_ROW, "sel"),
    ),
}
