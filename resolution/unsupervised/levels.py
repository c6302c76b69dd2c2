"""Comparison vectors as levels of agreement, one comparison for each thing that may agree.

Invariant: a level is a function of a pair's own vector; level 0 of a comparison means that one of
the two records does not tell. What goes together is one comparison: home and place of birth lie
in one country, so that their agreement is counted once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from resolution.vectors.similarity import Floats

Levels = npt.NDArray[np.int64]
_Features = Mapping[str, npt.NDArray[Any]]

_ALIKE = (0.7, 0.8, 0.88, 0.935, 0.9999)
_BITS = (3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 22.0)
_CONTAINED = (0.5, 0.8)
_HEARD = (0.34, 0.67, 0.99)
_BIRTH_SLIP = 0.89
_STREET, _PART, _NUMBER = 0.85, 0.85, 0.75
_NEARLY = 0.8
_UNKNOWN_WORDS, _UNKNOWN_TEXT = np.float32(0.3), np.float32(0.4)
_ONE_YEAR = np.float32(1.6)
_BITS_OF_ONE = 10.0
_WIDTH = 4  # levels of a place of birth beside each of the home

KIN_PLACE, KIN_PHONE = 4, 2
"""From these levels of `place` and `phone` on two records may be of one family."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One comparison of many pairs.

    Attributes:
        levels: of each pair.
        size: how many levels there are.
        equal: which levels mean the same value, whose rarity then tells.
        bits: how surprising the value is, where it is the same.
        feature: the feature that stands for the comparison in an explanation.
        neutral: whether level 0 says nothing.
    """

    levels: Levels
    size: int
    feature: str
    equal: tuple[int, ...] = ()
    bits: Floats | None = None
    neutral: bool = True


def compare(vectors: Floats, names: tuple[str, ...]) -> dict[str, Compared]:
    """Every comparison that the features allow, by name."""
    found: _Features = {name: vectors[:, place] for place, name in enumerate(names)}
    out = {}
    if "words_alike" in found:
        out["words"] = _words(found)
    else:
        out["given"] = _name(found, "given")
        out["family"] = _name(found, "family")
        out["middle"] = Compared(levels=_middle(found), size=4, feature="middle")
    out["birth"] = _birth(found)
    for name in ("sex", "phone", "email"):
        if name in found:
            steps = [found[name] > 0, _nearly(found, name), found[name] < 0]
            out[name] = Compared(levels=np.select(steps, [2, 3, 1], 0), size=4, feature=name)
    if "identifier_near" in found:
        near, known = found["identifier_near"], found["identifier_equal"] != 0
        levels = np.select([~known, near == 1, near >= _NUMBER], [0, 3, 2], 1)
        out["identifier"] = Compared(levels=levels, size=4, feature="identifier_equal")
    if "occupation" in found:
        levels, bits = _text(found["occupation"])
        out["occupation"] = Compared(
            levels=levels, size=4, feature="occupation", equal=(3,), bits=bits
        )
    out["place"] = _place(found)
    return out


def together(parts: Sequence[Mapping[str, Compared]]) -> dict[str, Compared]:
    """The comparisons of some pairs and of others, one after the other."""

    def joined(name: str) -> Compared:
        each = [part[name] for part in parts]
        bits = [one.bits for one in each if one.bits is not None]
        return replace(
            each[0],
            levels=np.concatenate([one.levels for one in each]),
            bits=np.concatenate(bits) if bits else None,
        )

    return {name: joined(name) for name in parts[0]}


def _nearly(found: _Features, name: str) -> npt.NDArray[np.bool_]:
    """Where the two values differ by a slip or two."""
    near = found.get(f"{name}_near", np.zeros(len(found[name])))
    return np.asarray(near >= _NEARLY)


def _name(found: _Features, which: str) -> Compared:
    levels = np.digitize(found[f"{which}_alike"], _ALIKE) + 1
    top = len(_ALIKE) + 1
    return Compared(
        levels=np.where(found[f"{which}_known"] > 0, levels, 0),
        size=top + 1,
        feature=f"{which}_alike",
        equal=(top,),
        bits=found[f"{which}_rarity"],
    )


def _middle(found: _Features) -> Levels:
    value = found["middle"]
    return np.select([value < 0, value == 0, value < 1], [1, 0, 2], 3)


def _words(found: _Features) -> Compared:
    """By the rarity of the words in common, and by how much of the shorter name they are."""
    bits = np.digitize(found["words_shared"], _BITS)
    contained = np.digitize(found["words_contained"], _CONTAINED)
    heard = np.digitize(found["sounds_shared"], _HEARD)
    first = 1 + len(_HEARD) + 1
    wide = len(_CONTAINED) + 1
    levels = np.where(bits == 0, 1 + heard, first + (bits - 1) * wide + contained)
    unknown = found["words_alike"] == _UNKNOWN_WORDS
    unknown &= found["words_contained"] == _UNKNOWN_WORDS
    levels[unknown] = 0
    return Compared(levels=levels, size=first + len(_BITS) * wide, feature="words_shared")


def _birth(found: _Features) -> Compared:
    whole, parts = found["birth_known"] > 0, found["birth_parts"]
    slip = (found["birth_turned"] > 0) | (found["birth_written"] >= _BIRTH_SLIP)
    steps = [
        whole & (found["birth_equal"] > 0),
        whole & slip,
        whole & (parts >= 2),
        whole & (parts >= 1),
        whole,
        parts == _ONE_YEAR,
        parts == 0,
    ]
    return Compared(
        levels=np.select(steps, [6, 5, 4, 3, 1, 7, 2], 0),
        size=8,
        feature="birth_parts",
        equal=(6,),
        bits=found["birth_rarity"],
    )


def _text(value: Floats) -> tuple[Levels, Floats]:
    """Levels of a free text, and the bits of what is the same."""
    levels = np.select([value >= 1, value == _UNKNOWN_TEXT, value >= _PART], [3, 0, 2], 1)
    return levels, np.asarray((value - 1) * _BITS_OF_ONE, dtype=np.float32)


def _place(found: _Features) -> Compared:
    place = found["place"]
    steps = [place >= 4, place >= 3, place >= 2, place >= 1, place == 0]
    home = np.select(steps, [5, 4, 3, 2, 1], 0)
    home[(found["street"] > _STREET) & (home > 0) & (home <= 2)] = 6
    if "birth_place" not in found:
        return Compared(levels=home, size=7, feature="place", neutral=False)
    born, bits = _text(found["birth_place"])
    return Compared(
        levels=home * _WIDTH + born,
        size=7 * _WIDTH,
        feature="place",
        equal=tuple(range(3, 7 * _WIDTH, _WIDTH)),
        bits=bits,
        neutral=False,
    )


def of_one_family(found: Mapping[str, Compared]) -> npt.NDArray[np.bool_]:
    """Where the surname says little: the two live together or share a telephone."""
    place = found["place"]
    home = place.levels // _WIDTH if place.size > 7 else place.levels
    together = (home == KIN_PLACE) | (home == KIN_PLACE + 1)
    if "phone" in found:
        together |= found["phone"].levels == KIN_PHONE
    return np.asarray(together)
