"""Passwords: the rules, the hash, and random ones.

Invariant: a password is never stored, logged or repeated in an error; checking one costs the
same whether or not there is a hash to check it against.

The rules follow the NCSC: length and deny lists, no rules of composition, no expiry. Words of the
trade and the place (denied_words.txt) may stand in a password, but do not make one.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from governance.errors import PasswordRefused

MIN_LENGTH = 12
MAX_LENGTH = 256  # longer ones only cost time
_FEWEST_CHARACTERS = 5
_FEWEST_OF_ONES_OWN = 8
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread: no i, l, o, 0, 1
_GROUPS, _GROUP = 4, 5

_hasher = PasswordHasher()


def check_rules(password: str, username: str) -> None:
    """Raise PasswordRefused, in words for the user, if the password is against the rules."""
    folded = _normal(password).casefold()
    if len(_normal(password)) < MIN_LENGTH:
        raise PasswordRefused(f"The password must have at least {MIN_LENGTH} characters.")
    if len(password) > MAX_LENGTH:
        raise PasswordRefused(f"The password may have at most {MAX_LENGTH} characters.")
    if len(set(folded)) < _FEWEST_CHARACTERS:
        raise PasswordRefused("The password repeats the same few characters.")
    if folded in _denied():
        raise PasswordRefused("The password is one of the first that others would guess.")
    if username.casefold() in folded:
        raise PasswordRefused("The password must not contain the user name.")
    if len(_words().sub("", folded)) < _FEWEST_OF_ONES_OWN:
        raise PasswordRefused("The password is made of words that others would try first here.")


def hash_password(password: str) -> str:
    """Argon2id with the library's parameters (RFC 9106, low memory), salt included."""
    return _hasher.hash(_bytes(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; None is checked against a decoy and is False."""
    decoy = _decoy()  # made before the choice, so that its first making tells nothing
    try:
        matches = _hasher.verify(stored or decoy, _bytes(password[: MAX_LENGTH + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored is not None


def outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def random_password() -> str:
    """A password of four groups of five readable characters, 99 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def _normal(password: str) -> str:
    # The same password typed on two keyboards may differ in its Unicode form.
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")


@cache
def _decoy() -> str:
    return _hasher.hash(secrets.token_hex(16))


@cache
def _denied() -> frozenset[str]:
    return frozenset(_lines("denied_passwords.txt"))


@cache
def _words() -> re.Pattern[str]:
    longest_first = sorted(_lines("denied_words.txt"), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


def _lines(name: str) -> list[str]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line]
