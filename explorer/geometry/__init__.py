"""Vectors in, shape out: neighbors, projection, clusters, fidelity."""
