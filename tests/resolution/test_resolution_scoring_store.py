"""The stored model: what is not whole, ours and of this format is refused in words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.keys import KeyMaker
from resolution.scoring import ModelError, load_model, load_stored, save_model, store

KEY = KeyMaker(b"a home's key of enough bytes")
OTHER = KeyMaker(b"another home's key, also long")
_DIES = """
import os, pathlib, signal, sys
from records.keys import KeyMaker
from resolution.scoring import save_model
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
save_model(pathlib.Path(sys.argv[1]), {"new": 1}, KeyMaker(b"a home's key of enough bytes"))
"""
CONTENT: dict[str, Any] = {"slopes": [0.1, -2.5e-17], "names": ["a"], "deep": {"none": None}}


def test_what_is_stored_comes_back_with_its_origin(tmp_path: Path) -> None:
    version = save_model(tmp_path / "models", CONTENT, KEY, labels="abc", rules="r1")
    stored = load_stored(tmp_path / "models", KEY)
    assert stored is not None
    assert (stored.content, stored.version) == (CONTENT, version)
    assert (stored.labels, stored.rules) == ("abc", "r1")
    assert load_model(tmp_path / "models", KEY) == CONTENT
    assert [path.name for path in (tmp_path / "models").iterdir()] == [store.FILE]


def test_the_same_content_is_the_same_version(tmp_path: Path) -> None:
    one = save_model(tmp_path, CONTENT, KEY)
    assert save_model(tmp_path, dict(reversed(CONTENT.items())), KEY, rules="r2") == one
    assert save_model(tmp_path, CONTENT | {"more": 1}, KEY) != one


def test_no_model_is_none(tmp_path: Path) -> None:
    assert load_model(tmp_path / "nowhere", KEY) is None


def test_another_homes_key_is_refused(tmp_path: Path) -> None:
    save_model(tmp_path, CONTENT, KEY)
    with pytest.raises(ModelError, match="seal"):
        load_model(tmp_path, OTHER)


@pytest.mark.parametrize(
    ("name", "value"),
    [("content", {"slopes": [9]}), ("labels", "forged"), ("rules", 5), ("extra", 1), ("seal", "é")],
)
def test_a_changed_field_is_refused(tmp_path: Path, name: str, value: Any) -> None:
    save_model(tmp_path, CONTENT, KEY)
    path = tmp_path / store.FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(ModelError, match="seal"):
        load_model(tmp_path, KEY)


def test_a_model_without_a_seal_is_refused(tmp_path: Path) -> None:
    save_model(tmp_path, CONTENT, KEY)
    path = tmp_path / store.FILE
    body = json.loads(path.read_text())
    del body["seal"]
    path.write_text(json.dumps(body))
    with pytest.raises(ModelError, match="seal"):
        load_model(tmp_path, KEY)


def test_another_format_is_named_before_the_seal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FORMAT", 2)
    save_model(tmp_path, CONTENT, KEY)
    monkeypatch.undo()
    with pytest.raises(ModelError, match="format that this version does not know"):
        load_model(tmp_path, KEY)


@pytest.mark.parametrize(
    "data", [b"", b"\x80\x04pickle", b"[" * 100_000, b'{"format": NaN}', b'{"format": 1', b"\xff"]
)
def test_what_is_no_json_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / store.FILE).write_bytes(data)
    with pytest.raises(ModelError, match="no JSON"):
        load_model(tmp_path, KEY)


@pytest.mark.parametrize("data", [b"[]", b"1", b'"model"', b"null"])
def test_json_that_is_no_model_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / store.FILE).write_bytes(data)
    with pytest.raises(ModelError, match="no model"):
        load_model(tmp_path, KEY)


def test_what_is_too_large_is_neither_read_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / store.FILE).open("wb") as stream:
        stream.truncate(store.MOST_BYTES + 1)  # a hole: takes no space
    with pytest.raises(ModelError, match="too large to be read"):
        load_model(tmp_path, KEY)
    monkeypatch.setattr(store, "MOST_BYTES", 100)
    with pytest.raises(ModelError, match="too large to be stored"):
        save_model(tmp_path / "new", CONTENT, KEY)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes"])
def test_what_json_cannot_hold_is_not_stored(tmp_path: Path, value: Any) -> None:
    save_model(tmp_path, CONTENT, KEY)
    with pytest.raises(ModelError, match="cannot be stored"):
        save_model(tmp_path, {"value": value}, KEY)
    assert load_model(tmp_path, KEY) == CONTENT


def test_a_kill_between_writing_and_renaming_leaves_the_old_model(tmp_path: Path) -> None:
    save_model(tmp_path, CONTENT, KEY)
    killed = subprocess.run([sys.executable, "-c", _DIES, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    assert load_model(tmp_path, KEY) == CONTENT
    save_model(tmp_path, {"new": 2}, KEY)
    assert load_model(tmp_path, KEY) == {"new": 2}


def test_a_failed_write_leaves_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(tmp_path, CONTENT, KEY)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match="cannot be written"):
        save_model(tmp_path, {"new": 1}, KEY)
    assert [path.name for path in tmp_path.iterdir()] == [store.FILE]
    assert load_model(tmp_path, KEY) == CONTENT


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_torn_or_flipped_file_is_ever_another_model(tmp_path: Path, data: st.DataObject) -> None:
    save_model(tmp_path, CONTENT, KEY)
    path = tmp_path / store.FILE
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        whole = whole[:place]
    else:
        whole[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(whole))
    try:
        found = load_stored(tmp_path, KEY)
    except ModelError:
        return
    assert found is not None  # what reads the same may be written otherwise, e.g. 1e-5 as 1E-5
    assert found.content == CONTENT


def test_a_seal_is_no_key_and_differs_by_purpose() -> None:
    assert KEY.seal("model", b"x") != KEY.seal("other", b"x")
    assert KEY.seal("model", b"x") != OTHER.seal("model", b"x")
    assert len(KEY.seal("model", b"x")) == 64
