"""The datasets that come with the app, each opened at once: its vectors, graph and layout ship with it.

`python -m explorer.data.samples` makes datasets/prepared/ again from the datasets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from pyarrow import parquet

from explorer.data.readers import read
from explorer.data.sealed import sealed, to_arrow
from explorer.data.store import SHIPPED, Store
from explorer.data.table import BadInput, Table
from explorer.recipe import READY_MADE, Recipe

FOLDER = SHIPPED.parent


@dataclass(frozen=True)
class Sample:
    """A dataset that comes with the app: its file, what is embedded, and what to say about it."""

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
        about="What customers write to a small shop, with mistakes planted to be found.",
        columns=("text",),
        source="Written for this project, CC0.",
    ),
    "movies": Sample(
        file="movies.csv",
        title="Films",
        about="330 films from a hundred years, each told in one sentence.",
        columns=("plot",),
        source="Written for this project, CC0.",
    ),
    "words": Sample(
        file="words.csv",
        title="Words",
        about="Capitals and countries, past and present, kittens and cats: relations as directions in GloVe's space.",
        columns=("word",),
        model="glove",
        color="family",
        source="Put together for this project, CC0; vectors: GloVe 6B, PDDL.",
    ),
    "digits": Sample(
        file="digits.parquet",
        title="Handwritten digits",
        about="8 × 8 pixel pictures as ready-made vectors of 64 numbers: no model at all.",
        columns=("vector",),
        model=READY_MADE,
        color="digit",
        source="scikit-learn's digits, from the UCI repository (Alpaydin and Kaynak 1998), CC BY 4.0.",
    ),
}


@lru_cache(maxsize=8)
def open_sample(name: str) -> tuple[Table, Recipe]:
    """A sample's table and the recipe that ships computed.

    Raises
    ------
    BadInput : where there is no such sample
    """
    if name not in SAMPLES:
        raise BadInput(f"No sample is named {name!r}. Choose one of: {', '.join(SAMPLES)}.")
    sample = SAMPLES[name]
    table = read(sample.path)
    return table, Recipe(table.digest, sample.columns, model=sample.model)


def sample_table(digest: str) -> pa.Table | None:
    """The table of the sample that has this digest, or None."""
    return next((table.arrow for table, _ in map(open_sample, SAMPLES) if table.digest == digest), None)


def prepare(folder: Path = SHIPPED) -> None:
    """Compute what ships with the samples, anew, into `folder`: one Arrow file a stage.

    Floats are halved to 16 bits: similarity moves by less than 0.001, the files by half.
    """
    import tempfile

    from explorer.space import build

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.arrow"):
        old.unlink()
    for name in SAMPLES:
        table, recipe = open_sample(name)
        with tempfile.TemporaryDirectory() as home:
            store = Store(home, shipped=None)
            store.put("table", table.digest, table.arrow)
            space = build(recipe, store=store)
            for stage in ("neighbors", "layout", "clusters"):
                key = getattr(recipe, f"{stage}_key")
                data = store.get(stage, key)
                assert data is not None, "build has just stored it"
                _write(folder, f"{stage}-{key}", data, store.info(data))
            if recipe.model != READY_MADE:
                _write(
                    folder,
                    f"vectors-{recipe.vectors_key}",
                    to_arrow(vector=space.vectors, truncated=space.truncated),
                    {},
                )


def _write(folder: Path, name: str, data: pa.Table, info: dict[str, Any]) -> None:
    half = pa.schema([pa.field(field.name, _half(field.type)) for field in data.schema])
    data = sealed(data.replace_schema_metadata(None).cast(half).combine_chunks(), name, info)
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    path = str(folder / f"{name}.arrow")
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, data.schema, options=options) as writer:
        writer.write_table(data)


def _half(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_half(kind.value_type), kind.list_size)
    return pa.float16() if pa.types.is_float32(kind) else kind


def write_digits(path: Path = FOLDER / "digits.parquet") -> None:
    """scikit-learn's digits as a table: the digit, its 64 pixels as a vector, and its picture as PNG."""
    import io

    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()

    def picture(pixels: np.ndarray) -> bytes:
        file = io.BytesIO()
        image = Image.fromarray((255 - pixels * 15.9375).astype(np.uint8)).resize((48, 48), Image.Resampling.NEAREST)
        image.save(file, "PNG", optimize=True)
        return file.getvalue()

    vectors = pa.FixedSizeListArray.from_arrays(pa.array(digits.data.astype(np.float32).ravel()), 64)
    table = pa.table(
        {
            "digit": pa.array(digits.target.astype(np.int64)),
            "image": pa.array([picture(pixels) for pixels in digits.images], pa.binary()),
            "vector": vectors,
        }
    )
    parquet.write_table(table, path, compression="zstd")


if __name__ == "__main__":
    write_digits()
    prepare()
