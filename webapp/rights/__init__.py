"""A person's rights for officers: cases, where things are held, redaction, corrections."""

from webapp.rights.corrections import blueprint as corrections_blueprint
from webapp.rights.items import blueprint as items_blueprint
from webapp.rights.lookup import blueprint as lookup_blueprint
from webapp.rights.views import blueprint

__all__ = ["blueprint", "corrections_blueprint", "items_blueprint", "lookup_blueprint"]
