"""What speaks against two records being one person, whatever a rule says.

Invariant: a guard only ever refuses; what it refuses goes to a steward with the guard's words.
A judgement of a steward stands above every guard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resolution.columns import Levels
from resolution.comparisons import level

Flags = npt.NDArray[np.bool_]

NHS_CONFLICT = "Two different valid NHS numbers"
DEAD_BEFORE_BORN = "One died before the other was born"
NAMESAKES = "Same name at one address, but different dates of birth: parent and child?"
WHICH_NAMESAKE = (
    "Two people of this name at the address; without a date of birth either may be meant"
)
TWINS = "Same surname, date of birth and address, but different forenames: twins?"
SEX_CONFLICT = "Different sex, and the forenames are not the same"
LITTLE_SUPPORT = "The records of one group speak on balance against those of the other"
JUDGED_DIFFERENT = "A steward judged records of these groups to be different people"


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """Per pair: the guard that refuses it (index into `REASONS`), or -1."""

    reason: npt.NDArray[np.int8]

    @property
    def refused(self) -> Flags:
        return np.asarray(self.reason >= 0)


REASONS = (NHS_CONFLICT, DEAD_BEFORE_BORN, NAMESAKES, TWINS, WHICH_NAMESAKE, SEX_CONFLICT)


def refuse_pairs(levels: Mapping[str, Levels], unborn: Flags, shared_name: Flags) -> Refusals:
    """Apply every guard to pairs; the first that refuses is named.

    Args:
        unborn: where one of the pair died before the other was born.
        shared_name: where people of different generations bear the name at the address.
    """
    reason = np.full(len(unborn), -1, dtype=np.int8)
    same_number = (levels["nhs_number"] == level("nhs_number", "equal")) | (
        levels["other_number"] == level("other_number", "equal")
    )
    no_date = levels["birth"] == level("birth", "unknown")
    flags = (
        levels["nhs_number"] == level("nhs_number", "different"),
        unborn,
        _namesakes(levels) & ~same_number,
        _twins(levels) & ~same_number,
        no_date & shared_name & ~same_number,
        _sexes(levels) & ~same_number,
    )
    for place in reversed(range(len(flags))):
        reason[flags[place]] = place
    return Refusals(reason=reason)


def speaks_against(levels: Mapping[str, Levels]) -> Flags:
    """Pairs that would not be one person if nothing else were known of them."""
    birth = levels["birth"] == level("birth", "different")
    given = levels["given"] == level("given", "different")
    conflict = levels["nhs_number"] == level("nhs_number", "different")
    return np.asarray(birth | given | conflict)


def _namesakes(levels: Mapping[str, Levels]) -> Flags:
    return np.asarray(
        (levels["birth"] == level("birth", "different"))
        & (levels["given"] >= level("given", "initial"))
        & (levels["family"] >= level("family", "close"))
        & (levels["place"] >= level("place", "postcode"))
    )


def _twins(levels: Mapping[str, Levels]) -> Flags:
    return np.asarray(
        (levels["given"] == level("given", "different"))
        & (levels["birth"] >= level("birth", "near"))
        & (levels["place"] >= level("place", "postcode"))
    )


def _sexes(levels: Mapping[str, Levels]) -> Flags:
    return np.asarray(
        (levels["sex"] == level("sex", "different"))
        & (levels["given"] > level("given", "unknown"))
        & (levels["given"] < level("given", "equal"))
    )
