"""What the audit records of erasure.

Invariant: that of `governance.events`: the opaque keys of what was erased stay in the audit, which
is how it is shown that it was; no value of it does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from governance.erasures import REASONS
from governance.events import _Act, _count, _must, _one_of
from governance.ids import is_opaque


@dataclass(frozen=True, kw_only=True)
class ErasureBegun(_Act, kind="erasure_begun"):
    """Records, contacts or indicators (`what`, some of many) are erased from now on."""

    erasure_id: str = field(metadata=_must(is_opaque))
    reason: str = field(metadata=_must(_one_of(*REASONS)))
    items: int = field(metadata=_must(_count))


@dataclass(frozen=True, kw_only=True)
class ErasureDone(_Act, kind="erasure_done"):
    """An erasure is whole: rows that went, in so many loads."""

    erasure_id: str = field(metadata=_must(is_opaque))
    rows: int = field(metadata=_must(_count))
    loads: int = field(metadata=_must(_count))
