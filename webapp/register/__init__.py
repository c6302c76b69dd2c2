"""The register for officers: agencies, agreements, and who may see what of whom."""

from webapp.register.agreements import blueprint as agreements_blueprint
from webapp.register.roles import blueprint as roles_blueprint
from webapp.register.views import blueprint

__all__ = ["agreements_blueprint", "blueprint", "roles_blueprint"]
