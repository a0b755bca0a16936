"""Readers of text formats: delimited, JSON, lines; and decoding of bytes."""
