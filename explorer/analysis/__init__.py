"""A space in, findings out: search, names, outliers, portraits, themes."""
