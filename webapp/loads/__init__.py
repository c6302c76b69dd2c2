"""What agencies have sent, and what became of it."""

from webapp.loads.views import blueprint

__all__ = ["blueprint"]
