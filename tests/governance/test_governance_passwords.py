from __future__ import annotations

from typing import Literal

import pytest
from argon2 import PasswordHasher

from governance import PasswordRefused, passwords
from tests.governance.builders import PASSWORD


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "at least 12"),
        ("kestrel-har", "at least 12"),
        ("k" * 257, "at most 256"),
        ("abababababab", "repeats"),
        ("PassWord1234", "guess"),
        ("correct horse battery staple", "guess"),
        ("my-jo.smith-word", "user name"),
        ("JO.SMITH-4-ever", "user name"),
        ("Walsall-Police-2026", "words that others"),
        ("kith.safeguarding!1", "words that others"),
        ("Winter2026Welcome", "words that others"),
    ],
)
def test_a_weak_password_is_refused_in_words(password: str, why: str) -> None:
    with pytest.raises(PasswordRefused, match=why) as raised:
        passwords.check_rules(password, "jo.smith")
    assert not password or password not in str(raised.value)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "winter-copper-violin",
        "alllowercase",
        "ünïcödé-päss",
        "a b c d e f g",
        "k\u2126" * 6 + "abc",
    ],
)
def test_there_are_no_rules_of_composition(password: str) -> None:
    passwords.check_rules(password, "jo.smith")


def test_random_passwords_keep_the_rules_and_differ() -> None:
    made = {passwords.random_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        passwords.check_rules(password, "jo")
        assert not set(password) & set("il01o")


def test_the_hash_is_argon2id_at_the_strength_of_rfc_9106(real_hashes: None) -> None:
    stored = passwords.hash_password(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert stored != passwords.hash_password(PASSWORD)
    assert passwords.verify_password(stored, PASSWORD)
    assert not passwords.verify_password(stored, PASSWORD + " ")


def test_one_password_in_two_unicode_forms_is_one_password() -> None:
    stored = passwords.hash_password("caf\u00e9-harbour-42")
    assert passwords.verify_password(stored, "cafe\u0301-harbour-42")


@pytest.mark.parametrize("hostile", ["", "\ud800" * 12, "\x00" * 12, "x" * 10_000_000])
def test_a_hostile_password_is_only_wrong(hostile: str) -> None:
    assert not passwords.verify_password(passwords.hash_password(PASSWORD), hostile)
    assert not passwords.verify_password(None, hostile)


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$v=19$m=1"])
def test_a_hash_that_is_none_matches_nothing(stored: str) -> None:
    assert not passwords.verify_password(stored, PASSWORD)


def test_without_a_hash_the_same_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            seen.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    counting = Counting(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", counting)
    assert not passwords.verify_password(None, PASSWORD)
    assert not passwords.verify_password(passwords.hash_password("another-harbour"), PASSWORD)
    assert seen == ["$argon2id$v=19$m=64,t=1,p=1"] * 2
