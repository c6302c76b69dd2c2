"""The features of a pair of records: names, directions and words.

Invariant: every number that a comparison vector holds is declared here, once, with what it means;
a direction of 1 says that more of it can only speak for one person, -1 only against.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One number of a comparison vector."""

    name: str
    direction: int  # 1, -1, or 0 where it goes either way
    words: str  # what it is about, as a steward reads it


def _feature(name: str, direction: int, words: str) -> Feature:
    return Feature(name=name, direction=direction, words=words)


NAMES = (
    _feature("given_known", 0, "both forenames known"),
    _feature("given_written", 1, "forenames as written"),
    _feature("given_form", 1, "forms of one forename, or an initial"),
    _feature("given_alike", 1, "forenames"),
    _feature("given_rarity", 1, "rarity of the forename"),
    _feature("given_two_names", -1, "two different forenames, both in use"),
    _feature("given_unlike", -1, "different forenames"),
    _feature("family_known", 0, "both surnames known"),
    _feature("family_written", 1, "surnames as written"),
    _feature("family_alike", 1, "surnames, former ones too"),
    _feature("family_rarity", 1, "rarity of the surname"),
    _feature("family_two_names", -1, "two different surnames, both in use"),
    _feature("names_swapped", 1, "forename and surname swapped"),
    _feature("middle_as_given", 1, "middle name used as forename"),
    _feature("middle", 1, "middle names"),
    _feature("name_rarity", 1, "rarity of the whole name"),
    _feature("name_use_most", -1, "how many bear the name"),
    _feature("name_use_least", -1, "how many bear the rarer of the names"),
)
WORDS = (
    _feature("words_shared", 1, "words of the names in common, rare ones counting more"),
    _feature("words_contained", 1, "one name contained in the other"),
    _feature("words_alike", 1, "names, words in any order"),
    _feature("sounds_shared", 1, "words of the names that sound alike"),
    _feature("sounds_weight", 1, "sounds of the names in common, rare ones counting more"),
    _feature("sounds_union", 1, "sounds of the names in common, of all sounds of both"),
    _feature("words_within", 1, "words of one name found in the other"),
)
BIRTHS = (
    _feature("birth_known", 0, "both dates of birth whole"),
    _feature("birth_written", 1, "dates of birth as written"),
    _feature("birth_turned", 1, "day and month of birth swapped"),
    _feature("birth_parts", 1, "year, month and day of birth"),
    _feature("birth_years_apart", -1, "years between the births"),
    _feature("birth_days_apart", -1, "days between the births"),
    _feature("birth_equal", 1, "date of birth"),
    _feature("birth_partial", 0, "one date of birth only in part"),
    _feature("birth_rarity", 1, "rarity of the date of birth"),
    _feature("birth_far", -1, "dates of birth far apart"),
    _feature("birth_expected", 0, "age for the agency that gives none"),
    _feature("birth_year", 0, "the one year of birth known"),
)
IDENTIFIERS = (
    _feature("nhs_equal", 1, "NHS number"),
    _feature("nhs_near", 1, "NHS number but for a slip"),
    _feature("nhs_conflict", -1, "two different valid NHS numbers"),
    _feature("other_number", 1, "pupil, learner or National Insurance number"),
    _feature("identifier_equal", 1, "another identifier: passport, driving licence ..."),
    _feature("identifier_near", 1, "another identifier but for a slip"),
    _feature("local_id", 1, "the agency's own id"),
    _feature("phone", 1, "telephone"),
    _feature("email", 1, "e-mail address"),
    _feature("phone_near", 1, "telephone but for a slip"),
    _feature("email_near", 1, "e-mail address but for a slip"),
    _feature("sex", 1, "sex"),
    _feature("same_source", 0, "one agency holds both"),
)
PLACES = (
    _feature("place", 1, "home address"),
    _feature("place_known", 0, "both homes known"),
    _feature("house_number", 1, "house number"),
    _feature("street", 1, "street"),
    _feature("seen_place", 1, "addresses they were seen at"),
    _feature("place_crowd", 0, "records at the address"),
    _feature("postcode_crowd", 0, "records in the postcode"),
)
OTHERS = (
    _feature("birth_place", 1, "place of birth"),
    _feature("occupation", 1, "occupation"),
)
REGIONS = (
    _feature("birth_place_near", 1, "places of birth whose people live in the same regions"),
    _feature("birth_place_home", 1, "place of birth of one, region of the other's home"),
    _feature("region", 1, "region of the home"),
)
TOGETHER = (
    _feature("name_least", 1, "the weaker of forename and surname"),
    _feature("name_and_birth", 1, "names and date of birth together"),
    _feature("name_and_place", 1, "names and home together"),
    _feature("name_and_seen", 1, "names and addresses together"),
)

FEATURES: dict[str, Feature] = {
    entry.name: entry
    for group in (NAMES, WORDS, BIRTHS, IDENTIFIERS, PLACES, OTHERS, REGIONS, TOGETHER)
    for entry in group
}
