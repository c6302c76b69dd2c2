"""Asking an agency for what one may not see, and answering for one's agency."""

from webapp.requests.approvers import blueprint as approvers_blueprint
from webapp.requests.views import blueprint

__all__ = ["approvers_blueprint", "blueprint"]
