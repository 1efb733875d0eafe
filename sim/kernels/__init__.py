"""Compiled loops: the only place that imports numba; each has a plain numpy twin in its test."""
