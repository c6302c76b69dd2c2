"""Opaque keys: what stands in URLs, logs and the audit instead of a source's own key.

Invariant: a key says nothing about its source (a PDS key *is* the NHS number), is the same
for the same source row in one home, and differs between homes.
"""

from __future__ import annotations

import base64
import hmac

_SEPARATOR = "\x1f"
_BYTES = 15  # 120 bits: 24 characters, collisions out of reach at any county's size


class KeyMaker:
    """Makes a home's keys: HMAC-SHA256 under the home's own secret (at least 16 bytes)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the home's key must have at least 16 bytes")
        self._secret = secret

    def record_id(self, agency: str, dataset: str, source_key: str) -> str:
        return self._make("r", agency, dataset, source_key)

    def contact_id(self, agency: str, dataset: str, source_key: str) -> str:
        return self._make("c", agency, dataset, source_key)

    def indicator_id(self, agency: str, dataset: str, source_key: str) -> str:
        return self._make("i", agency, dataset, source_key)

    def derived_id(self, prefix: str, *parts: str) -> str:
        """A key for something derived, from the keys it derives from."""
        return self._make(prefix, *parts)

    def seal(self, purpose: str, message: bytes) -> str:
        """HMAC-SHA256 in hex: shows that a stored thing was made in this home for this purpose."""
        sealed = b"\x00".join((b"seal", purpose.encode(), message))  # no key's message has a NUL
        return hmac.digest(self._secret, sealed, "sha256").hex()

    def _make(self, prefix: str, *parts: str) -> str:
        message = _SEPARATOR.join((prefix, *parts)).encode()
        digest = hmac.digest(self._secret, message, "sha256")[:_BYTES]
        return f"{prefix}_{base64.b32encode(digest).decode().lower()}"


def share_key(agency: str, dataset: str, category: str) -> str:
    """`agency|dataset|category`, what an agreement is about; category `person` for a record."""
    return f"{agency}|{dataset}|{category}"
