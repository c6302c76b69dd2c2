"""From an agency's file to staged canonical records, and from those to a snapshot.

`read_mappings` reads the declarations of what a source's columns mean; `load_file` stages one file
under one of them; `take_snapshot` gives what all agencies hold now, `take_ahead` writes it before
it is asked for. `sweep` clears what a crash left; `read_findings` tells what was quarantined or
found in a load. `rewrite_loads` takes out of every load what was erased.
"""

from loaders.at_rest import AtRest
from loaders.context import LoadContext, LoadResult
from loaders.erasing import rewrite_loads
from loaders.errors import (
    DriftError,
    FileError,
    MappingError,
    NotRecognisedError,
    ReadError,
    StagingError,
)
from loaders.findings import findings_file, read_findings
from loaders.mapping import Mapping, describe
from loaders.mapping_file import read_mappings
from loaders.recognising import choose_mapping
from loaders.snapshot import open_snapshot, take_ahead, take_snapshot
from loaders.staging import load_file, sweep

__all__ = [
    "AtRest",
    "DriftError",
    "FileError",
    "LoadContext",
    "LoadResult",
    "Mapping",
    "MappingError",
    "NotRecognisedError",
    "ReadError",
    "StagingError",
    "choose_mapping",
    "describe",
    "findings_file",
    "load_file",
    "open_snapshot",
    "read_findings",
    "read_mappings",
    "rewrite_loads",
    "sweep",
    "take_ahead",
    "take_snapshot",
]
