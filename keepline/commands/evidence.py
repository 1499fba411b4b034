"""Lists what customers gave away in words, the newest first, each with its sentence."""

from datetime import datetime, timedelta

from domain.errors import NotFound
from jobs.account_names import named
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from rules.text.findings import EvidenceReader
from rules.words import unknown_word
from storage.evidence import EvidenceBook, Told

_MOST = 60


def run(
    keepline: Keepline,
    kind: str | None,
    account: str | None,
    since: datetime | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Print a row a finding."""
    reader, until = keepline.rulebook.evidence(), keepline.moment(as_of)
    require_kind(reader, kind)
    since = since or until - timedelta(days=keepline.rulebook.windows.evidence_days)
    book = EvidenceBook(keepline.store.engine)
    account_id = None if account is None else _account_id(keepline, account)
    found = book.newest(reader.reader, [kind] if kind else [], since, until, account_id)
    banner(keepline)
    if as_json:
        show.as_json([each._asdict() for each in found])
    elif found:
        _print(found, reader, since)
    elif book.has_read(reader.reader):
        show.line(f"Nothing was found in messages since {since:%Y-%m-%d}; --since looks further back.")
    else:
        show.line("No message was searched by these rules yet: keepline run does it.")


def _account_id(keepline: Keepline, name: str) -> int:
    accounts = keepline.store.facts().accounts().select("id", "name", "external_id").collect()
    return int(named(list(accounts.iter_rows(named=True)), name)["id"])


def require_kind(reader: EvidenceReader, kind: str | None) -> None:
    """Refuse a kind that the rules do not know.

    Raises:
        NotFound: names the nearest kind.
    """
    if kind is not None and kind not in reader.document.kinds:
        raise NotFound(unknown_word(kind, reader.document.kinds, "kind of evidence"))


def _print(found: list[Told], reader: EvidenceReader, since: datetime) -> None:
    names = reader.document.kinds
    # Several rules may find the same in one sentence.
    rows = dict.fromkeys(
        (each.account or "not linked", f"{each.sent_at:%Y-%m-%d}", each.ticket, names[each.kind].name, each.sentence)
        for each in found
    )
    columns = ("account", "when", "ticket", "kind", "sentence")
    show.table(f"What customers said since {since:%Y-%m-%d}", columns, list(rows)[:_MOST])
    if len(rows) > _MOST:
        show.line(f"{len(rows) - _MOST:,} more; --json lists all, --kind and --account narrow it down.")
