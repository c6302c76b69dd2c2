"""Identifying numbers that look right and belong to nobody.

Invariant: NHS numbers come from the 999 range, telephones from the ranges that Ofcom keeps for
drama, e-mail addresses from example.org, property numbers from a prefix of our own; check digits
are right.
"""

from __future__ import annotations

import numpy as np

from areas.maker.columns import Array, Ints, texts

STORY_SERIAL = 999_800
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_LANDLINES = ("01632 960", "0113 496 0", "0117 496 0", "0121 496 0", "029 2018 0", "020 7946 0")


def nhs_numbers(rng: np.random.Generator, count: int) -> Array:
    """Distinct NHS numbers of the 999 range with their modulus 11 check digit."""
    return _with_check(rng.permutation(STORY_SERIAL), count)


def story_nhs_numbers(count: int) -> Array:
    """Numbers of the same range that `nhs_numbers` never gives: those of the told stories."""
    return _with_check(np.arange(STORY_SERIAL, 1_000_000), count)


def _with_check(serial: Ints, count: int) -> Array:
    weights = np.arange(10, 1, -1)
    digits = np.concatenate(
        [
            np.full((len(serial), 3), 9),
            (serial[:, None] // 10 ** np.arange(5, -1, -1)[None, :]) % 10,
        ],
        axis=1,
    )
    check = (11 - (digits * weights).sum(axis=1) % 11) % 11
    good = check < 10
    serial, check = serial[good][:count], check[good][:count]
    return texts([f"999{a:06d}{b}" for a, b in zip(serial, check, strict=True)])


def upns(authority: Array, year: Ints, serial: Ints) -> Array:
    """Unique pupil numbers: check letter, council, school, year of entry, serial."""
    written = []
    for council, start, number in zip(authority, year, serial, strict=True):
        body = f"{council}{2000 + number // 1000 % 60:04d}{start % 100:02d}{number % 1000:03d}"
        total = sum(int(digit) * (place + 2) for place, digit in enumerate(body))
        written.append(_UPN_LETTERS[total % 23] + body)
    return texts(written)


def mobiles(rng: np.random.Generator, count: int) -> Array:
    """Mobile numbers for drama. There are only a thousand, so people share them."""
    return texts([f"07700 900{number:03d}" for number in rng.integers(0, 1000, count)])


def landlines(rng: np.random.Generator, count: int) -> Array:
    """Landlines for drama."""
    stem = rng.integers(0, len(_LANDLINES), count)
    return texts(
        [f"{_LANDLINES[a]}{b:03d}" for a, b in zip(stem, rng.integers(0, 1000, count), strict=True)]
    )


def uprns(rng: np.random.Generator, count: int) -> Array:
    """Invented property numbers of twelve digits, distinct."""
    serial = rng.permutation(10_000_000)[:count]
    return texts([f"99900{number:07d}" for number in serial])
