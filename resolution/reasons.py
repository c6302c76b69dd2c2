"""What a comparison vector says of two records, topic by topic, in words a steward reads.

Invariant: every feature belongs to one topic, so that contributions summed by topic still sum to
the log odds; a sentence depends on the features' values and holds no value of a record. A feature
that nobody has given a topic is a topic of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resolution.scoring.logistic import Odds
from resolution.vectors.features import FEATURES
from resolution.vectors.similarity import Floats

Texts = npt.NDArray[np.object_]
Column = Callable[[str], npt.NDArray[np.floating]]
"""A feature's values by name; not a number where the vector has no such feature."""

_Test = Callable[[Column], npt.NDArray[np.bool_]]

_SAME, _ALIKE = 0.999, 0.8
_FEW, _MANY = np.log1p(3), np.log1p(20)  # bearers of a name


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Features that tell of one thing; the first sentence whose test holds is said."""

    features: tuple[str, ...]
    cases: tuple[tuple[str, _Test], ...]
    otherwise: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """Per pair and topic: the sentence, and what it adds to the log odds."""

    words: Texts
    parts: Odds


def above(name: str, least: float = 0.0) -> _Test:
    """Holds where a feature is more than `least`."""
    return lambda of: of(name) > least


def below(name: str, most: float = 0.0) -> _Test:
    """Holds where a feature is less than `most`."""
    return lambda of: of(name) < most


def near(name: str, value: float) -> _Test:
    """Holds where a feature has a value, but for rounding."""
    return lambda of: np.abs(of(name) - value) < 1e-4


def _signed(name: str, agrees: str, differs: str, unknown: str, *more: str) -> Topic:
    """A feature that is above nought where values agree, below where they differ."""
    return Topic(
        features=(name, *more),
        cases=((agrees, above(name)), (differs, below(name))),
        otherwise=unknown,
    )


def _reached(name: str, one: str, many: str) -> Topic:
    """A number or an address of the net by which somebody is reached."""
    return Topic(
        features=(name, f"{name}_near"),
        cases=(
            (f"Same {one}", above(name)),
            (f"{many} differ by a slip", above(f"{name}_near", _ALIKE)),
            (f"Different {one}s", below(name)),
        ),
        otherwise=f"{many} are not known of both",
    )


def _alike(name: str, agrees: str, alike: str, differs: str, *more: str) -> Topic:
    """A feature that is a likeness from 0 to 1."""
    return Topic(
        features=(name, *more),
        cases=((agrees, above(name, _SAME)), (alike, above(name, _ALIKE))),
        otherwise=differs,
    )


TOPICS = (
    Topic(
        features=(
            *("given_known", "given_written", "given_form", "given_alike", "given_unlike"),
            *("given_two_names", "middle_as_given"),
        ),
        cases=(
            ("A forename is not known", near("given_known", 0)),
            ("Same forename", above("given_written", _SAME)),
            ("The middle name of one is the forename of the other", above("middle_as_given")),
            ("Forenames are forms of one name", above("given_form", _ALIKE)),
            ("One forename is the initial of the other", above("given_form")),
            ("Different forenames", above("given_unlike")),
            ("Same forename", above("given_alike", _SAME)),
            ("A forename that both are known by", near("given_alike", 0.97)),
            ("A forename is not known", near("given_alike", 0.6)),
            ("Forenames are written alike", above("given_alike", _ALIKE)),
        ),
        otherwise="Forenames differ",
    ),
    Topic(
        features=("family_known", "family_written", "family_alike", "family_two_names"),
        cases=(
            ("A surname is not known", near("family_known", 0)),
            ("Same surname", above("family_written", _SAME)),
            ("Same surname", above("family_alike", _SAME)),
            ("A surname that both have or had", near("family_alike", 0.97)),
            ("A surname is not known", near("family_alike", 0.6)),
            ("Surnames are written alike", above("family_alike", _ALIKE)),
        ),
        otherwise="Surnames differ",
    ),
    Topic(
        features=("names_swapped",),
        cases=(("Forename and surname are swapped", above("names_swapped")),),
        otherwise="Forename and surname are not swapped",
    ),
    Topic(
        features=("middle",),
        cases=(
            ("Same middle names", above("middle", _ALIKE)),
            ("Middle names begin alike", above("middle")),
            ("Middle names differ", below("middle")),
        ),
        otherwise="Middle names are not known of both",
    ),
    Topic(
        features=(
            *("given_rarity", "family_rarity", "name_rarity"),
            *("name_use_most", "name_use_least"),
        ),
        cases=(
            ("Few people bear the name", below("name_use_least", _FEW)),
            ("Many people bear the name", above("name_use_least", _MANY)),
        ),
        otherwise="How many people bear the name",
    ),
    _alike(
        "words_alike",
        "Names have the same words",
        "Words of the names are alike",
        "Words of the names differ",
        *("words_shared", "words_contained", "words_within"),
        *("sounds_shared", "sounds_weight", "sounds_union"),
    ),
    Topic(
        features=(
            *("birth_known", "birth_written", "birth_turned", "birth_parts", "birth_equal"),
            *("birth_years_apart", "birth_days_apart", "birth_partial"),
            *("birth_rarity", "birth_far"),
        ),
        cases=(
            ("Same date of birth", above("birth_equal")),
            ("Day and month of birth are swapped", above("birth_turned")),
            ("A date of birth is not known", near("birth_parts", 1.2)),
            ("Year of birth agrees, more is not known of both", near("birth_parts", 1.6)),
            (
                "Years of birth differ",
                lambda of: (of("birth_partial") > 0) & (of("birth_known") == 0),
            ),
            ("Dates of birth are far apart", above("birth_far")),
            ("Dates of birth differ by a slip", above("birth_written", 0.85)),
            ("Same date of birth", above("birth_parts", 2.9)),
            ("Two parts of the date of birth agree", above("birth_parts", 1.9)),
        ),
        otherwise="Dates of birth differ",
    ),
    Topic(
        features=("birth_expected", "birth_year"),
        cases=(
            ("An age that the other agency often has", above("birth_expected")),
            ("An age that the other agency seldom has", below("birth_expected")),
        ),
        otherwise="How usual the age is at the other agency",
    ),
    Topic(
        features=("nhs_equal", "nhs_near", "nhs_conflict"),
        cases=(
            ("Same NHS number", above("nhs_equal")),
            ("NHS numbers differ by a slip", above("nhs_near")),
            ("Two different valid NHS numbers", above("nhs_conflict")),
        ),
        otherwise="NHS numbers are not known of both",
    ),
    _signed(
        "other_number",
        "Same pupil, learner or National Insurance number",
        "Different pupil, learner or National Insurance numbers",
        "Pupil, learner and National Insurance numbers are not known of both",
    ),
    Topic(
        features=("identifier_equal", "identifier_near"),
        cases=(
            ("Same passport, licence or other identifier", above("identifier_equal")),
            ("Other identifiers differ by a slip", above("identifier_near", _ALIKE)),
            ("Different passports, licences or other identifiers", below("identifier_equal")),
        ),
        otherwise="Passport, licence and the like are not known of both",
    ),
    _signed(
        "local_id",
        "Same id in the agency",
        "Different ids in the agency",
        "Ids in one agency are not known of both",
    ),
    _reached("phone", "telephone", "Telephones"),
    _reached("email", "e-mail", "E-mails"),
    _signed("sex", "Same sex", "Different sex", "Sex is not known of both"),
    Topic(
        features=("same_source",),
        cases=(("Both are held in one system", above("same_source")),),
        otherwise="They are held in different systems",
    ),
    Topic(
        features=(
            "place",
            "place_known",
            "house_number",
            "street",
            "place_crowd",
            "postcode_crowd",
        ),
        cases=(
            ("Same home address", above("place", 3.5)),
            ("Same house number, and street or postcode", above("place", 2.5)),
            ("Same home postcode", above("place", 1.5)),
            ("Homes are in one area", above("place", 0.9)),
            ("Homes are not known of both", above("place")),
        ),
        otherwise="Homes differ",
    ),
    Topic(
        features=("seen_place",),
        cases=(
            ("Seen at the same address", above("seen_place", 1.5)),
            ("Seen in the same postcode", above("seen_place")),
        ),
        otherwise="Never seen at one address",
    ),
    _alike("birth_place", "Same place of birth", "Places of birth alike", "Places of birth differ"),
    Topic(
        features=("birth_place_near", "birth_place_home"),
        cases=(
            ("Places of birth are in one region", above("birth_place_near", _ALIKE)),
            ("The place of birth is where the other lives", above("birth_place_home", 0.5)),
            ("Places of birth are in different regions", near("birth_place_near", 0)),
        ),
        otherwise="How places of birth and homes go together",
    ),
    _signed("region", "Homes in one region", "Homes in different regions", "Regions are not known"),
    _alike("occupation", "Same occupation", "Occupations alike", "Occupations differ"),
    Topic(features=("without_labels",), cases=(), otherwise="How alike they are as a whole"),
    Topic(
        features=("pair_likeliest", "pair_unlikeliest", "pair_mean", "pair_log_odds"),
        cases=(
            ("Their records are alike throughout", above("pair_mean", _ALIKE)),
            ("Some of their records are much alike", above("pair_likeliest", _ALIKE)),
            ("Some of their records are somewhat alike", above("pair_likeliest", 0.3)),
        ),
        otherwise="Their records are little alike",
    ),
    Topic(
        features=("pairs", "smaller_cluster", "larger_cluster"),
        cases=(),
        otherwise="How many records they have",
    ),
    Topic(
        features=("companions", "companions_likely", "companion_likeliest"),
        cases=(
            *(
                (
                    f"{count} people were seen with both, at different places",
                    above("companions", least),
                )
                for count, least in (("10 or more", 9.5), *((n, n - 0.5) for n in range(9, 1, -1)))
            ),
            ("1 other person was seen with both, at different places", above("companions")),
            (
                "People who are likely the same were seen with both, at different places",
                above("companion_likeliest", 0.5),
            ),
            (
                "People who may be the same were seen with both, at different places",
                above("companions_likely"),
            ),
        ),
        otherwise="Nobody was seen with both",
    ),
    Topic(
        features=("shared_places",),
        cases=(("Both were seen at one place", above("shared_places")),),
        otherwise="They were never seen at one place",
    ),
    Topic(
        features=("acquaintances", "places_seen"),
        cases=(),
        otherwise="How many people and places they were seen with",
    ),
)

SHARED = {
    "name_least": ("given_known", "family_known"),
    "name_and_birth": ("given_known", "family_known", "birth_known"),
    "name_and_place": ("given_known", "family_known", "place"),
    "name_and_seen": ("given_known", "family_known", "seen_place"),
}
"""Features of several topics at once: what they add is shared out among them."""

_GROUPS = ("best_", "worst_")
_IN_SOME, _IN_ALL = " in some of their records", " in all their records"
_TOPIC_OF = {feature: topic.features[0] for topic in TOPICS for feature in topic.features}
_TOPICS = {topic.features[0]: topic for topic in TOPICS}
_AGAINST = ("differ", "Different", "do not", "Nobody", "ever seen", "little", "Many", "seldom")
_FOR = ("Same", "agree", "Few", "much alike", "throughout", "swapped", "were seen with both")


def tell(names: Sequence[str], vectors: Floats, parts: Odds) -> Told:
    """What each topic says and adds.

    Args:
        names: the features, of pairs of records or of groups.
        vectors: shape (pairs, features); may lack the last features of `names`.
        parts: of each feature, shape (pairs, features).
    """
    place = {name: number for number, name in enumerate(names)}
    shares = _shares(names)
    topics = list(dict.fromkeys(topic for topic, _, _ in shares))
    at = {topic: number for number, topic in enumerate(topics)}
    matrix = np.zeros((len(names), len(topics)))
    for topic, number, share in shares:
        matrix[number, at[topic]] += share
    nothing = np.full(len(vectors), np.nan)

    def column(name: str) -> npt.NDArray[np.floating]:
        number = place.get(name, vectors.shape[1])
        return vectors[:, number] if number < vectors.shape[1] else nothing

    words = np.empty((len(vectors), len(topics)), dtype=object)
    for prefix, first in topics:
        words[:, at[prefix, first]] = _say(prefix, first, column, len(vectors))
    return Told(words=words, parts=parts @ matrix)


def _shares(names: Sequence[str]) -> list[tuple[tuple[str, str], int, float]]:
    """(topic, feature's place, share of what it adds), topics as prefix and first feature."""
    found = []
    for number, name in enumerate(names):
        prefix = next((each for each in _GROUPS if name.startswith(each)), "")
        bare = name.removeprefix(prefix)
        among = SHARED.get(bare, (_TOPIC_OF.get(bare, bare),))
        found += [((prefix, topic), number, 1 / len(among)) for topic in among]
    return found


def _say(prefix: str, first: str, column: Column, count: int) -> Texts:
    if first not in _TOPICS:
        words = FEATURES[first].words if first in FEATURES else first.replace("_", " ")
        return np.full(count, words[:1].upper() + words[1:], dtype=object)
    topic = _TOPICS[first]

    def own(name: str) -> npt.NDArray[np.floating]:
        return column(prefix + name)

    said = np.full(count, topic.otherwise, dtype=object)
    for sentence, test in reversed(topic.cases):
        said[test(own)] = sentence
    if prefix != "worst_":
        return said
    # Of two single records the least alike are the only ones.
    several = ~(column("pairs") == 1)
    for sentence in {topic.otherwise, *(sentence for sentence, _ in topic.cases)}:
        where = _IN_ALL if any(word in sentence for word in _FOR) else _IN_SOME
        said[several & (said == sentence)] = sentence + where
    return said


def speaks(sentence: str, contribution: float) -> bool:
    """Whether a sentence can be read as a reason for (above nought) or against one person.

    What is not known adds something too, and so may what agrees as often between strangers; to
    name it as a reason would only puzzle the reader.
    """
    if "not known" in sentence or sentence.startswith("How "):
        return False
    return not any(word in sentence for word in (_AGAINST if contribution > 0 else _FOR))
