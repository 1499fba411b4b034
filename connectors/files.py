"""Knows which of a folder's files hold which records, by which mapping, and reads them."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal

from connectors.evidence import Habits, habits_of
from connectors.headers import find_column
from connectors.layout import SUFFIXES, Layout, find_layout
from connectors.mapping import FileRule, Mapping
from connectors.moments import day_first_evidence
from connectors.parsing import Batch, RowReader
from connectors.raw_rows import raw_batches, sample_rows
from connectors.shapes import RECORDS
from domain.errors import FileRefused
from domain.imports import RecordName, Reject

# The mappings that ship with Keepline; `config` reads YAML, so here they are only files.
SHIPPED_MAPPINGS = Path(__file__).parent / "mappings"
_PACKED = {".zip", ".gz", ".xls", ".json", ".7z", ".bz2", ".zst"}


@dataclass(frozen=True)
class FilePlan:
    """One file read as one record, or why it is not.

    `ready` plans have mapping, rule, record, layout and habits. `unknown` files fit no mapping, `refused` ones cannot
    be read at all, see `refusal`; both say why in `problem`. `unknown_columns` are left
    unread; `absent_columns` are named by the rule but not in the file.
    """

    path: Path
    file: str
    status: Literal["ready", "unknown", "refused"]
    mapping: Mapping | None = None
    rule: FileRule | None = None
    layout: Layout | None = None
    habits: Habits | None = None
    unknown_columns: tuple[str, ...] = ()
    absent_columns: tuple[str, ...] = ()
    problem: str | None = None
    refusal: FileRefused | None = None

    @property
    def record(self) -> RecordName | None:
        """What the file's rows are read as."""
        return self.rule.record if self.rule else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed and should be looked at."""
        return self.habits.notes if self.habits else ()


def recognise(where: Path | Iterable[Path], mappings: Sequence[Mapping]) -> list[FilePlan]:
    """A plan for each file of a folder, or of several files, and each record it gives, in the order of import.

    A rule fits a file that has all its headers. Of several the one with most headers wins, then the one whose pattern
    fits the file's name, then the one that reads most columns, then the one of the earlier mapping. Rules with `beside`
    follow the winner of their own mapping.

    Raises:
        FileRefused: `where` names no file or folder.
    """
    plans = [plan for path in _paths(where) for plan in _plans(path, mappings)]
    order = list(RECORDS)
    return sorted(plans, key=lambda plan: (order.index(plan.record) if plan.record else len(order), plan.file))


def read(plan: FilePlan, now: datetime) -> Iterator[Batch]:
    """The rows and rejects of a ready plan, batch by batch; at least one batch, so that every column is known.

    Raises:
        FileRefused: most rows are rejects, dates turn out to be day first after all, or the file breaks off.
    """
    if plan.refusal is not None:
        raise plan.refusal
    if plan.mapping is None or plan.rule is None or plan.layout is None or plan.habits is None:
        raise FileRefused(plan.file, plan.problem or "no mapping", "see what `keepline map` proposes")
    limits = plan.mapping.limits
    reader = RowReader(plan.rule, plan.mapping.source, plan.habits.defaults, limits, plan.file, now)
    rows = rejected = 0
    for raw in raw_batches(plan.path, plan.layout, limits, plan.file):
        batch = reader.read(raw)
        rows, rejected = rows + batch.rows.height, rejected + len(batch.rejects)
        if plan.habits.day_order_assumed:
            _refuse_day_first(plan.file, batch.rejects)
        if rejected > max(limits.rejected_rows, rows):
            first = batch.rejects[0]
            told = f"line {first.line}, {first.column}: found {first.found!r}, expected {first.expected}"
            raise FileRefused(
                plan.file, f"{rejected:,} of its first {rows + rejected:,} rows are wrong", f"mend the mapping; {told}"
            )
        yield batch


def fingerprint(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _paths(where: Path | Iterable[Path]) -> list[Path]:
    given = [where] if isinstance(where, Path) else list(where)
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            found += sorted(one for one in path.iterdir() if one.is_file() and _may_hold_rows(one))
        elif path.is_file():
            found.append(path)
        else:
            raise FileRefused(path, "no such file or folder", "check the path")
    return found


def _may_hold_rows(path: Path) -> bool:
    return not path.name.startswith((".", "~$")) and path.suffix.lower() in {*SUFFIXES, *_PACKED}


@dataclass(frozen=True)
class _Fit:
    """A rule that fits a file, and how well: headers, name, columns read, in this order."""

    fitness: tuple[int, bool, int]
    mapping: Mapping
    rule: FileRule
    layout: Layout


def _plans(path: Path, mappings: Sequence[Mapping]) -> list[FilePlan]:
    try:
        fits = _fits(path, mappings)
        if not fits:
            return [FilePlan(path, path.name, "unknown", problem=_why_unknown(find_layout(path), mappings))]
        best = max(fits, key=lambda fit: fit.fitness)
        rules = [best.rule, *(rule for rule in best.mapping.files if rule.beside == best.rule.record)]
        return _ready(path, best.mapping, best.layout, [rule for rule in rules if _has_all(rule, best.layout)])
    except OSError as error:
        refusal = FileRefused(path.name, f"unreadable ({error.strerror})", "check who may read it")
    except FileRefused as error:
        refusal = error
    return [FilePlan(path, path.name, "refused", problem=f"{refusal.found}; {refusal.remedy}", refusal=refusal)]


def _fits(path: Path, mappings: Sequence[Mapping]) -> list[_Fit]:
    """Every rule that fits the file.

    Raises:
        FileRefused: no mapping's encoding and delimiter make it readable.
    """
    # Most mappings leave encoding and delimiter open, and so see the same layout.
    layout_of = cache(find_layout)
    fits: list[_Fit] = []
    refusals: list[FileRefused] = []
    for mapping in mappings:
        try:
            layout = layout_of(path, mapping.defaults.encoding, mapping.defaults.delimiter, mapping.limits)
        except FileRefused as refused:
            refusals.append(refused)
            continue
        main = (rule for rule in mapping.files if rule.beside is None and _has_all(rule, layout))
        fits += [_Fit(_fitness(path, rule, layout), mapping, rule, layout) for rule in main]
    if refusals and len(refusals) == len(mappings):
        raise refusals[0]
    return fits


def _fitness(path: Path, rule: FileRule, layout: Layout) -> tuple[int, bool, int]:
    named = rule.file is not None and fnmatchcase(path.name.lower(), rule.file.lower())
    return len(rule.must_have), named, len(_columns_read([rule], layout))


def _has_all(rule: FileRule, layout: Layout) -> bool:
    return all(find_column(names, layout.header) for names in rule.must_have)


def _columns_read(rules: Iterable[FileRule], layout: Layout) -> set[str]:
    wanted = [names for rule in rules for names in rule.columns()]
    return {column for names in wanted if (column := find_column(names, layout.header)) is not None}


def _ready(path: Path, mapping: Mapping, layout: Layout, rules: list[FileRule]) -> list[FilePlan]:
    known = _columns_read(rules, layout)
    unknown = tuple(column for column in layout.header if column not in known and not column.startswith("keepline_"))
    if layout.format == "jsonl":
        # A key that the first rows lack may come later.
        named = (
            name
            for rule in rules
            for names in rule.columns()
            for name in names
            if find_column(names, layout.header) is None
        )
        layout = replace(layout, header=(*layout.header, *dict.fromkeys(name for name in named if "*" not in name)))
    sample = sample_rows(path, layout, mapping.limits)
    return [
        FilePlan(
            path,
            path.name,
            "ready",
            mapping,
            rule,
            layout,
            habits_of(rule, mapping.defaults, layout, sample),
            unknown,
            _absent(rule, layout),
        )
        for rule in rules
    ]


def _absent(rule: FileRule, layout: Layout) -> tuple[str, ...]:
    """The columns that a rule names and the file does not have, of alternatives the first."""
    return tuple(names[0] for names in rule.columns() if find_column(names, layout.header) is None)


def _why_unknown(layout: Layout, mappings: Sequence[Mapping]) -> str:
    """The rule that comes nearest, and which columns it misses."""
    nearest: tuple[float, str] = (0.0, "no mapping knows these columns; see what `keepline map` proposes")
    for mapping in mappings:
        for rule in mapping.files:
            missing = [names[0] for names in rule.must_have if not find_column(names, layout.header)]
            share = 1 - len(missing) / max(len(rule.must_have), 1)
            if share > nearest[0]:
                nearest = (share, f"no mapping fits; as {rule.record} of {mapping.name} it lacks {', '.join(missing)}")
    return nearest[1]


def _refuse_day_first(file: str, rejects: Iterable[Reject]) -> None:
    for reject in rejects:
        if day_first_evidence([reject.found])[0]:
            found = f"{reject.found!r} on line {reject.line}, after dates that could be read month first"
            raise FileRefused(file, found, "set `day_first: true` in the mapping")
