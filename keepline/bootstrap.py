"""Wires the objects together: the one place that knows both the configuration and the rooms that obey it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from config import documents
from config.holiday_files import resolve_holiday_files
from config.settings import Settings
from connectors.contract import Connector, Secrets, Site, Vendor
from connectors.language_model import ChatCompletions
from connectors.registry import vendor
from connectors.site_mapping import ConnectorsDocument, SiteMapping
from domain.benchmarks import BenchmarkDocument
from domain.connections import Connection
from domain.conventions import DigestConventions, RetentionDocument
from domain.errors import ConfigError
from domain.reason_conventions import ReasonConventions
from jobs.rulebook import Rulebook
from keepline.clock import SystemClock
from keepline.secret_key import secret_key
from rules.health import HealthDocument
from rules.kpis import KpiSettings
from rules.load import Team, with_known_calendars
from rules.playbooks import Playbook, PlaybookFile
from rules.satisfaction import SatisfactionSettings
from rules.signals import SignalWindows
from rules.sla.policy import SlaDocument
from rules.text.findings import EvidenceDocument, EvidenceReader, extended, shipped_content, shipped_reader
from storage.sealing import SealedSecrets
from storage.store import Store
from storage.sync_book import SyncBook

CLOCK_NOTE = "clock"
DEMO_NOTE = "demo"


def current_moment() -> datetime:
    """The one look at the clock."""
    return SystemClock().now()


def configured(database: str | None = None, config: Path | None = None) -> "Keepline":
    """The installation that the environment describes, with what the command line says instead."""
    settings = Settings()
    said = {"database_url": database, "config_dir": config}
    return Keepline(settings.model_copy(update={name: value for name, value in said.items() if value is not None}))


@dataclass
class Keepline:
    """One installation: its settings, its database and its rule book, each opened when first asked for."""

    settings: Settings

    @cached_property
    def store(self) -> Store:
        """The database, brought to the current schema."""
        return Store(self.settings.database_url)

    @cached_property
    def rulebook(self) -> Rulebook:
        """The user's configuration over the shipped defaults, file by file."""
        retention, windows = self._retention, self._windows
        levels = self.service_levels(self.document("sla"))
        return Rulebook(
            playbooks=self.playbooks(self.document("playbooks")),
            sla=levels,
            team=self.team(self.document("team"), levels),
            windows=windows,
            ledger=retention.ledger,
            publishing=retention.publishing,
            credit=retention.credit,
            incremental=retention.incremental,
            costs=retention.costs,
            workflows=retention.workflows,
            benchmarks=documents.read(self.document("benchmarks"), BenchmarkDocument).benchmarks,
            digest=documents.read(self.document("digest"), DigestConventions),
            kpis=documents.read(self.document("kpis"), KpiSettings),
            evidence=self._evidence(),
            reasons=documents.read(self.document("reasons"), ReasonConventions),
            satisfaction=documents.read(self.document("satisfaction"), SatisfactionSettings),
            health=documents.read(self.document("health"), HealthDocument),
        )

    @cached_property
    def _retention(self) -> RetentionDocument:
        return documents.read(self.document("retention"), RetentionDocument)

    @cached_property
    def _windows(self) -> SignalWindows:
        return documents.read(self.document("signals"), SignalWindows)

    def playbooks(self, path: Path) -> tuple[Playbook, ...]:
        """What a file of playbooks says; its amounts are in the reporting currency, its fields are configured.

        Raises:
            ConfigError: the file is wrong; all mistakes that were found are in it.
        """
        known = {"currency": self._retention.ledger.reporting_currency, "windows": self._windows}
        return documents.read(path, PlaybookFile, context=known).playbooks

    def service_levels(self, path: Path) -> SlaDocument:
        """What a document of service levels says; its calendars may name files beside it.

        Raises:
            ConfigError: the document is wrong, with the place and what would be right.
        """
        return documents.read(path, SlaDocument, resolve_holiday_files)

    def team(self, path: Path, levels: SlaDocument) -> Team:
        """What a document of the team says; its calendars are those of the service levels.

        Raises:
            ConfigError: the document is wrong, with the place and what would be right.
        """
        return documents.read(path, Team, lambda plain, _: with_known_calendars(plain, levels.calendars))

    def evidence_reader(self, path: Path) -> EvidenceReader:
        """What a document of evidence adds to the shipped rules.

        Raises:
            ConfigError: the document is wrong, with the place and what would be right.
        """
        prepare = lambda own, _: extended(own, shipped_content())  # noqa: E731
        return EvidenceReader(documents.read(path, EvidenceDocument, prepare))

    def _evidence(self) -> Callable[[], EvidenceReader]:
        path = self.document("evidence")
        if path.parent == documents.DEFAULTS:
            return shipped_reader
        own = self.evidence_reader(path)
        return lambda: own

    @cached_property
    def connected(self) -> SyncBook:
        """The connections of the database."""
        return SyncBook(self.store.engine)

    def secrets(self, connection: str, *, make_key: bool = False) -> SealedSecrets:
        """The secrets of one connection."""
        return SealedSecrets(self.store.engine, connection, secret_key(self.settings, make=make_key))

    def connector(
        self, connection: Connection, secrets: Secrets, on_wait: Callable[[float, str], None] = lambda *_: None
    ) -> Connector:
        """A connector to a site, with its mapping from `connectors.yaml`.

        Raises:
            ConfigError: the mapping sets what the vendor does not have.
        """
        kind = vendor(connection.vendor)
        mapping = self._site_mapping(connection.name)
        self._require_mappable(connection.name, kind, mapping)
        return kind.open(
            Site(
                name=connection.name,
                settings=connection.settings,
                secrets=secrets,
                clock=SystemClock(),
                fields=mapping.fields,
                on_wait=on_wait,
                tables=mapping.tables,
                table_defaults=mapping.defaults,
            )
        )

    def _require_mappable(self, connection: str, kind: Vendor, mapping: SiteMapping) -> None:
        file, place = self.document("connectors"), f"connections.{connection}"
        if mapping.tables and not kind.takes_tables:
            raise ConfigError(file, f"tables in {place}", f"leave them out; {kind.title} has none, a warehouse has")
        for name in mapping.fields:
            if name not in kind.mappable:
                near = get_close_matches(name, kind.mappable, n=1)
                has = ", ".join(sorted(kind.mappable)) or "no fields to map"
                known = f"did you mean {near[0]}?" if near else f"{kind.title} has {has}"
                raise ConfigError(file, f"{name!r} in {place}.fields", known)

    def _site_mapping(self, name: str) -> SiteMapping:
        document = documents.read(self.document("connectors"), ConnectorsDocument)
        return document.connections.get(name) or SiteMapping()

    @property
    def language_model(self) -> ChatCompletions | None:
        """The language model that the settings name; None where they name none, and then nothing is sent anywhere.

        Raises:
            ConfigError: its address may not be used, or its name is missing.
        """
        said = self.settings
        if said.language_model_url is None:
            return None
        if said.language_model is None:
            found = "an address without KEEPLINE_LANGUAGE_MODEL"
            raise ConfigError("KEEPLINE_LANGUAGE_MODEL_URL", found, "set it to the model's name at that address")
        key = said.language_model_key.get_secret_value() if said.language_model_key else None
        return ChatCompletions(said.language_model_url, said.language_model, key, said.language_model_seconds)

    @property
    def is_demo(self) -> bool:
        """Whether the database holds the made-up company."""
        return self.store.note(DEMO_NOTE) is not None

    def moment(self, as_of: datetime | None, known_on: datetime | None = None) -> datetime:
        """The moment that a command stands at: as asked, else the demo's own clock, else now.

        Who asks for what was known on a day and names no moment stands no later than then.
        """
        if as_of is not None:
            return as_of
        stopped = self.store.note(CLOCK_NOTE)
        now = datetime.fromisoformat(stopped) if stopped else current_moment()
        return now if known_on is None else min(now, known_on)

    def close(self) -> None:
        """Give the database's connections back."""
        if "store" in self.__dict__:
            self.store.close()

    def document(self, name: str) -> Path:
        """The file that a part of the configuration is read from."""
        return documents.find(name, self.settings.config_dir)
