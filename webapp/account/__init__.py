"""One's own account: the password, and where one is signed in."""

from webapp.account.views import blueprint

__all__ = ["blueprint"]
