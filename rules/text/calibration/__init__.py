"""Knows how one team's customers write: what a reader's scores mean there, learned from the team's own answers."""

from rules.text.calibration.answers import Answer, allowed
from rules.text.calibration.calibrating import Calibrated, TooFewAnswers, calibrate
from rules.text.calibration.calibration import Calibration
from rules.text.calibration.told import Told, expected_calibration_error

__all__ = [
    "Answer", "Calibrated", "Calibration", "Told", "TooFewAnswers", "allowed", "calibrate",
    "expected_calibration_error",
]  # fmt: skip
