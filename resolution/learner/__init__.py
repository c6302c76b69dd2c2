"""Which pair to ask a steward next; labels in and out in dedupe's own form.

Invariant: the learner reads a pool and answers, and writes nothing; what comes next is a function
of the pool, the seed, the answers in their order and what is withheld at the moment.
"""

from resolution.learner.learner import Learner
from resolution.learner.training_files import (
    Exported,
    Imported,
    SourceKey,
    export_training,
    import_training,
    match_records,
)

__all__ = [
    "Exported",
    "Imported",
    "Learner",
    "SourceKey",
    "export_training",
    "import_training",
    "match_records",
]
