"""The user's rows: Table, roles of columns, values, languages, joins, downloads."""
