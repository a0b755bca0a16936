"""Bytes in, tables out: one reader a format, in a process of its own."""
