"""Area packs, the real geography under them, and the maker of invented people."""

from areas.geography import geography
from areas.maker import DEFAULT_AREA, DEFAULT_PEOPLE, AreaReport, make_area
from areas.pack import PackError, areas, read_pack

__all__ = [
    "DEFAULT_AREA",
    "DEFAULT_PEOPLE",
    "AreaReport",
    "PackError",
    "areas",
    "geography",
    "make_area",
    "read_pack",
]
