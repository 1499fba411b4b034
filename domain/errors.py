"""Knows what can go wrong, grouped by what the caller does next.

KeeplineError                  every error that is ours; the message says what to do
├── ConfigError                mend the named place in a configuration or mapping file
├── FileRefused                this file cannot be read at all; others can
├── StorageError               the database is missing, old, locked or shadowed
├── NotFound                   the asked-for account, week or model does not exist; near names are given
├── NoTouches                  nothing happened inside the look-back
├── NoMoreOpenTime             a search for business time left the years in which the calendar is open
└── ConnectorError             the outside did not answer as agreed
    ├── Retriable              try again, after `retry_after` where it is given
    ├── CredentialsRejected    stop; a person must give other credentials
    └── Skippable              leave out the record `record_id`, go on
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path


class KeeplineError(Exception):
    """Every error that Keepline raises on purpose."""


class ConfigError(KeeplineError):
    """A configuration or mapping file is wrong: where, what stands there, and what would be right.

    Lines and columns are counted from 1. `more` are further mistakes of the same file; the message has a line for each.
    """

    def __init__(
        self,
        file: Path | str,
        found: str,
        remedy: str,
        line: int | None = None,
        more: "Sequence[ConfigError]" = (),
        column: int | None = None,
    ) -> None:
        self.file, self.line, self.column = str(file), line, column
        self.found, self.remedy, self.more = found, remedy, tuple(more)
        place = ":".join(str(part) for part in (file, line, column) if part is not None)
        super().__init__("\n".join([f"{place}: found {found}; {remedy}", *map(str, more)]))


class FileRefused(KeeplineError):
    """A file that cannot be read at all; nothing of it was written."""

    def __init__(self, file: Path | str, found: str, remedy: str) -> None:
        self.file, self.found, self.remedy = str(file), found, remedy
        super().__init__(f"{file}: {found}; {remedy}")


class StorageError(KeeplineError):
    """The database cannot be used as it is."""


class NotFound(KeeplineError):
    """What was asked for does not exist."""


class NoTouches(KeeplineError):
    """Nothing happened inside the look-back."""


class NoMoreOpenTime(KeeplineError):
    """A search for business time left the years 1900 to 9999, or those in which its calendar is open."""


class ConnectorError(KeeplineError):
    """The outside did not answer as agreed."""


class Retriable(ConnectorError):
    """The same call may succeed later."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class CredentialsRejected(ConnectorError):
    """The outside refused the credentials; trying again is useless."""


class Skippable(ConnectorError):
    """One record is unusable; the rest goes on."""

    def __init__(self, message: str, record_id: str) -> None:
        self.record_id = record_id
        super().__init__(message)
