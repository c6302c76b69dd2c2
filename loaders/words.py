"""The canonical form of words: names, addresses and plain text.

Invariant: two texts that differ only in capitals, blanks, composed accents or the kind of
apostrophe and dash have one canonical form; letters, accents, apostrophes and hyphens all stay.

Names and addresses get capitals at the start of each word, whatever the source wrote: half the
systems keep SMITH and half Smith, and a page that shows both as one must not call it a conflict.
So "MacDonald" becomes "Macdonald" (there is no telling from "MACDONALD"), "O'Brien", "Smith-Jones"
and "McDonald" come out as one expects. The source's own writing stays in the raw column.
"""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u02b9\u00b4\u0060\u2032"), "'")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_MARKS = {**_APOSTROPHES, **_DASHES, **_INVISIBLE}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HYPHEN = re.compile(r"\s*-\s*")
_COMMAS = re.compile(r"\s*,[\s,]*")
_LETTERS = r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*"
_WORD = re.compile(rf"(?<![^\W_]){_LETTERS}(?:'{_LETTERS})*")
_HAS_LETTER = re.compile(r"[^\W_]")
_KIND = re.compile(r"[A-Z][A-Z0-9_]*")
_MC = re.compile(r"mc(?=[^\W\d_]{2})")
_POSSESSIVE = {"s", "t"}


def text(given: str) -> str | None:
    """Words as the source has them: composed, unprintable marks and outer blanks taken off."""
    if not given.isascii():
        given = unicodedata.normalize("NFC", given)
    return _CONTROL.sub("", given).strip() or None


def name(given: str) -> str | None:
    """A name, forename or surname, or several of one person with blanks between."""
    plain = _HYPHEN.sub("-", _one_line(given)).strip("-,;.' ")
    return _capitals(plain) if _HAS_LETTER.search(plain) else None


def names(given: str) -> str | None:
    """Several whole names: each a name, '; ' between, each once."""
    found = [name(part) for part in given.split(";")]
    return "; ".join(dict.fromkeys(part for part in found if part)) or None


def address(given: str) -> str | None:
    """An address as one line, parts parted by ', '; what holds no letter or digit is none."""
    lines = given.replace("\r", "\n").replace("\n", ", ")
    line = _COMMAS.sub(", ", _one_line(lines)).strip(", ;.-")
    return _address_capitals(line) if _HAS_LETTER.search(line) else None


def _one_line(given: str) -> str:
    if not given.isascii() or "`" in given:
        given = unicodedata.normalize("NFC", given.translate(_MARKS))
    return " ".join(_CONTROL.sub(" ", given).split())


def _capitals(line: str) -> str:
    return unicodedata.normalize("NFC", _WORD.sub(_capital, line.lower()))


def _capital(found: re.Match[str]) -> str:
    word = found[0]
    first, *rest = word.split("'")
    head = _MC.sub("Mc", first) if _MC.match(first) else first
    parts = [f"Mc{head[2:3].upper()}{head[3:]}" if head.startswith("Mc") else _upper_first(head)]
    parts += [part if part in _POSSESSIVE else _upper_first(part) for part in rest]
    return "'".join(parts)


def _address_capitals(line: str) -> str:
    """As names, and a letter that belongs to a number is a capital: 12A, 3B."""
    capital = _capitals(line)
    return re.sub(r"(?<=\d)[a-z](?![a-z])", lambda found: found[0].upper(), capital)


def _upper_first(word: str) -> str:
    capital = word[:1].upper()
    # A letter whose capital is another letter or several (the sharp s) stays as it is.
    return capital + word[1:] if capital.lower() == word[:1] else word


def identifiers(given: str) -> tuple[str | None, bool]:
    """Identifiers as `KIND value` with `; ` between, each once; and whether all could be read."""
    found: list[str] = []
    parts = [part for part in unicodedata.normalize("NFKC", given).split(";") if part.strip()]
    for part in parts:
        kind, _, value = part.strip().upper().partition(" ")
        kept = "".join(mark for mark in value if mark.isalnum())
        if kept and _KIND.fullmatch(kind):
            found.append(f"{kind} {kept}")
        else:
            found.append("")
    return "; ".join(dict.fromkeys(filter(None, found))) or None, all(found)
