"""A purpose typed at the terminal, as a code of the purpose list.

Invariant: nothing is guessed: words that fit no purpose, or more than one, are refused with the
list.
"""

from __future__ import annotations

import datetime as dt

from governance.sessions import stateable
from records.errors import KithError


class PurposeUnclearError(KithError):
    """The purpose is none, or more than one, of the list."""

    exit_code = 2


def purpose_code(text: str) -> str:
    """The code that a code, its label, or words of either single out."""
    labels = stateable()
    wanted = " ".join(text.casefold().replace("_", " ").split())
    for code, label in labels.items():
        if wanted in {code.replace("_", " "), label.casefold()}:
            return code
    words = {word for word in wanted.split() if len(word) > 3}
    scores = {code: len(words & _words(code, label)) for code, label in labels.items()}
    best = max(scores.values())
    found = [code for code, score in scores.items() if score == best]
    if best == 0 or len(found) > 1:
        choices = ", ".join(f"{code} ({label.lower()})" for code, label in labels.items())
        raise PurposeUnclearError(f"say the purpose as one of: {choices}")
    return found[0]


def stated(
    now: dt.datetime, purpose: str | None, reference: str, basis: str | None
) -> dict[str, str]:
    """What a request says of why it is asked; empty if nothing was given."""
    if not purpose:
        return {}
    return {
        "purpose": purpose_code(purpose),
        "reference": reference or terminal_reference(now),
        "basis": basis or "",
    }


def terminal_reference(now: dt.datetime) -> str:
    """The reference of a question asked without one."""
    return f"TERMINAL {now:%Y-%m-%d %H:%M}"


def _words(code: str, label: str) -> set[str]:
    text = f"{code.replace('_', ' ')} {label.casefold()}"
    return {word.strip(".,'") for word in text.split() if len(word) > 3}
