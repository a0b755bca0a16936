"""`python -m scripts.samples`: compute the stored results of the samples again, into datasets/prepared/."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from pyarrow import parquet

from explorer.building import build
from explorer.library.samples import FOLDER, SAMPLES, open_sample
from explorer.stages import STAGES, entry_name
from explorer.store.sealed import sealed
from explorer.store.store import SHIPPED, Store


def prepare(folder: Path = SHIPPED) -> None:
    """Compute the results of the samples again, into `folder`: one Arrow file for each stage, and the table.

    Floats of stages are stored in 16 bits, which changes similarity by less than 0.001 and halves the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.arrow"):
        old.unlink()
    for name in SAMPLES:
        table, recipe = open_sample(name)
        with tempfile.TemporaryDirectory() as home:
            store = Store(home, shipped=None)
            store.put("table", table.digest, table.arrow)
            space = build(recipe, store=store)
            _write(folder, f"table-{table.digest}", table.arrow, {})
            for stage_name, stage in STAGES.items():
                if (shipped := stage.ships(space, stage_name)) is not None:
                    data, info = shipped
                    half = pa.schema([pa.field(field.name, _half(field.type)) for field in data.schema])
                    data = data.replace_schema_metadata(None).cast(half)
                    _write(folder, entry_name(stage_name, recipe), data, info)


def _write(folder: Path, name: str, data: pa.Table, info: dict[str, Any]) -> None:
    data = sealed(data.combine_chunks(), name, info)
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
