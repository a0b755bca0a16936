"""The page Outliers."""
