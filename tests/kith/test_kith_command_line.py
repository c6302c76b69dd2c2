"""The command line: documented, with exit codes that mean something."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from governance.errors import SessionEnded, SignInRefused
from kith.cli import EXIT_CODES, kith
from kith.cli.purpose import PurposeUnclearError, purpose_code

MANUAL = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")


def _commands(group: click.Group, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def test_every_command_is_in_the_manual() -> None:
    missing = [command for command in _commands(kith, "kith") if f"`{command}" not in MANUAL]
    assert missing == []


def test_the_exit_codes_are_in_the_manual() -> None:
    for code, meaning in EXIT_CODES.items():
        assert f"| {code} | {meaning} |" in MANUAL


def test_every_command_has_help() -> None:
    def walk(group: click.Group) -> None:
        for name, command in group.commands.items():
            assert command.help, name
            if isinstance(command, click.Group):
                walk(command)

    walk(kith)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("visit", "visit"),
        ("Before a visit", "visit"),
        ("a visit before knocking", "visit"),
        ("missing person", "missing_person"),
        ("missing_person", "missing_person"),
        ("safeguarding a child", "safeguarding_child"),
    ],
)
def test_a_purpose_is_taken_from_its_code_or_words(text: str, code: str) -> None:
    assert purpose_code(text) == code


@pytest.mark.parametrize("text", ["safeguarding", "because", "", "Mr Smith asked"])
def test_an_unclear_purpose_is_refused_with_the_list(text: str) -> None:
    with pytest.raises(PurposeUnclearError) as caught:
        purpose_code(text)
    assert "visit (before a visit)" in str(caught.value)
    assert caught.value.exit_code == 2


def test_who_is_not_signed_in_ends_with_the_code_for_it() -> None:
    assert SignInRefused().exit_code == 3
    assert SessionEnded().exit_code == 3


def test_a_seed_below_nothing_is_wrong_use() -> None:
    with pytest.raises(click.BadParameter):
        kith.main(["area", "make", "--seed", "-5", "--out", "nowhere"], standalone_mode=False)
