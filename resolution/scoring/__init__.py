"""Scoring: what labels teach, how sure it is, and how it is stored."""

from resolution.scoring.calibration import (
    Bin,
    Calibration,
    fit_calibration,
    out_of_fold,
    reliability,
)
from resolution.scoring.classifier import Classifier
from resolution.scoring.errors import ClassifierError, ModelError

__all__ = [
    "Bin",
    "Calibration",
    "Classifier",
    "ClassifierError",
    "ModelError",
    "fit_calibration",
    "out_of_fold",
    "reliability",
]
