"""An index of the words of texts: a LanceDB table whose folder is sealed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from explorer.store.database import Database
from explorer.store.sealed import folder_is_intact, seal_folder


def text_index(
    database: Database,
    set_aside: Callable[[str, Exception], None],
    name: str,
    texts: Callable[[], pa.Table],
    language: Callable[[], str],
    rows: int,
    again: bool = False,
) -> Any:
    """The LanceDB table of that name whose column `text` has a full-text index, made on first use.

    ICU cuts the words, also in scripts without spaces, and the endings of the language are removed. Raises the errors
    of LanceDB or the disk where the index cannot be made.

    Parameters
    ----------
    set_aside : moves away a table that cannot be opened or has another number of rows; it is then made again
    texts : gives the table to index; called only to make an index
    language : gives Snowball's name of the language; called only to make an index
    rows : how many rows the table must have
    again : whether to make the index again even where it is there
    """
    if database.exists(name):
        try:
            if not folder_is_intact(database.folder(name), name):
                raise ValueError("its files do not match their digest")
            table = database.open(name)
            if again or not table.list_indices() or table.count_rows() != rows:
                raise ValueError("an index of words could not be read")
            database.mark(name)
            return table
        except Exception as error:
            set_aside(name, error)
    from lancedb.index import FTS

    with database.part() as part:
        table = database.connection().create_table(part, texts())
        # Keep stop words: a query that is only "not" should find it.
        config = FTS(base_tokenizer="icu", language=language(), remove_stop_words=False, with_position=False)
        table.create_index("text", config=config)
        seal_folder(database.folder(part), name)
        with contextlib.suppress(OSError):  # where another process was quicker, use its index
            os.rename(database.folder(part), database.folder(name))
        return database.open(name)
