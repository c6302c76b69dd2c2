"""One Splink model for each data set, as its own documentation would have an expert write it.

Invariant: a model is a function of the columns and their meaning, tuned by hand to what the data
set holds; no truth is read. `bench.splink_area` has the model of the demonstration area.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import SettingsCreator, block_on

from bench import splink_area

Columns = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Model:
    """How a data set is linked with Splink.

    Attributes:
        settings: comparisons and blocking.
        certain: rules, nearly free of false pairs, from which the prior is estimated.
        certain_recall: the share of true pairs that they are taken to find.
        rounds: blocking of each round of expectation maximisation; none: nothing is estimated
            but the prior.
    """

    settings: Callable[[], SettingsCreator]
    certain: tuple[Columns, ...]
    certain_recall: float
    rounds: tuple[Columns, ...]
    u_pairs: float = 1e6
    round_pairs: float = 2e6


def _made(comparisons: list[Any], blocks: tuple[Columns, ...]) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in blocks],
        retain_matching_columns=False,
        max_iterations=25,
    )


def _name(column: str) -> cl.CustomComparison:
    """Exact with its frequency, then Jaro-Winkler in three steps."""
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            cll.JaroWinklerLevel(column, 0.92),
            cll.JaroWinklerLevel(column, 0.85),
            cll.JaroWinklerLevel(column, 0.7),
            cll.ElseLevel(),
        ],
    )


def _both_names(given: str, family: str) -> cl.CustomComparison:
    swapped = f"{given}_l = {family}_r and {family}_l = {given}_r"

    def near(level: float) -> str:
        return (
            f"jaro_winkler_similarity({given}_l, {given}_r) >= {level} "
            f"and jaro_winkler_similarity({family}_l, {family}_r) >= {level}"
        )

    nothing = (
        f"({given}_l is null or {given}_r is null) and ({family}_l is null or {family}_r is null)"
    )
    both = f"{given}_l = {given}_r and {family}_l = {family}_r"
    return cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.CustomLevel(nothing, "no name").configure(is_null_level=True),
            cll.CustomLevel(both, "both").configure(tf_adjustment_column=family),
            cll.CustomLevel(swapped, "swapped"),
            cll.CustomLevel(near(0.92), "both nearly"),
            cll.CustomLevel(near(0.8), "both alike"),
            cll.ExactMatchLevel(family, term_frequency_adjustments=True),
            cll.ExactMatchLevel(given, term_frequency_adjustments=True),
            cll.JaroWinklerLevel(family, 0.88),
            cll.JaroWinklerLevel(given, 0.88),
            cll.ElseLevel(),
        ],
    )


def _birth(column: str = "dob") -> cl.CustomComparison:
    left, right = f"{column}_l", f"{column}_r"
    swapped = (
        f"{left}[1:4] = {right}[1:4] and {left}[6:7] = {right}[9:10] "
        f"and {left}[9:10] = {right}[6:7]"
    )
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            cll.CustomLevel(swapped, "day and month swapped"),
            cll.DamerauLevenshteinLevel(column, 1),
            cll.DamerauLevenshteinLevel(column, 2),
            cll.CustomLevel(f"{left}[1:4] = {right}[1:4]", "year"),
            cll.ElseLevel(),
        ],
    )


def _edits(column: str, *distances: int) -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            *(cll.DamerauLevenshteinLevel(column, distance) for distance in distances),
            cll.ElseLevel(),
        ],
    )


def _fake1000() -> SettingsCreator:
    mail = cl.CustomComparison(
        output_column_name="email",
        comparison_levels=[
            cll.NullLevel("email"),
            cll.ExactMatchLevel("email", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("email", 0.92),
            cll.JaroWinklerLevel("email", 0.85),
            cll.ElseLevel(),
        ],
    )
    blocks = (("first_name",), ("surname",), ("dob",), ("email",), ("city", "substr(dob, 1, 4)"))
    return _made([_both_names("first_name", "surname"), _birth(), _name("city"), mail], blocks)


def _febrl3() -> SettingsCreator:
    """Address and suburb stand for each other, and the two lines of the address swap places."""
    lines = (
        "jaro_winkler_similarity(address_1_l, address_2_r) >= 0.92 "
        "or jaro_winkler_similarity(address_2_l, address_1_r) >= 0.92"
    )
    address = cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.NullLevel("address_1"),
            cll.ExactMatchLevel("address_1", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("address_1", 0.9),
            cll.CustomLevel(lines, "lines swapped"),
            cll.JaroWinklerLevel("address_1", 0.8),
            cll.ElseLevel(),
        ],
    )
    comparisons = [
        _both_names("given_name", "surname"),
        _birth(),
        _edits("soc_sec_id", 1, 2),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        address,
        _name("suburb"),
        _edits("postcode", 1, 2),
        cl.ExactMatch("state"),
    ]
    blocks = (
        ("soc_sec_id",),
        ("dob",),
        ("given_name", "surname"),
        ("given_name", "postcode"),
        ("surname", "postcode"),
        ("surname", "substr(given_name, 1, 3)"),
        ("given_name", "substr(surname, 1, 3)"),
        ("street_number", "address_1"),
        ("street_number", "postcode"),
        ("suburb", "surname"),
    )
    return _made(comparisons, blocks)


def _hist50k() -> SettingsCreator:
    """As Splink's own tutorial of these data, with the whole name's words beside the two names."""
    words = "list_intersect(name_words_l, name_words_r)"
    least = "least(len(name_words_l), len(name_words_r))"
    near = (
        "jaro_winkler_similarity(first_name_l, first_name_r) >= 0.88 "
        "and jaro_winkler_similarity(surname_l, surname_r) >= 0.88"
    )
    names = cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.CustomLevel("full_name_l is null or full_name_r is null", "no name").configure(
                is_null_level=True
            ),
            cll.ExactMatchLevel("first_and_surname", term_frequency_adjustments=True),
            cll.CustomLevel("first_name_l = surname_r and surname_l = first_name_r", "swapped"),
            cll.CustomLevel(f"len({words}) >= 3", "three words"),
            cll.CustomLevel(f"len({words}) >= 2", "two words"),
            cll.CustomLevel(near, "both nearly"),
            cll.ExactMatchLevel("surname", term_frequency_adjustments=True),
            cll.CustomLevel(f"len({words}) = {least}", "a word, and there is no other"),
            cll.ExactMatchLevel("first_name", term_frequency_adjustments=True),
            cll.CustomLevel(f"len({words}) = 1", "a word"),
            cll.JaroWinklerLevel("first_and_surname", 0.88),
            cll.ElseLevel(),
        ],
    )
    postcode = cl.CustomComparison(
        output_column_name="postcode",
        comparison_levels=[
            cll.NullLevel("postcode"),
            cll.ExactMatchLevel("postcode", term_frequency_adjustments=True),
            cll.DamerauLevenshteinLevel("postcode", 1),
            cll.CustomLevel(
                "left(postcode_l, len(postcode_l) - 3) = left(postcode_r, len(postcode_r) - 3)",
                "district",
            ),
            cll.ElseLevel(),
        ],
    )
    comparisons = [
        names,
        _birth(),
        postcode,
        _name("birth_place"),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    ]
    blocks = (
        ("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
        ("surname", "dob"),
        ("first_name", "dob"),
        ("postcode", "first_name"),
        ("postcode", "surname"),
        ("dob", "birth_place"),
        ("left(postcode, len(postcode) - 3)", "dob"),
        ("left(postcode, len(postcode) - 3)", "surname"),
        ("left(postcode, len(postcode) - 3)", "first_name", "birth_place"),
        ("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
        ("surname", "birth_place"),
        ("surname", "occupation", "substr(first_name, 1, 1)"),
    )
    return _made(comparisons, blocks)


def _known(level: Any, m: float, u: float) -> Any:
    """A level with what an expert takes its probabilities to be, kept as they are."""
    return level.configure(
        m_probability=m, u_probability=u, fix_m_probability=True, fix_u_probability=True
    )


def _identifier(column: str) -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            _known(cll.ExactMatchLevel(column), 0.95, 0.0005),
            _known(cll.ElseLevel(), 0.05, 0.9995),
        ],
    )


def _senzing() -> SettingsCreator:
    """147 records are too few to estimate anything from: an expert states what is known."""
    both = "given_l = given_r and family_l = family_r"
    swapped = "given_l = family_r and family_l = given_r"
    alike = (
        "jaro_winkler_similarity(given_l, given_r) >= 0.75 "
        "and jaro_winkler_similarity(family_l, family_r) >= 0.8"
    )
    short = "family_l = family_r and given_l[1] = given_r[1]"
    names = cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.CustomLevel("given_l is null or given_r is null", "no name").configure(
                is_null_level=True
            ),
            _known(cll.CustomLevel(both, "both"), 0.35, 0.002),
            _known(cll.CustomLevel(swapped, "swapped"), 0.03, 0.0005),
            _known(cll.CustomLevel(alike, "both alike"), 0.3, 0.004),
            _known(cll.CustomLevel(short, "family and initial"), 0.1, 0.008),
            _known(cll.ExactMatchLevel("given"), 0.08, 0.01),
            _known(cll.ExactMatchLevel("family"), 0.06, 0.05),
            _known(cll.ElseLevel(), 0.08, 0.9255),
        ],
    )
    birth = cl.CustomComparison(
        output_column_name="dob",
        comparison_levels=[
            cll.NullLevel("dob"),
            _known(cll.ExactMatchLevel("dob"), 0.7, 0.01),
            _known(cll.DamerauLevenshteinLevel("dob", 2), 0.2, 0.02),
            _known(cll.ElseLevel(), 0.1, 0.97),
        ],
    )
    mail = cl.CustomComparison(
        output_column_name="email",
        comparison_levels=[
            cll.NullLevel("email"),
            _known(cll.ExactMatchLevel("email", term_frequency_adjustments=True), 0.85, 0.02),
            _known(cll.ElseLevel(), 0.15, 0.98),
        ],
    )
    near = "number_l = number_r and jaro_winkler_similarity(address_l, address_r) >= 0.8"
    address = cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.NullLevel("address"),
            _known(cll.CustomLevel(near, "number and alike"), 0.7, 0.01),
            _known(cll.ExactMatchLevel("number"), 0.1, 0.01),
            _known(cll.ElseLevel(), 0.2, 0.98),
        ],
    )
    phone = cl.CustomComparison(
        output_column_name="phone",
        comparison_levels=[
            cll.NullLevel("phone"),
            _known(cll.ExactMatchLevel("phone"), 0.8, 0.005),
            _known(cll.ElseLevel(), 0.2, 0.995),
        ],
    )
    identifiers = [_identifier(name) for name in ("passport", "drivers", "ssn", "national")]
    single = ("family", "given", "dob", "phone", "email", "number", "passport", "drivers")
    blocks = (*((name,) for name in single), ("ssn",), ("national",))
    return _made([names, birth, phone, mail, address, *identifiers], blocks)


MODELS: dict[str, Model] = {
    "fake1000": Model(
        settings=_fake1000,
        certain=(("first_name", "surname", "dob"), ("email",)),
        certain_recall=0.7,
        rounds=(("first_name", "surname"), ("dob",), ("email",)),
    ),
    "febrl3": Model(
        settings=_febrl3,
        certain=(("soc_sec_id",), ("given_name", "surname", "dob")),
        certain_recall=0.9,
        rounds=(("given_name", "surname"), ("dob",), ("soc_sec_id",)),
    ),
    "hist50k": Model(
        settings=_hist50k,
        certain=(("first_name", "surname", "dob"), ("full_name", "dob"), ("full_name", "postcode")),
        certain_recall=0.6,
        rounds=(("first_name", "surname"), ("dob",), ("postcode", "substr(first_name, 1, 1)")),
    ),
    "senzing": Model(
        settings=_senzing,
        certain=(("email", "given"), ("family", "given", "dob"), ("ssn",), ("passport",)),
        certain_recall=0.6,
        rounds=(),
    ),
    "vip": Model(
        settings=splink_area.settings,
        certain=(("nhs",), ("given", "family", "born")),
        certain_recall=0.7,
        rounds=(("given", "family"), ("born",), ("postcode", "number")),
        u_pairs=4e6,
    ),
}
