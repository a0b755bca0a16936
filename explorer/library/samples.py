"""The datasets that come with the app. Each opens at once, since its vectors, graph and layout come with it.

`python -m scripts.samples` makes datasets/prepared/ again from the datasets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from explorer.errors import BadInput
from explorer.reading.readers import read
from explorer.recipe import READY_MADE, Recipe
from explorer.store.store import SHIPPED
from explorer.table.table import Table

FOLDER = SHIPPED.parent


@dataclass(frozen=True)
class Sample:
    """A dataset that comes with the app: its file, the columns that are embedded, and texts about it."""

    file: str
    title: str
    about: str
    columns: tuple[str, ...]
    model: str = "minilm"
    color: str = "cluster"
    source: str = ""

    @property
    def path(self) -> Path:
        return FOLDER / self.file


SAMPLES: dict[str, Sample] = {
    "support_tickets": Sample(
        file="support_tickets.csv",
        title="Support tickets",
        about="Messages to a shop, with planted mistakes",
        columns=("text",),
        source="Written for this project, CC0.",
    ),
    "movies": Sample(
        file="movies.csv",
        title="Films",
        about="A hundred years of plots, a sentence each",
        columns=("plot",),
        source="Written for this project, CC0.",
    ),
    "words": Sample(
        file="words.csv",
        title="Words",
        about="Related words, from capitals to kittens",
        columns=("word",),
        model="glove",
        color="family",
        source="Put together for this project, CC0; vectors: GloVe 6B, PDDL.",
    ),
    "digits": Sample(
        file="digits.parquet",
        title="Handwritten digits",
        about="Pictures of 8 × 8 pixels, as vectors",
        columns=("vector",),
        model=READY_MADE,
        color="digit",
        source="scikit-learn's digits, from the UCI repository (Alpaydin and Kaynak 1998), CC BY 4.0.",
    ),
}


@lru_cache(maxsize=8)
def open_sample(name: str) -> tuple[Table, Recipe]:
    """A sample's table, and the recipe whose results come with the app.

    Raises
    ------
    BadInput : where there is no such sample
    """
    if name not in SAMPLES:
        raise BadInput(f"No sample is named {name!r}. Choose one of: {', '.join(SAMPLES)}.")
    sample = SAMPLES[name]
    table = read(sample.path)
    # Their texts are short. Without passages, their recipes and the links to them stay as they always were.
    return table, Recipe(table.digest, sample.columns, model=sample.model, passages=False)
