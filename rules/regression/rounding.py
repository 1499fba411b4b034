"""Knows how finely what was learned is written down."""

from typing import Any


def eight_digits(value: Any) -> Any:
    """Figures of eight digits: what differs in later ones differs by the machine's order of adding."""
    if isinstance(value, dict):
        return {name: eight_digits(each) for name, each in value.items()}
    if isinstance(value, list):
        return [eight_digits(each) for each in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value
