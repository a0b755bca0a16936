"""Bytes in, tables out: readers, roles, joins, language, downloads."""
