"""Comparison vectors: how two records compare, as numbers that can be learned from."""

from resolution.vectors.features import FEATURES, Feature
from resolution.vectors.vectors import Vectors

__all__ = ["FEATURES", "Feature", "Vectors"]
