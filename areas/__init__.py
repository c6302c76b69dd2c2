"""Area packs, the real geography under them, and the maker of invented people."""

from areas.geography import geography
from areas.install import Installed, install_pack
from areas.maker import DEFAULT_AREA, DEFAULT_PEOPLE, AreaReport, make_area
from areas.pack import PackError, areas, read_pack
from areas.sources import agree_with_itself, keeper, mapping_folders

__all__ = [
    "DEFAULT_AREA",
    "DEFAULT_PEOPLE",
    "AreaReport",
    "Installed",
    "PackError",
    "agree_with_itself",
    "areas",
    "geography",
    "install_pack",
    "keeper",
    "make_area",
    "mapping_folders",
    "read_pack",
]
