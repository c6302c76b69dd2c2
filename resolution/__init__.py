"""Resolution: canonical records in; people, addresses and households out.

Invariant: everything here is derived, and can be made again from the snapshot, the rules, the
judgements and the identity ledger.

What is named here is imported when it is first asked for: a command that needs one module of this
room does not wait for all of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolution.blocking import Blocking, read_blocking
    from resolution.errors import ResolutionError, RulesError, TruthError
    from resolution.evaluation import Evaluation, evaluate
    from resolution.increments.resolving import Before, can_go_on, resolve_changed
    from resolution.linking.settings import LinkingSettings, read_linking
    from resolution.rules import Ladder, Rule, read_ladder
    from resolution.run import resolve, sweep
    from resolution.running import STAGES, Progress
    from resolution.scores import Scores
    from resolution.survivorship import Survivorship, read_survivorship

__all__ = [
    "STAGES",
    "Before",
    "Blocking",
    "Evaluation",
    "Ladder",
    "LinkingSettings",
    "Progress",
    "ResolutionError",
    "Rule",
    "RulesError",
    "Scores",
    "Survivorship",
    "TruthError",
    "can_go_on",
    "evaluate",
    "read_blocking",
    "read_ladder",
    "read_linking",
    "read_survivorship",
    "resolve",
    "resolve_changed",
    "sweep",
]

_MODULES = {
    "Before": "increments.resolving",
    "Blocking": "blocking",
    "Evaluation": "evaluation",
    "Ladder": "rules",
    "LinkingSettings": "linking.settings",
    "Progress": "running",
    "ResolutionError": "errors",
    "Rule": "rules",
    "RulesError": "errors",
    "STAGES": "running",
    "Scores": "scores",
    "Survivorship": "survivorship",
    "TruthError": "errors",
    "can_go_on": "increments.resolving",
    "evaluate": "evaluation",
    "read_blocking": "blocking",
    "read_ladder": "rules",
    "read_linking": "linking.settings",
    "read_survivorship": "survivorship",
    "resolve": "run",
    "resolve_changed": "increments.resolving",
    "sweep": "run",
}

if not TYPE_CHECKING:  # else every misspelt name would pass

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module 'resolution' has no attribute '{name}'")
        return getattr(importlib.import_module(f"resolution.{_MODULES[name]}"), name)
