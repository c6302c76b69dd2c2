"""The links around a person or an address: a picture, and the same as a table."""

from webapp.links.views import blueprint

__all__ = ["blueprint"]
