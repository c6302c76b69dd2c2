"""One person, as the agencies whose records may be seen have them."""

from webapp.people.views import blueprint

__all__ = ["blueprint"]
