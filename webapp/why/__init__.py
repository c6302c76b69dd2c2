"""Why somebody can or cannot see something: for officers, and for the worker herself."""

from webapp.why.views import blueprint

__all__ = ["blueprint"]
