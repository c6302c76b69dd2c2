"""Area packs, the real geography under them, and the maker of invented people."""

from areas.geography import geography
from areas.install import Installed, install_pack
from areas.maker import DEFAULT_AREA, DEFAULT_PEOPLE, AreaReport, make_area
from areas.pack import PackError, areas, read_pack

__all__ = [
    "DEFAULT_AREA",
    "DEFAULT_PEOPLE",
    "AreaReport",
    "Installed",
    "PackError",
    "areas",
    "geography",
    "install_pack",
    "make_area",
    "read_pack",
]
