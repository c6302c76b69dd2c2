"""What was learned, on disk: one sealed JSON file.

Invariant: what is read was written whole by this home and by a version that means the same by it;
anything else is refused before any of it is used. Writing replaces the old file at once or not at
all, and nothing is ever unpickled.
"""

from __future__ import annotations

import datetime as dt
import hmac
import importlib.metadata
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.keys import KeyMaker
from resolution.scoring.errors import ModelError

FORMAT = 1
FILE = "model.json"
MOST_BYTES = 200_000_000
_SEAL = "seal"
_PURPOSE = "model"
_KINDS: dict[str, type] = {
    "format": int,
    "product": str,
    "created": str,
    "labels": str,
    "rules": str,
    "content": dict,
}


@dataclass(frozen=True, kw_only=True)
class StoredModel:
    """A model and where it came from."""

    version: str  # says whether two models are the same
    product: str
    created: str
    labels: str  # digest of the labels it learned from
    rules: str  # version of the rules and settings it was learned under
    content: dict[str, Any]


def save_model(
    folder: Path,
    content: dict[str, Any],
    key: KeyMaker,
    *,
    labels: str = "",
    rules: str = "",
    created: dt.datetime | None = None,
) -> str:
    """Store a model in place of the one there; gives its version.

    Args:
        labels: digest of the labels it learned from.
        rules: version of the rules and settings.

    Raises:
        ModelError: if it holds what JSON cannot, is too large or cannot be written.
    """
    made = (created or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds")
    body: dict[str, Any] = {
        "format": FORMAT,
        "product": importlib.metadata.version("kithgraph"),
        "created": made,
        "labels": labels,
        "rules": rules,
        "content": content,
    }
    try:
        seal = key.seal(_PURPOSE, _canonical(body))
        data = _canonical(body | {_SEAL: seal})
        version = _version(body, key)
    except (TypeError, ValueError) as error:
        raise ModelError(f"the model holds what cannot be stored: {error}") from error
    if len(data) > MOST_BYTES:
        raise ModelError(f"the model is too large to be stored: {len(data):,} bytes")
    try:
        _replace(folder, data)
    except OSError as error:
        raise ModelError(f"the model cannot be written: {error}") from error
    return version


def load_model(folder: Path, key: KeyMaker) -> dict[str, Any] | None:
    """The stored model's content, or None if there is none.

    Raises:
        ModelError: if what is there must not be used, saying why.
    """
    stored = load_stored(folder, key)
    return None if stored is None else stored.content


def load_stored(folder: Path, key: KeyMaker) -> StoredModel | None:
    """The stored model with where it came from, or None if there is none.

    Raises:
        ModelError: if what is there must not be used, saying why.
    """
    data = _read(folder / FILE)
    if data is None:
        return None
    body = _parsed(data)
    if body.get("format") != FORMAT or isinstance(body.get("format"), bool):
        raise ModelError(
            f"the stored model has a format that this version does not know "
            f"(it reads {FORMAT}); train it again"
        )
    seal = body.pop(_SEAL, None)
    expected = key.seal(_PURPOSE, _canonical(body))
    if not isinstance(seal, str) or not hmac.compare_digest(seal.encode(), expected.encode()):
        raise ModelError(
            "the stored model's seal does not match: it was changed, or made in another home; "
            "train it again"
        )
    if any(not isinstance(body.get(name), kind) for name, kind in _KINDS.items()):
        raise ModelError("the stored model lacks what a model must have; train it again")
    return StoredModel(
        version=_version(body, key),
        product=body["product"],
        created=body["created"],
        labels=body["labels"],
        rules=body["rules"],
        content=body["content"],
    )


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > MOST_BYTES:
                raise ModelError(f"the stored model is too large to be read: {size:,} bytes")
            return stream.read(MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(f"the stored model cannot be read: {error}") from error


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ModelError(
            "the stored model is no JSON, or only a part of it; train it again"
        ) from error
    if not isinstance(body, dict):
        raise ModelError("the stored model is JSON, but no model; train it again")
    return body


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def _canonical(body: dict[str, Any]) -> bytes:
    """The one way to write these values."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def _version(body: dict[str, Any], key: KeyMaker) -> str:
    """Of the content alone: learned again from the same labels, it is the same model."""
    return key.seal("model version", _canonical(body["content"]))[:12]


def _replace(folder: Path, data: bytes) -> None:
    """Write beside and rename; what a crash leaves beside is never read."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=folder)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(folder / FILE)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
