"""Bytes in, tables out: one reader for each format, in a process of its own."""
