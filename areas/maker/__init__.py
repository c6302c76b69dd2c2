"""The maker of invented people and of what agencies know of them."""

from areas.maker.make import DEFAULT_AREA, DEFAULT_PEOPLE, AreaReport, make_area

__all__ = ["DEFAULT_AREA", "DEFAULT_PEOPLE", "AreaReport", "make_area"]
