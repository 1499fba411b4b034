"""Brings a folder of exports into the database, file by file: each as a whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path

from connectors.files import FilePlan, fingerprint, read
from connectors.put_aside import write_rejects
from connectors.raw_rows import raw_rows
from domain.errors import FileRefused
from domain.imports import ImportedFile, Reject
from storage.staging import Importing, Settled
from storage.store import Store

Report = Callable[[str, int, int], None]


@dataclass
class ImportReport:
    """What became of the files: those that went in, those that did not and why, and the rows that were put aside."""

    imported: list[ImportedFile] = field(default_factory=list)
    refused: list[FileRefused] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unread_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)


def import_files(
    store: Store, plans: Sequence[FilePlan], now: datetime, report: Report, strict: bool = False
) -> ImportReport:
    """Import the files of `plans`, in their order; one that is refused leaves the database as it was before it.

    `strict` refuses a file that lacks a column which its mapping names: in a mapping of one's own that is a slip of the
    pen, and reading on would quietly leave out what the column says. Shipped mappings name columns that may be missing.
    """
    done = ImportReport()
    files = list(_by_file(plans))
    for number, together in enumerate(files, start=1):
        try:
            if strict:
                _refuse_absent_columns(together)
            _import_file(store, together, now, done)
        except FileRefused as refused:
            done.refused.append(refused)
        report("Importing files", number, len(files))
    return done


def write_repairs(done: ImportReport, folder: Path) -> list[Path]:
    """Write a CSV for each file with rows that were put aside; repaired, it is imported like the file itself."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for file in dict.fromkeys(reject.file for reject in done.rejects):
        # Another name than the original's, so that both are remembered.
        written.append(folder / f"{Path(file).stem}.repair.csv")
        write_rejects(written[-1], done.headers[file], [each for each in done.rejects if each.file == file])
    return written


def _by_file(plans: Sequence[FilePlan]) -> Iterator[list[FilePlan]]:
    """The plans of each file together, files in the order of their first record."""
    order: dict[str, int] = {}
    for plan in plans:
        order.setdefault(plan.file, len(order))
    for _, together in groupby(sorted(plans, key=lambda plan: order[plan.file]), key=lambda plan: plan.file):
        yield list(together)


def _refuse_absent_columns(plans: list[FilePlan]) -> None:
    for plan in plans:
        if plan.layout is not None and plan.layout.format != "jsonl" and plan.absent_columns:
            absent = plan.absent_columns[0]
            near = get_close_matches(absent, plan.layout.header, n=1, cutoff=0.4)
            remedy = f"did you mean {near[0]!r}? " if near else ""
            remedy += "Mend the mapping, or take the field out of it"
            raise FileRefused(plan.file, f"its mapping names a column {absent!r}, which it does not have", remedy)


def _import_file(store: Store, plans: list[FilePlan], now: datetime, done: ImportReport) -> None:
    first = plans[0]
    if first.layout is None:
        raise first.refusal or FileRefused(first.file, first.problem or "it fits no mapping", "see keepline map")
    digest = fingerprint(first.path)
    imported: list[ImportedFile] = []
    rejects: list[Reject] = []
    with store.importing() as transaction:
        for plan in plans:
            row, put_aside = _import_record(store, transaction, plan, now, digest)
            imported.append(row)
            rejects += put_aside
    done.imported += imported
    done.rejects += rejects
    done.headers[first.file] = first.layout.header
    done.unread_columns[first.file] = first.unknown_columns
    done.notes[first.file] = tuple(dict.fromkeys(note for plan in plans for note in plan.notes))


def _import_record(
    store: Store, transaction: Importing, plan: FilePlan, now: datetime, digest: str
) -> tuple[ImportedFile, list[Reject]]:
    assert plan.record is not None and plan.mapping is not None  # noqa: S101, PT018 - the plan is ready
    staging = transaction.stage(plan.record, plan.file)
    rows, rejects = 0, list[Reject]()
    for batch in read(plan, now):
        staging.append(batch.rows)
        rows += batch.rows.height
        rejects += batch.rejects
    settled = staging.settle(now)
    rejects += _with_cells(plan, settled)
    imported = ImportedFile(
        source=plan.mapping.source,
        file=plan.file,
        sha256=digest,
        record=plan.record,
        mapping=plan.mapping.name,
        imported_at=now,
        read=rows + len(rejects) - len(settled.rejects),
        changed=settled.changed,
        unchanged=settled.unchanged,
        repeated=settled.repeated,
        rejected=len(rejects),
    )
    store.record_import(transaction.connection, imported, rejects)
    return imported, rejects


def _with_cells(plan: FilePlan, settled: Settled) -> list[Reject]:
    """The rejects that storage found, with the cells that stand on their lines."""
    if not settled.rejects or plan.layout is None or plan.mapping is None:
        return []
    cells = raw_rows(plan.path, plan.layout, {reject.line for reject in settled.rejects}, plan.mapping.limits)
    return [reject.model_copy(update={"row": tuple(cells[reject.line])}) for reject in settled.rejects]
