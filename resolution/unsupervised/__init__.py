"""How likely two records are one person where nobody and no identifier has told of any pair."""

from resolution.unsupervised.evidence import Evidence, fit_evidence

__all__ = ["Evidence", "fit_evidence"]
