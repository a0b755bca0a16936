"""Plain text: each line is a row; of a chat that WhatsApp exported, each message."""

from __future__ import annotations

import pyarrow as pa

from explorer.errors import BadInput
from explorer.reading.options import Options, Parsed
from explorer.reading.text.decode import decode
from explorer.reading.text.records import split_lines
from explorer.reading.text.whatsapp import is_whatsapp, read_whatsapp
from explorer.table.table import string_array


def read_txt(data: bytes, options: Options) -> Parsed:
    """One column, "text", and blank lines skipped; or the columns of an exported chat."""
    decoded = decode(data, options.name, options.encoding)
    lines = [line.rstrip("\r\n") for line in split_lines(decoded.text)]
    if is_whatsapp(lines):
        table, notes = read_whatsapp(lines)
        return Parsed(table, notes=[*decoded.notes, *notes], encoding=decoded.encoding)
    rows = [line for line in lines if line.strip()]
    if not rows:
        raise BadInput(f"{options.name} holds no text. Choose a file with at least one line.")
    return Parsed(pa.table({"text": string_array(rows)}), notes=list(decoded.notes), encoding=decoded.encoding)
