"""Pairs of clusters: which are compared, who moved with them, and their vectors."""

from resolution.cluster_pairs.candidates import candidate_cluster_pairs
from resolution.cluster_pairs.vectors import ClusterVectors, Summaries

__all__ = ["ClusterVectors", "Summaries", "candidate_cluster_pairs"]
