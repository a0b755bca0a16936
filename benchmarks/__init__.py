"""The measurements of `make bench`: time and memory by stage, quality of results, and the app in a browser."""
