"""Retention for officers: schedule, what falls due, legal holds, disposals, lawful bases."""

from webapp.retention.disposals import blueprint as disposals_blueprint
from webapp.retention.due import blueprint as due_blueprint
from webapp.retention.holds import blueprint as holds_blueprint
from webapp.retention.views import blueprint

__all__ = ["blueprint", "disposals_blueprint", "due_blueprint", "holds_blueprint"]
