"""Names as they are compared: folded, sounded and grouped by nickname.

Invariant: pure functions of one name, used on distinct values only; the same name gives the
same answer on every machine and in every run.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from doublemetaphone import doublemetaphone
from nicknames import NickNamer
from rapidfuzz.distance import JaroWinkler

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile(r"['’`´]")
TITLES = frozenset(
    [
        "mr",
        "mrs",
        "miss",
        "ms",
        "mx",
        "dr",
        "rev",
        "revd",
        "prof",
        "sir",
        "dame",
        "lord",
        "lady",
        "master",
        "cllr",
        "sgt",
        "capt",
    ]
)
_UNSPLIT = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
)
_SOUND_LENGTH = 5
_TELLING_SOUND = 3


def fold(text: str) -> str:
    """Lower case without accents and punctuation, words one space apart: `Zoë-Ann` `zoe ann`."""
    plain = text.lower()
    if not plain.isascii():  # most are, and this is the slow part
        plain = unicodedata.normalize("NFKD", plain.casefold().translate(_UNSPLIT))
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NOT_LETTERS.sub(" ", _APOSTROPHES.sub("", plain)).strip()


def sound(folded: str) -> str | None:
    """The primary double metaphone of a folded name's longest word, cut to five letters."""
    if not folded:
        return None
    word = max(folded.split(), key=len)
    return (doublemetaphone(word)[0] or word)[:_SOUND_LENGTH]


@functools.cache
def _sounds(folded: str) -> frozenset[str]:
    codes = doublemetaphone(folded.split(" ", 1)[0])
    return frozenset(code for code in codes if len(code) >= _TELLING_SOUND)


def alike_by_ear(left: str, right: str) -> bool:
    """Whether two forenames sound alike (`dylan`, `dillon`) or one begins the other.

    Short sounds tell nothing: Joan, Jean, Jane and June are one code.
    """
    shorter, longer = sorted((left, right), key=len)
    begins = len(shorter) >= _TELLING_SOUND and longer.startswith(shorter)
    return begins or bool(_sounds(left) & _sounds(right))


def split_full_name(text: str) -> tuple[str, str, str]:
    """Forename, middle names and surname of a whole name; `Surname, Forename` is understood."""
    head, comma, tail = text.partition(",")
    words = _without_titles(fold(tail if comma else text))
    surname = (
        " ".join(_without_titles(fold(head))) if comma else (words.pop() if len(words) > 1 else "")
    )
    if not words:
        return "", "", surname
    return words[0], " ".join(words[1:]), surname


def _without_titles(folded: str) -> list[str]:
    words = folded.split()
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    return words


@functools.cache
def _namer() -> NickNamer:
    return NickNamer()


@functools.cache
def nickname_groups(folded: str) -> frozenset[str]:
    """The formal names that a forename may stand for, itself among them."""
    word = folded.split(" ", 1)[0]
    return frozenset(_namer().canonicals_of(word) | {word})


def share_nickname(left: str, right: str) -> bool:
    """Whether two folded forenames may be forms of one name: `kate`, `katherine`."""
    return bool(nickname_groups(left) & nickname_groups(right))


@functools.cache
def _forms(folded: str) -> tuple[str, ...]:
    word = folded.split(" ", 1)[0]
    return tuple(sorted(_namer().canonicals_of(word) | _namer().nicknames_of(word)))


def near_nickname(left: str, right: str, least: float) -> bool:
    """Whether one forename is nearly a form of the other: `wilie`, a slip of `willie`."""
    return _near_form(left, right, least) or _near_form(right, left, least)


def _near_form(name: str, other: str, least: float) -> bool:
    return any(
        JaroWinkler.normalized_similarity(form, other, score_cutoff=least) > 0
        for form in _forms(name)
    )
