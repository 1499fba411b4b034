"""Knows what a run obeys: playbooks, service levels, signals, KPIs, and the conventions of ledger, credit, digest."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.benchmarks import Benchmark
from domain.conventions import CreditConventions, DigestConventions, LedgerConventions, PublishingConventions
from domain.effect_conventions import CostConventions, IncrementalConventions, WorkflowConventions
from domain.reason_conventions import ReasonConventions
from rules.health import HealthDocument
from rules.kpis import KpiSettings
from rules.load import Team
from rules.playbooks import Playbook
from rules.satisfaction import SatisfactionSettings
from rules.signals import SignalWindows
from rules.sla.policy import SlaDocument
from rules.text.findings import EvidenceReader, shipped_reader


@dataclass(frozen=True)
class Rulebook:
    """One consistent reading of the configuration."""

    playbooks: tuple[Playbook, ...]
    windows: SignalWindows
    ledger: LedgerConventions
    credit: CreditConventions
    digest: DigestConventions
    sla: SlaDocument = field(default_factory=SlaDocument)
    kpis: KpiSettings = field(default_factory=KpiSettings)
    incremental: IncrementalConventions = field(default_factory=IncrementalConventions)
    costs: CostConventions = field(default_factory=CostConventions)
    workflows: WorkflowConventions = field(default_factory=WorkflowConventions)
    publishing: PublishingConventions = field(default_factory=PublishingConventions)
    reasons: ReasonConventions = field(default_factory=ReasonConventions)
    satisfaction: SatisfactionSettings = field(default_factory=SatisfactionSettings)
    team: Team = field(default_factory=Team)
    health: HealthDocument = field(default_factory=HealthDocument)
    benchmarks: tuple[Benchmark, ...] = ()
    # Opened when it is asked for: most commands look for no evidence.
    evidence: Callable[[], EvidenceReader] = shipped_reader
