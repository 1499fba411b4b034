"""Knows how old, how complete and how consistent the facts behind a digest are."""

from collections.abc import Iterable
from datetime import datetime

import narwhals as nw

from domain.imports import ImportedFile
from domain.money import decimal_amount
from retention.digest.content import Health, Source
from retention.digest.inputs import DigestInputs

COMMAND = "keepline reconcile"


def health(inputs: DigestInputs, unconverted: Iterable[str]) -> Health:
    """What the reader must know about the facts; `unconverted` are currencies without a rate."""
    known = inputs.tickets.filter(nw.col("created_at") <= inputs.as_of).select(
        tickets=nw.len(),
        unlinked=nw.col("account_id").is_null().cast(nw.Int64).sum(),
        newest=nw.col("created_at").max(),
    )
    tickets, unlinked, newest = next(iter(known.collect().iter_rows()))
    return Health(
        sources=_sources(inputs),
        newest_ticket_at=newest,
        tickets=tickets,
        tickets_unlinked=unlinked or 0,
        arr_without_helpdesk=decimal_amount(inputs.arr_alone_cents, inputs.currency),
        unknown_signals={name: count for name, count in sorted(inputs.unknown_signals.items()) if count},
        rejected=inputs.rejected,
        contradictions=inputs.contradictions,
        unconverted=tuple(sorted(set(unconverted))),
        command=COMMAND,
    )


def _sources(inputs: DigestInputs) -> tuple[Source, ...]:
    together: dict[tuple[str, str], list[ImportedFile]] = {}
    for file in inputs.files:
        together.setdefault((file.source, file.record), []).append(file)
    return tuple(
        _source(source, record, files, inputs.as_of, inputs.digest.stale_after_days)
        for (source, record), files in sorted(together.items())
    )


def _source(source: str, record: str, files: list[ImportedFile], as_of: datetime, stale_after: int) -> Source:
    newest = max(file.imported_at for file in files)
    age = None if newest > as_of else (as_of - newest).days
    return Source(
        source=source,
        record=record,
        files=len(files),
        rows=sum(file.read - file.rejected for file in files),
        rejected=sum(file.rejected for file in files),
        imported_at=newest,
        age_days=age,
        stale=age is not None and age > stale_after,
    )
