"""Scoring: what labels teach, how sure it is, and how it is stored."""

from resolution.scoring.calibration import (
    Bin,
    Calibration,
    fit_calibration,
    fit_held_out,
    out_of_fold,
    reliability,
)
from resolution.scoring.classifier import Classifier
from resolution.scoring.errors import ClassifierError, ModelError
from resolution.scoring.estimate import Estimate, estimate
from resolution.scoring.store import StoredModel, load_model, load_stored, save_model
from resolution.scoring.threshold import choose_threshold

__all__ = [
    "Bin",
    "Calibration",
    "Classifier",
    "ClassifierError",
    "Estimate",
    "ModelError",
    "StoredModel",
    "choose_threshold",
    "estimate",
    "fit_calibration",
    "fit_held_out",
    "load_model",
    "load_stored",
    "out_of_fold",
    "reliability",
    "save_model",
]
