"""What the audit records of copies of a whole home, and of comparisons with a truth.

Invariant: that of `governance.events`: counts and digests, no path and nothing typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from governance.events import _Act, _count, _flag, _matches, _must

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class BackupMade(_Act, kind="backup_made"):
    """The home was copied into a backup; `manifest` is the digest of the list of its files."""

    manifest: str = field(metadata=_must(_matches(_DIGEST)))
    files: int = field(metadata=_must(_count))
    encrypted: bool = field(metadata=_must(_flag))


@dataclass(frozen=True, kw_only=True)
class BackupRestored(_Act, kind="backup_restored"):
    """A home was made from a backup with this `manifest`; every session in it was ended."""

    manifest: str = field(metadata=_must(_matches(_DIGEST)))
    files: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class LinksCompared(_Act, kind="links_compared"):
    """The links of so many `records` were compared with a truth file, of this digest."""

    sha256: str = field(metadata=_must(_matches(_DIGEST)))
    records: int = field(metadata=_must(_count))
