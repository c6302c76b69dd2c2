"""Signing in and out."""

from webapp.signin.views import blueprint

__all__ = ["blueprint"]
