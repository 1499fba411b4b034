"""Forgets a connection, with its secrets."""

from keepline import show
from keepline.bootstrap import Keepline


def run(keepline: Keepline, name: str) -> None:
    """Forget it; the facts that it brought stay, and connecting again goes on with them."""
    keepline.connected.disconnect(name)
    show.line(f"Forgot {name}, its secrets and how far it was read. What it brought stays.")
