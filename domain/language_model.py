"""Knows what is asked of a language model, whoever runs it: one answer to instructions and material."""

from typing import Protocol


class LanguageModel(Protocol):
    """A model that writes text; none is asked unless a person configured one and asked for it."""

    @property
    def name(self) -> str:
        """Which model, and where; it stands beside whatever it wrote."""

    def answer(self, instructions: str, material: str) -> str:
        """What it writes; the answer is bounded, and as little to be trusted as the material.

        Raises:
            ConnectorError: it was not reached, refused, was too slow, or wrote too much.
        """
