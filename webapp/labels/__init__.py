"""Questions to stewards: are these two one person?"""

from webapp.labels.views import blueprint

__all__ = ["blueprint"]
