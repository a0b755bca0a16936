"""Limits on uploads, builds and workspaces. All limits on reading are here and nowhere else.

An operator may change three of them: `settings.MAX_UPLOAD_MB` (the size of a file), `READ_MB` (memory to read one
file) and `READ_SECONDS` (the time to read a small file).
"""

from functools import cache

from explorer import settings
from explorer.machine import memory_at_hand

VARIABLES = tuple(setting.name for setting in (settings.MAX_UPLOAD_MB, settings.READ_MB, settings.READ_SECONDS))
MIB = 2**20
GIB = 2**30

MAX_FILE_BYTES = settings.MAX_UPLOAD_MB() * MIB  # a larger file belongs in Parquet, in parts
MAX_LINE_BYTES = 64 * MIB  # one physical line of a text file
MAX_COLUMNS = 10_000
MAX_CELLS = 100_000_000  # of a sheet, with empty cells before its last one: 24 bytes each
MAX_TABLE_BYTES = 4 * GIB  # a table in memory
MAX_VECTOR_WIDTH = 65_536
MAX_ZIP_ENTRIES = 10_000
MAX_INFLATED_BYTES = 4 * GIB
# Compressed data may grow this much once it passes the free allowance. Deflate cannot exceed about 1030,
# a workbook of identical rows reaches about 100.
FREE_INFLATED_BYTES = 64 * MIB
MAX_INFLATION = 250
MAX_PROJECT_BYTES = 512 * MIB  # a project file: a table as Parquet, and people's annotations
MAX_PROJECT_VALUES = 5_000_000
# The text of rejected rows is kept so that it can be mended: at most this much of each row, and of all together.
MAX_REJECTED_CHARACTERS = 10_000
MAX_ALL_REJECTED_CHARACTERS = 64 * MIB

# The child process in which uploads are read (sandbox.py).
READING_SECONDS = settings.READ_SECONDS()  # for any file, plus one second for
BYTES_A_SECOND = 2 * MIB  # a quarter of the speed measured for a text table
READERS_AT_ONCE = 4  # others wait for their turn
_READING_SHARE = 0.6  # of the memory at hand


def reading_seconds(size: int) -> int:
    """How long reading a file of so many bytes may take, in wall time and in processor time."""
    return READING_SECONDS + size // BYTES_A_SECOND


def reading_bytes() -> int:
    """Bytes of memory that reading one file may take: EXPLORER_READ_MB, else 60 % of what is free, 512 MB to 8 GB."""
    if asked := settings.READ_MB():
        return asked * MIB
    return max(512 * MIB, min(8 * GIB, int(_READING_SHARE * memory_at_hand())))


# What open pages keep in memory, all visitors together (app/cache.py).
_CACHE_SHARE = 0.25  # of the memory at hand when it is first needed, 256 MB to 4 GB


@cache
def cache_bytes() -> int:
    """The most bytes that pages keep in memory between runs."""
    asked = settings.CACHE_GB()
    return asked if asked is not None else max(256 * MIB, min(4 * GIB, int(_CACHE_SHARE * memory_at_hand())))


# One build. budget.py checks its memory too.
MAX_ITEMS = 2_000_000  # distinct contents on one map

MAX_DATASETS = 500  # in one workspace
MAX_WAITING_BUILDS = 20  # of one workspace, without those that are running
