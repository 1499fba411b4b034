"""Proposes how a folder's columns are read, and shows its first rows as they would be read."""

from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from config import documents
from connectors.files import FilePlan, read, recognise
from connectors.proposal import Proposal, TableGuess, propose, sample_of
from domain.errors import FileRefused
from domain.money import decimal_amount
from keepline import show
from keepline.bootstrap import Keepline, current_moment
from keepline.mappings import FOLDER_MAPPING, mappings_for, own_mapping

_ROWS_SHOWN = 3
_CELL_WIDTH = 28
_HEADING = """How these exports are read. Each field of a record names the column that it comes from.
Look through it, mend what was guessed wrong, then: keepline import FOLDER"""


def run(keepline: Keepline, folder: Path, mapping: Path | None, write: Path | None, as_json: bool) -> None:
    """Show what is known or guessed about each file; exit code 1 where a file is not understood."""
    del keepline
    plans = recognise(folder, mappings_for(folder, mapping))
    proposal = None
    is_own = own_mapping(folder, mapping) is not None
    if write or (not is_own and any(plan.status == "unknown" for plan in plans)):
        proposal = _proposed(plans)
        if proposal.mapping is not None:
            plans = recognise(folder, [proposal.mapping])
    if write and proposal is not None and proposal.mapping is not None:
        documents.write(write, proposal.document, _HEADING)
    if as_json:
        show.as_json(_printed(plans, proposal))
    else:
        _print(plans, proposal, folder, write)
    if not all(plan.status == "ready" for plan in plans):
        raise typer.Exit(1)


def _proposed(plans: list[FilePlan]) -> Proposal:
    paths = dict.fromkeys(plan.path for plan in plans if plan.status != "refused")
    return propose([sample_of(path) for path in paths])


def _print(plans: list[FilePlan], proposal: Proposal | None, folder: Path, write: Path | None) -> None:
    if not plans:
        show.line(f"No exports in {folder}: it takes .csv, .tsv, .jsonl, .parquet and .xlsx files.")
    for guess in proposal.tables if proposal else ():
        _print_guess(guess)
    for plan in plans:
        _print_plan(plan)
    ready = [plan for plan in plans if plan.status == "ready"]
    if write and proposal and proposal.mapping:
        show.line(f"The proposal is written to {write}: look it through, then")
    elif write:
        show.line(
            "Nothing is written: no file could be understood. docs/mappings.md shows how to write a mapping.", "red"
        )
    if ready and proposal and not write:
        show.line(f"Keep this proposal: keepline map {folder} --write {folder / FOLDER_MAPPING}, look it through, then")
    if ready:
        show.line(f"keepline import {folder}")


def _print_guess(guess: TableGuess) -> None:
    rows = [[each.column, each.field or "(not read)", f"{each.confidence:.0%}", each.reason] for each in guess.columns]
    show.table(
        f"{guess.file}: taken for {guess.record or 'nothing known'}", ["Column", "Field", "Sure", "Why"], rows, ["Sure"]
    )
    if guess.record and guess.missing:
        show.line(
            f"  missing: {', '.join(guess.missing)}; name a column or a constant for each in the mapping", "yellow"
        )
    for note in guess.notes:
        show.line(f"  {note}")
    show.line()


def _print_plan(plan: FilePlan) -> None:
    if plan.status != "ready" or plan.mapping is None:
        show.line(f"{plan.file}: NOT READ: {plan.problem}", "red")
        return
    try:
        rows, rejects = _first_rows(plan)
    except FileRefused as refused:
        show.line(str(refused), "red")
        return
    fields = [name for name in (rows[0] if rows else {}) if any(row[name] not in (None, "", "[]") for row in rows)]
    cells = [[_short(row[name]) for name in fields] for row in rows]
    show.table(f"{plan.file} as {plan.record}, by the mapping {plan.mapping.name}", fields, cells)
    if plan.absent_columns and plan.layout and plan.layout.format != "jsonl":
        show.line(f"  named by the mapping, but not in the file: {', '.join(plan.absent_columns)}", "yellow")
    if plan.unknown_columns:
        show.line(f"  not read: {', '.join(plan.unknown_columns)}")
    for note in plan.notes:
        show.line(f"  {note}")
    for problem in rejects[:_ROWS_SHOWN]:
        show.line(f"  put aside: {problem}", "yellow")
    show.line()


def _first_rows(plan: FilePlan) -> tuple[list[dict[str, Any]], list[str]]:
    batch = next(iter(read(plan, current_moment())))
    rows = [_readable(row) for row in batch.rows.head(_ROWS_SHOWN).iter_rows(named=True)]
    told = [
        f"line {each.line}, {each.column}: found {each.found!r}, expected {each.expected}" for each in batch.rejects
    ]
    return rows, told


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what every row has, amounts in whole units of their currency."""
    left_out = {"source", "recorded_at"}
    currency = row.get("currency")
    return {
        name.removesuffix("_cents"): decimal_amount(value, currency)
        if name.endswith("_cents") and value is not None and currency
        else value
        for name, value in row.items()
        if name not in left_out
    }


def _short(value: Any) -> str:
    text = "" if value is None else f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)
    return text if len(text) <= _CELL_WIDTH else f"{text[: _CELL_WIDTH - 1]}…"


def _printed(plans: list[FilePlan], proposal: Proposal | None) -> dict[str, Any]:
    files = []
    for plan in plans:
        told: dict[str, Any] = {
            "file": plan.file,
            "status": plan.status,
            "record": plan.record,
            "problem": plan.problem,
        }
        if plan.status == "ready" and plan.mapping is not None:
            rows, rejects = _first_rows(plan)
            told |= {"mapping": plan.mapping.name, "unread_columns": list(plan.unknown_columns), "rows": rows}
            told |= {"notes": list(plan.notes), "put_aside": rejects}
        files.append(told)
    return {"files": files, "proposal": proposal.document if proposal else None}
