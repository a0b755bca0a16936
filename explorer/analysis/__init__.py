"""A space in, answers out: clusters, their names, outliers."""
