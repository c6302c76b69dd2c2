"""What spoke for and against a pair, in words a steward reads.

Invariant: the reasons' contributions sum to the log odds; no sentence holds a record's value; a
feature of no known name still gets words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resolution.scoring.logistic import Odds, Rows
from resolution.vectors.features import FEATURES

START = "What every pair starts from"
REST = "Everything else"

_ALIKE = 0.8  # similarity from which values are called alike
_SAME = 0.999

# Sentences by feature: for values that are equal, alike and unlike.
_GRADED: dict[str, tuple[str, str, str]] = {
    "given_written": ("Same forename", "Forenames are written alike", "Forenames differ"),
    "given_alike": ("Same forename", "Forenames are alike", "Forenames differ"),
    "family_written": ("Same surname", "Surnames are written alike", "Surnames differ"),
    "family_alike": ("Same surname", "Surnames are alike", "Surnames differ"),
    "birth_written": (
        "Same date of birth",
        "Dates of birth are written alike",
        "Dates of birth differ",
    ),
    "street": ("Same street", "Streets are written alike", "Streets differ"),
    "sounds_shared": ("Names sound the same", "Names sound alike", "Names sound different"),
    "words_alike": ("Same words in the names", "Names are written alike", "Names differ"),
}

# Sentences by feature: for a value above nought, and for one below.
_SIGNED: dict[str, tuple[str, str]] = {
    "middle": ("Middle names agree", "Middle names differ"),
    "other_number": (
        "Same pupil, learner or National Insurance number",
        "Different pupil, learner or National Insurance numbers",
    ),
    "local_id": ("Same id in the agency", "Different ids in the agency"),
    "phone": ("Same telephone", "Different telephones"),
    "email": ("Same e-mail address", "Different e-mail addresses"),
    "sex": ("Same sex", "Different sex"),
    "house_number": ("Same house number", "Different house numbers"),
    "birth_place": ("Same place of birth", "Different places of birth"),
    "occupation": ("Same occupation", "Different occupations"),
}

# Sentences by feature: for a value above nought, and for nought.
_PRESENT: dict[str, tuple[str, str]] = {
    "given_form": ("Forms of one forename", "Not forms of one forename"),
    "given_unlike": ("Different forenames", "Forenames do not exclude each other"),
    "given_two_names": ("Two different forenames, both in use", "No two forenames in use"),
    "family_two_names": ("Two different surnames, both in use", "No two surnames in use"),
    "names_swapped": ("Forename and surname are swapped", "Names are not swapped"),
    "middle_as_given": ("Middle name used as forename", "No middle name used as forename"),
    "birth_equal": ("Same date of birth", "Not the same date of birth"),
    "birth_turned": ("Day and month of birth are swapped", "Day and month are not swapped"),
    "birth_far": ("Dates of birth far apart", "Dates of birth not far apart"),
    "same_source": ("Both held by one agency", "Held by different agencies"),
    "nhs_equal": ("Same NHS number", "No NHS number in common"),
    "nhs_near": ("Same NHS number but for a slip", "No similar NHS numbers"),
    "nhs_conflict": ("Two different valid NHS numbers", "NHS numbers do not conflict"),
    "place": ("Homes agree, wholly or in part", "No home in common"),
    "seen_place": ("Seen at the same address or postcode", "Never seen at one address"),
    "companions": (
        "Seen with the same people at both addresses",
        "Nobody seen with both",
    ),
    "companions_likely": (
        "Seen with people who are likely the same at both addresses",
        "Nobody likely seen with both",
    ),
    "companion_likeliest": (
        "Seen with somebody who is likely the same at both addresses",
        "Nobody likely seen with both",
    ),
    "shared_places": ("Seen at one address", "Never seen at one address"),
}

_PLAIN: dict[str, str] = {
    "without_labels": "How alike they are as a whole",
    "pair_likeliest": "Their two most alike records",
    "pair_unlikeliest": "Their two least alike records",
    "pair_mean": "Their records on the whole",
    "pair_log_odds": "Their records on the whole",
    "acquaintances": "How many people they were seen with",
    "places_seen": "How many addresses they were seen at",
    "pairs": "How many records were compared",
    "smaller_cluster": "How many records they have",
    "larger_cluster": "How many records they have",
}
_OF_CLUSTERS = {"best_": "two of their records", "worst_": "their least alike records"}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One sentence and what it adds to the log odds."""

    words: str
    contribution: float


def explain(
    names: Sequence[str], contributions: Odds, vector: Rows, *, most: int = 8
) -> list[Reason]:
    """The reasons of one pair, the weightiest first, then the rest and the start.

    Args:
        contributions: of each feature and last of the base, shape (features + 1,).
        vector: shape (features,).
        most: sentences named one by one; sentences that read the same are summed.
    """
    summed: dict[str, float] = {}
    for place, name in enumerate(names):
        words = sentence(name, float(vector[place]))
        summed[words] = summed.get(words, 0.0) + float(contributions[place])
    ranked = sorted(summed.items(), key=lambda entry: (-abs(entry[1]), entry[0]))
    reasons = [Reason(words=words, contribution=value) for words, value in ranked[:most] if value]
    rest = sum(value for _, value in ranked[most:])
    if rest:
        reasons.append(Reason(words=REST, contribution=rest))
    return [*reasons, Reason(words=START, contribution=float(contributions[-1]))]


def sentence(name: str, value: float) -> str:
    """What a feature of this value says."""
    for prefix, whose in _OF_CLUSTERS.items():
        if name.startswith(prefix):
            return f"{sentence(name.removeprefix(prefix), value)} ({whose})"
    if name in _GRADED:
        return _GRADED[name][0 if value >= _SAME else 1 if value >= _ALIKE else 2]
    if name in _SIGNED:
        unknown = f"{_spoken(name)}: not known of both"
        return _SIGNED[name][0] if value > 0 else _SIGNED[name][1] if value < 0 else unknown
    if name in _PRESENT:
        return _PRESENT[name][0 if value > 0 else 1]
    return _PLAIN.get(name) or _spoken(name)


def _spoken(name: str) -> str:
    words = FEATURES[name].words if name in FEATURES else name.replace("_", " ")
    return words[:1].upper() + words[1:]
