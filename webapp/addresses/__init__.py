"""The address check: why are you looking, what is known, and which address was meant."""

from webapp.addresses.views import blueprint

__all__ = ["blueprint"]
