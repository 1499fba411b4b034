"""Knows what learning from the past leaves: a model or why there is none, how it did, and which version it is."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from domain.reading import LearnedKind


@dataclass(frozen=True)
class Learned:
    """What was learned: `content` is the model (or why there is none, in `abstains`), `evaluation` how it did."""

    predicts: LearnedKind
    content: dict[str, Any]
    evaluation: dict[str, Any]

    @property
    def abstains(self) -> str | None:
        """Why nothing is foretold; None where it is."""
        reason: str | None = self.content.get("abstains")
        return reason

    @property
    def model_hash(self) -> str:
        """The name of this content; the same past gives the same one."""
        told = json.dumps({"predicts": self.predicts, **self.content}, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()
