"""Resolution: canonical records in; people, addresses and households out.

Invariant: everything here is derived, and can be made again from the snapshot, the rules, the
judgements and the identity ledger.
"""

from resolution.blocking import Blocking, read_blocking
from resolution.errors import ResolutionError, RulesError, TruthError
from resolution.evaluation import Evaluation, evaluate
from resolution.linking.settings import LinkingSettings, read_linking
from resolution.rules import Ladder, Rule, read_ladder
from resolution.run import STAGES, Progress, resolve, sweep
from resolution.scores import Scores
from resolution.survivorship import Survivorship, read_survivorship

__all__ = [
    "STAGES",
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
    "evaluate",
    "read_blocking",
    "read_ladder",
    "read_linking",
    "read_survivorship",
    "resolve",
    "sweep",
]
