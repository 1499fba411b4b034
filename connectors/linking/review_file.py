"""Knows the CSV in which the parties that wait for a person go out, and in which the answers come back."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from connectors.csv_rows import escaped, unescaped
from domain.errors import FileRefused
from domain.parties import LinkAnswer, Party, Suggestion

COLUMNS = (
    "answer", "source", "external_id", "account_source", "account_ref", "name", "account_name", "score", "because",
    "arr", "tickets", "domains", "account_domains", "country", "account_country", "city", "account_city",
)  # fmt: skip
_NEEDED = COLUMNS[:5]
_SHORT: dict[str, LinkAnswer] = {"y": "same", "yes": "same", "n": "not_same", "no": "not_same", "r": "related"}


@dataclass(frozen=True)
class Line:
    """A party and an account that it may be, with what is at stake; `account` is None where none is suggested."""

    party: Party
    account: Party | None
    suggestion: Suggestion | None
    arr: str
    tickets: int


@dataclass(frozen=True)
class Answer:
    """What a line of the file says: the two sides by source and id, and what they are to each other."""

    line: int
    party: tuple[str, str]
    account: tuple[str, str]
    said: LinkAnswer


def write_lines(path: Path, lines: Iterable[Line]) -> int:
    """Write a line for each suggestion; the first column is for the answer. Returns how many there are.

    Every cell that a spreadsheet would run as a formula carries an apostrophe, which reading takes off again.
    """
    rows = [[escaped(cell) for cell in _cells(line)] for line in lines]
    # The mark tells spreadsheets that this is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return len(rows)


def _cells(line: Line) -> list[str]:
    party, account, suggestion = line.party, line.account, line.suggestion
    of_account = [account.source, account.external_id] if account else ["", ""]
    told = [str(suggestion.score_percent), suggestion.because] if suggestion else ["", ""]
    return [
        "", party.source, party.external_id, *of_account, party.name, account.name if account else "", *told,
        line.arr, str(line.tickets), " ".join(party.domains), " ".join(account.domains) if account else "",
        party.country or "", (account and account.country) or "", party.city or "", (account and account.city) or "",
    ]  # fmt: skip


def read_answers(path: Path) -> list[Answer]:
    """The answers of a file; lines without one are left out.

    Raises:
        FileRefused: it is no such file, or an answer is none; nothing of it counts then.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileRefused(str(path), str(error), "write one with keepline links --export FILE") from error
    missing = [name for name in _NEEDED if rows and name not in rows[0]]
    if missing:
        raise FileRefused(str(path), f"no column {', '.join(missing)}", "keep the columns of keepline links --export")
    found = (_answer(path, line, row) for line, row in enumerate(rows, start=2))
    return [answer for answer in found if answer]


def _answer(path: Path, line: int, row: dict[str, str | None]) -> Answer | None:
    written = (row["answer"] or "").strip().casefold().replace(" ", "_")
    if not written:
        return None
    said: LinkAnswer | None = _SHORT.get(written) or next((one for one in get_args(LinkAnswer) if one == written), None)
    if said is None:
        raise FileRefused(f"{path}:{line}", f"the answer {written!r}", "write y, n, r, or nothing")
    cells: Sequence[str] = [unescaped(row[name] or "") for name in _NEEDED[1:]]
    if not all(cells):
        raise FileRefused(
            f"{path}:{line}", "an answer without both sides", "fill in source, id and account, or clear it"
        )
    return Answer(line, (cells[0], cells[1]), (cells[2], cells[3]), said)
