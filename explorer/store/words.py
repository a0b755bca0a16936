"""An index of the words of texts: a LanceDB table of its own, sealed as a folder."""

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

    Words are cut by ICU, which knows the scripts written without spaces, and lose the endings of the language.
    Raises whatever LanceDB or the disk does where the index cannot be made.

    Parameters
    ----------
    set_aside : takes away a table that cannot be opened or does not have so many rows; it is then made again
    texts : gives the table to index; called only where an index is made
    language : gives Snowball's name of the language; called only where an index is made
    again : whether a table that is there is set aside all the same
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
        # Stop words stay in: whoever asks for nothing but "not" wants to find it.
        config = FTS(base_tokenizer="icu", language=language(), remove_stop_words=False, with_position=False)
        table.create_index("text", config=config)
        seal_folder(database.folder(part), name)
        with contextlib.suppress(OSError):  # where another process was quicker, its index is as good
            os.rename(database.folder(part), database.folder(name))
        return database.open(name)
