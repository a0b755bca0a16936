"""Readers of text: delimited, nested, lines; how its bytes become characters."""
