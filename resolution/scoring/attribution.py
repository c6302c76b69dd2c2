"""What each feature adds to a score of many rows: TreeSHAP, once for rows that a tree cannot tell.

Invariant: exact. What a tree adds to a row and to its features follows from the answers to the
tree's questions alone, so rows with the same answers share the attribution of one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from resolution.scoring.logistic import Odds, Rows

if TYPE_CHECKING:
    import lightgbm

_MOST = 62  # questions of a tree, whose answers are the bits of one number


@dataclass(frozen=True, kw_only=True)
class Questions:
    """A tree's questions: is this feature at most that?"""

    features: npt.NDArray[np.intp]
    limits: npt.NDArray[np.float64]

    def answers(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """One number for each row, whose bits are its answers."""
        found = np.zeros(len(values), dtype=np.int64)
        for feature, limit in zip(self.features, self.limits, strict=True):
            found = 2 * found + (values[:, feature] <= limit)
        return found


def questions_of(trees: lightgbm.Booster) -> list[Questions] | None:
    """The questions of each tree; None if there are any of another kind."""
    found = []
    for tree in trees.dump_model()["tree_info"]:
        nodes = _nodes(tree["tree_structure"])
        if len(nodes) > _MOST or not all(map(_is_plain, nodes)):
            return None
        found.append(
            Questions(
                features=np.array([node["split_feature"] for node in nodes], dtype=np.intp),
                limits=np.array([node["threshold"] for node in nodes], dtype=np.float64),
            )
        )
    return found


def contributions(trees: lightgbm.Booster, questions: list[Questions], rows: Rows) -> Odds:
    """Exact attribution, shape (rows, features + 1); what all start from is last."""
    out = np.zeros((len(rows), rows.shape[1] + 1))
    values = np.nan_to_num(rows.astype(np.float64), nan=0.0)  # as the trees read what is missing
    for number, asked in enumerate(questions):
        _, first, alike = np.unique(asked.answers(values), return_index=True, return_inverse=True)
        added: Any = trees.predict(
            rows[first], pred_contrib=True, start_iteration=number, num_iteration=1, num_threads=1
        )
        out += np.asarray(added)[alike]
    return out


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The questions at a node and below it."""
    if "split_feature" not in node:
        return []
    return [node, *_nodes(node["left_child"]), *_nodes(node["right_child"])]


def _is_plain(node: dict[str, Any]) -> bool:
    return bool(node["decision_type"] == "<=" and node["missing_type"] == "None")
