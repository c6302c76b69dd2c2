"""Identifiers and contact points: validity and the one canonical form of each.

Invariant: every function here takes what a person typed and gives its canonical form, or None if
it cannot be one; two spellings of the same identifier give the same text; nothing raises.
"""

from __future__ import annotations

import re
from functools import cache

import phonenumbers
from nhs_number.validate import is_valid as _is_valid_nhs_number
from stdnum.gb import upn as _upn
from wintersdeep_postcode import PostcodeError, PostcodeParser

_GAPS = re.compile(r"[\s\-.\u2010-\u2015\u00ad\u200b\ufeff]+")

# Stand-ins that satisfy modulus 11; the packages let them through.
NHS_NUMBERS_DENIED = frozenset({"0000000000", "1111111111", "9999999999", "9876543210"})

_TEN_DIGITS = re.compile(r"[0-9]{10}")
_UPN = re.compile(r"[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]")
_UPRN = re.compile(r"[0-9]{1,12}")
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]?")
_PSEUDO_POSTCODE = re.compile(r"ZZ99[0-9][A-Z]{2}")
_BRITISH = re.compile(r"0[1-9][0-9]{8,9}")  # what the package would say, forty times as fast
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\".]+(?:\.[^@\s,;<>\".]+)+")


def nhs_number(text: str) -> str | None:
    """Ten digits whose check digit is right and that are no known stand-in.

    >>> nhs_number("999 000 0018")
    '9990000018'
    """
    digits = _GAPS.sub("", text)
    if not _TEN_DIGITS.fullmatch(digits) or digits in NHS_NUMBERS_DENIED:
        return None
    return digits if _is_valid_nhs_number(digits) else None


def upn(text: str) -> str | None:
    """A unique pupil number, permanent or temporary (ending in a letter).

    python-stdnum knows the authorities of England in 2011 only; Welsh and newer ones are right
    too, so its check letter is used and its list of authorities is not.
    """
    compact = _GAPS.sub("", text).upper()
    if not _UPN.fullmatch(compact) or not compact.isascii():
        return None
    return compact if _upn.calc_check_digit(compact[1:]) == compact[0] else None


def uln(text: str) -> str | None:
    """A unique learner number: ten digits, weighted 10 to 1, remainder 10 of 11.

    No number is both this and an NHS number, so a valid one in the other's column shows a swap.
    """
    digits = _GAPS.sub("", text)
    if not _TEN_DIGITS.fullmatch(digits) or digits[0] == "0":
        return None
    weighted = sum(
        int(digit) * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True)
    )
    return digits if weighted % 11 == 10 else None


def nino(text: str) -> str | None:
    """A National Insurance number, its suffix letter optional."""
    compact = _GAPS.sub("", text).upper()
    return compact if compact.isascii() and _NINO.fullmatch(compact) else None


def uprn(text: str) -> str | None:
    """A unique property reference number, as text, without leading zeros."""
    digits = _GAPS.sub("", text)
    if not _UPRN.fullmatch(digits):
        return None
    return digits.lstrip("0") or None


def postcode(text: str) -> str | None:
    """A postcode in capitals with its space; ZZ99 pseudo-postcodes are kept.

    Strict: the areas and forms that exist, nothing guessed.
    """
    compact = _GAPS.sub("", text).upper()
    if not 5 <= len(compact) <= 7 or not compact.isascii():
        return None
    if _PSEUDO_POSTCODE.fullmatch(compact):
        return f"{compact[:-3]} {compact[-3:]}"
    try:
        _parser()(compact)
    except PostcodeError:
        return None
    return f"{compact[:-3]} {compact[-3:]}"


def is_no_fixed_abode(canonical_postcode: str) -> bool:
    """Whether this is a ZZ99 pseudo-postcode: abroad, unknown or no fixed abode."""
    return canonical_postcode.startswith("ZZ99")


@cache
def _parser() -> PostcodeParser:
    return PostcodeParser(whitespace="tolerant", validate=True)


def phone(text: str) -> str | None:
    """A telephone number as E.164, read as a British one unless it says otherwise.

    Possible is enough: the ranges kept for drama are in no plan of numbers, and a range may be
    newer than the package's data. Words beside the number make it no number.
    """
    plain = _GAPS.sub("", text)
    if _BRITISH.fullmatch(plain):
        return f"+44{plain[1:]}"
    if len(text) > 40 or re.search(r"[A-Wa-wYyZz]", text):
        return None
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or number.extension:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def email(text: str) -> str | None:
    """An e-mail address in lower case."""
    address = text.strip().lower()
    return address if len(address) <= 254 and _EMAIL.fullmatch(address) else None
