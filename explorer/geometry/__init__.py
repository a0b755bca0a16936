"""Vectors in, shape out: neighbors, projection, fidelity."""
