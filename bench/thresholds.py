"""Agreement of scored pairs with the truth, at every threshold: what is best for a peer.

Invariant: thresholds are tried against the truth, so a figure from here is the most that the
scores could give, not what a user without the truth would get.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def pair_count(labels: np.ndarray) -> int:
    """How many pairs share a label."""
    sizes = np.bincount(labels)
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())


def components(size: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Connected components by handing the least label on until nothing changes."""
    labels = np.arange(size)
    while True:
        least = np.minimum(labels[left], labels[right])
        after = labels.copy()
        np.minimum.at(after, left, least)
        np.minimum.at(after, right, least)
        after = after[after]
        if np.array_equal(after, labels):
            return labels
        labels = after


def score_pairs(people: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, object]:
    """Best-threshold figures of pairs and of clusters."""
    truth = pd.factorize(people["person"])[0]
    total = pair_count(truth)
    left, right = pairs["unique_id_l"].to_numpy(), pairs["unique_id_r"].to_numpy()
    weight = pairs["match_weight"].to_numpy()
    order = np.argsort(-weight)
    right_pair = (truth[left] == truth[right])[order]
    hits = np.cumsum(right_pair)
    count = np.arange(1, len(hits) + 1)
    f1 = 2 * hits / (count + total)
    best = int(np.argmax(f1))
    result: dict[str, object] = {
        "records": len(people),
        "people": int(truth.max() + 1),
        "true_pairs": total,
        "candidates": len(pairs),
        "blocked": round(float(right_pair.sum() / total), 4),
        "pairs": {
            "f1": round(float(f1[best]), 4),
            "precision": round(float(hits[best] / count[best]), 4),
            "recall": round(float(hits[best] / total), 4),
            "weight": round(float(weight[order][best]), 2),
        },
    }
    result["clusters"] = best_clusters(people, pairs)
    return result


def best_clusters(people: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, float]:
    """The threshold of the match weight whose connected components have the best F1.

    Args:
        pairs: unique_id_l, unique_id_r (places in `people`) and match_weight, in bits.
    """
    truth = pd.factorize(people["person"])[0]
    total = pair_count(truth)
    left, right = pairs["unique_id_l"].to_numpy(), pairs["unique_id_r"].to_numpy()
    weight = pairs["match_weight"].to_numpy()
    tried = [
        _clusters(truth, total, left, right, weight, float(at)) for at in np.arange(-4, 30, 0.5)
    ]
    best = max(tried, key=lambda one: one["f1"])
    blocked = float((truth[left] == truth[right]).sum() / max(total, 1))
    return {**best, "blocked": round(blocked, 4)}


def _clusters(
    truth: np.ndarray,
    total: int,
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    threshold: float,
) -> dict[str, float]:
    keep = weight >= threshold
    labels = components(len(truth), left[keep], right[keep])
    both = pd.factorize(labels.astype(np.int64) * (truth.max() + 1) + truth)[0]
    found, hits = pair_count(labels), pair_count(both)
    return {
        "f1": round(2 * hits / (found + total), 4),
        "precision": round(hits / max(found, 1), 4),
        "recall": round(hits / total, 4),
        "weight": threshold,
    }
