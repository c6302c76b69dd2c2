"""Emergency access for those who need it, and the notices by which officers hear of it."""

from webapp.emergencies.views import blueprint

__all__ = ["blueprint"]
