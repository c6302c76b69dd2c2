"""The Splink model of a demonstration area: written by hand for these data, tuned without truth.

Invariant: names with term frequencies, one comparison for the location (its parts are not
independent), the NHS number by its digits; all columns are those of `bench.area_frame`.
"""

from __future__ import annotations

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import SettingsCreator, block_on


def settings() -> SettingsCreator:
    """The model: names with term frequencies, one location comparison, NHS number by digits."""
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            _names(),
            cl.CustomComparison(
                output_column_name="middle",
                comparison_levels=[
                    cll.NullLevel("middle"),
                    cll.ExactMatchLevel("middle"),
                    cll.CustomLevel("middle_l[1] = middle_r[1]", "same initial"),
                    cll.ElseLevel(),
                ],
            ),
            _birth(),
            _location(),
            cl.CustomComparison(
                output_column_name="nhs",
                comparison_levels=[
                    cll.NullLevel("nhs"),
                    cll.ExactMatchLevel("nhs"),
                    cll.DamerauLevenshteinLevel("nhs", 1),
                    cll.ElseLevel(),
                ],
            ),
            cl.ExactMatch("upn"),
            cl.ExactMatch("sex"),
            cl.ExactMatch("phone"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
        retain_matching_columns=False,
        max_iterations=15,
    )


BLOCKS = (
    ("nhs",),
    ("upn",),
    ("born", "family"),
    ("born", "given"),
    ("born", "postcode"),
    ("family", "given", "year"),
    ("family", "given", "postcode"),
    ("postcode", "initial", "year"),
    ("postcode", "number", "initial"),
    ("uprn", "initial"),
    ("sound", "initial", "born"),
    ("phone", "family"),
)


def _names() -> cl.CustomComparison:
    both = "given_l = given_r and family_l = family_r"
    swapped = "given_l = family_r and family_l = given_r"

    def near(level: float) -> str:
        return (
            f"jaro_winkler_similarity(given_l, given_r) >= {level} "
            f"and jaro_winkler_similarity(family_l, family_r) >= {level}"
        )

    return cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.CustomLevel("given_l is null or given_r is null", "no name").configure(
                is_null_level=True
            ),
            cll.CustomLevel(both, "both").configure(tf_adjustment_column="family"),
            cll.CustomLevel(swapped, "swapped"),
            cll.CustomLevel(near(0.92), "both nearly"),
            cll.CustomLevel(near(0.85), "both alike"),
            cll.CustomLevel("family_l = family_r and given_l[1] = given_r[1]", "initial"),
            cll.ExactMatchLevel("family", term_frequency_adjustments=True),
            cll.ExactMatchLevel("given", term_frequency_adjustments=True),
            cll.JaroWinklerLevel("family", 0.88),
            cll.JaroWinklerLevel("given", 0.88),
            cll.ElseLevel(),
        ],
    )


def _birth() -> cl.CustomComparison:
    swapped = (
        "born_l[1:4] = born_r[1:4] and born_l[6:7] = born_r[9:10] and born_l[9:10] = born_r[6:7]"
    )
    return cl.CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            cll.NullLevel("birth"),
            cll.ExactMatchLevel("born", term_frequency_adjustments=True),
            cll.CustomLevel(swapped, "day and month swapped"),
            cll.DamerauLevenshteinLevel("born", 1),
            cll.CustomLevel("born_l[1:4] = born_r[1:4] and born_l[6:7] = born_r[6:7]", "month"),
            cll.CustomLevel("born_l[6:10] = born_r[6:10]", "day and month"),
            cll.ExactMatchLevel("year"),
            cll.ElseLevel(),
        ],
    )


def _location() -> cl.CustomComparison:
    home = "number_l = number_r and coalesce(flat_l, '') = coalesce(flat_r, '')"
    return cl.CustomComparison(
        output_column_name="location",
        comparison_levels=[
            cll.CustomLevel(
                "(postcode_l is null or postcode_r is null) and (uprn_l is null or uprn_r is null)"
                " and (street_l is null or street_r is null)",
                "nowhere",
            ).configure(is_null_level=True),
            cll.CustomLevel(f"uprn_l = uprn_r or (postcode_l = postcode_r and {home})", "home"),
            cll.CustomLevel(f"street_l = street_r and {home}", "number and street"),
            cll.CustomLevel("postcode_l = postcode_r", "postcode"),
            cll.CustomLevel("postcode_l[1:-3] = postcode_r[1:-3]", "district"),
            cll.ElseLevel(),
        ],
    )
