"""Wires the objects together: the one place that knows both the configuration and the rooms that obey it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from config import documents
from config.settings import Settings
from domain.conventions import DigestConventions, RetentionDocument
from jobs.rulebook import Rulebook
from rules.playbooks import PlaybookFile
from rules.signals import SignalWindows
from storage.store import Store

CLOCK_NOTE = "clock"
DEMO_NOTE = "demo"


def current_moment() -> datetime:
    """The one look at the clock."""
    return datetime.now(UTC)


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
        retention = documents.read(self.document("retention"), RetentionDocument)
        return Rulebook(
            playbooks=documents.read(self.document("playbooks"), PlaybookFile).playbooks,
            windows=documents.read(self.document("signals"), SignalWindows),
            ledger=retention.ledger,
            credit=retention.credit,
            digest=documents.read(self.document("digest"), DigestConventions),
        )

    @property
    def is_demo(self) -> bool:
        """Whether the database holds the made-up company."""
        return self.store.note(DEMO_NOTE) is not None

    def moment(self, as_of: datetime | None) -> datetime:
        """The moment that a command stands at: as asked, else the demo's own clock, else now."""
        if as_of is not None:
            return as_of
        stopped = self.store.note(CLOCK_NOTE)
        return datetime.fromisoformat(stopped) if stopped else current_moment()

    def close(self) -> None:
        """Give the database's connections back."""
        if "store" in self.__dict__:
            self.store.close()

    def document(self, name: str) -> Path:
        """The file that a part of the configuration is read from."""
        return documents.find(name, self.settings.config_dir)
