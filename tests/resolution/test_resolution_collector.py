"""The collector rests for a block and works again, whatever happens in it."""

from __future__ import annotations

import gc

import pytest

from resolution import collector


def test_it_rests_and_works_again() -> None:
    with collector.at_rest():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_works_again_after_a_fault() -> None:
    with pytest.raises(ValueError, match="odd"), collector.at_rest():
        raise ValueError("odd")
    assert gc.isenabled()


def test_where_it_rested_before_it_rests_on() -> None:
    gc.disable()
    try:
        with collector.at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
