"""Errors of the resolution room.

Invariant: a message names files, lines, rules and counts, never a person's values.

KithError
    ResolutionError     a run cannot go on
        RulesError      a rules or survivorship file cannot be used; all its faults at once
        TruthError      a truth file cannot be used; all its faults at once
        QuestionsError  a pool of questions or a file of answers cannot be used
"""

from __future__ import annotations

from records.errors import KithError


class ResolutionError(KithError):
    """Base of this room's errors."""


class RulesError(ResolutionError):
    """A file of rules cannot be used; every fault is named."""

    exit_code = 2


class TruthError(ResolutionError):
    """A truth file cannot be used; every fault is named."""

    exit_code = 2


class QuestionsError(ResolutionError):
    """What a run left to be asked, or a file of answers, cannot be used."""

    exit_code = 2


class StateError(ResolutionError):
    """The run before left nothing that a run over a change could go on from."""
