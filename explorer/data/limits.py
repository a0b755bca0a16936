"""How much one upload may ask for. All limits on reading stand here and nowhere else."""

MIB = 2**20
GIB = 2**30

MAX_FILE_BYTES = 2 * GIB  # a larger file belongs in Parquet, in parts
MAX_LINE_BYTES = 64 * MIB  # one physical line of a text file
MAX_COLUMNS = 10_000
MAX_TABLE_BYTES = 4 * GIB  # a table once it is in memory
MAX_VECTOR_WIDTH = 65_536
MAX_ZIP_ENTRIES = 10_000
MAX_INFLATED_BYTES = 4 * GIB
# Compressed data may grow this much once it passes the free allowance. Deflate cannot exceed about 1030,
# a workbook of identical rows reaches about 100.
FREE_INFLATED_BYTES = 64 * MIB
MAX_INFLATION = 250
