"""The audit, for governance officers: who saw what, and whether the record of it is whole."""

from webapp.audit.views import blueprint

__all__ = ["blueprint"]
