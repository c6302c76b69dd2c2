"""Room in the process for the graph engine and the learners together.

Invariant: nothing but one environment variable changes; where it is set already, or the C library
is not glibc, nothing is done.

The embedded engine (kglite), LightGBM and scikit-learn (an OpenMP runtime each) want more static
thread-local storage than glibc keeps for libraries that are loaded late: whichever comes last
cannot be loaded ("cannot allocate memory in static TLS block"). glibc reads how much to keep only
when a process starts, so a process that needs them all starts itself again, once.
"""

from __future__ import annotations

import os
import sys

_VARIABLE = "GLIBC_TUNABLES"
_NAME = "glibc.rtld.optional_static_tls"
_BYTES = 8192  # kglite takes 1,545, each OpenMP runtime about 130; glibc keeps about 1,700


def has_room() -> bool:
    """Whether the three can be loaded into this process, in any order."""
    return not _is_glibc() or _NAME in os.environ.get(_VARIABLE, "")


def make_room() -> None:
    """Start this command again with room, unless there is; call it before any work is done."""
    if not has_room():
        set_before = os.environ.get(_VARIABLE)
        ours = f"{_NAME}={_BYTES}"
        os.environ[_VARIABLE] = f"{set_before}:{ours}" if set_before else ours
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def _is_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    except (AttributeError, ValueError, OSError):
        return False
