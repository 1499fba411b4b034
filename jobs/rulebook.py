"""Knows what a run obeys: playbooks, signal windows, and the conventions of ledger, credit and digest."""

from dataclasses import dataclass

from domain.conventions import CreditConventions, DigestConventions, LedgerConventions
from rules.playbooks import Playbook
from rules.signals import SignalWindows


@dataclass(frozen=True)
class Rulebook:
    """One consistent reading of the configuration."""

    playbooks: tuple[Playbook, ...]
    windows: SignalWindows
    ledger: LedgerConventions
    credit: CreditConventions
    digest: DigestConventions
