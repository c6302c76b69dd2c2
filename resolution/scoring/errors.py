"""Errors of what is learned and stored.

Invariant: a message names files, counts and features, never a person's values.
"""

from __future__ import annotations

from resolution.errors import ResolutionError


class ClassifierError(ResolutionError):
    """Labels or vectors from which nothing can be learned or scored."""


class ModelError(ResolutionError):
    """A stored model that must not be used, or cannot be stored."""
