"""Knows what was learned of lines, exchange rates, contracts and accounts between two moments, in words and values."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import narwhals as nw

from domain.money import decimal_amount
from storage.facts import Facts

_LINE = (
    "product", "plan", "seats", "amount", "currency", "interval_months", "starts_on", "ends_on", "trial", "account",
)  # fmt: skip
_ACCOUNT = ("name", "segment", "industry", "region", "csm", "parent_ref")
_CONTRACT = ("starts_on", "renews_on", "notice_on", "ends_on", "arr", "currency")
_KEY = ("source", "external_id")
Row = Mapping[str, Any]
# Record, effective date, recorded time, what was said, what is said.
Said = tuple[str, date | None, datetime | None, dict[str, Any] | None, dict[str, Any] | None]


class Learned:
    """What `new` knows of the `accounts` that `old`, the facts as they were known at `since`, did not."""

    def __init__(self, old: Facts, new: Facts, since: datetime, accounts: Collection[int]) -> None:
        self._since, self._new = since, new
        mine = nw.col("account_id").is_in(sorted(accounts))
        self._lines = [_by(facts.lines().filter(mine), *_KEY) for facts in (old, new)]
        self._contracts = [_by(facts.contracts().filter(mine), *_KEY) for facts in (old, new)]
        described = (facts.accounts().filter(nw.col("id").is_in(sorted(accounts))) for facts in (old, new))
        self._accounts = [_by(frame, "id") for frame in described]
        moves = new.line_moves().filter(nw.col("moved_at") > since)
        self._moved_at = {row["line_id"]: row["moved_at"] for row in _rows(moves.sort("moved_at"))}

    def name_of(self, account: int) -> str | None:
        """What an account is called."""
        found = self._accounts[1].get((account,)) or self._accounts[0].get((account,))
        return None if found is None else str(found["name"])

    def of_line(self, source: str, external_id: str) -> Said:
        """What was learned of one line."""
        old, new = (lines.get((source, external_id)) for lines in self._lines)
        before, after = _differing(old and _of_line(old), new and _of_line(new))
        moved = new is not None and old is not None and new["id"] == old["id"]
        recorded_at = self._moved_at.get(new["id"]) if moved and new else _learned_at(new)
        return f"{source}:{external_id}", _effective(old, new), recorded_at, before, after

    def of_account(self, account: int) -> list[Said]:
        """What was learned of an account and of its contracts."""
        old, new = (accounts.get((account,)) for accounts in self._accounts)
        before, after = _differing(old and _some(old, _ACCOUNT), new and _some(new, _ACCOUNT))
        ref = (new or old or {}).get("external_id", str(account))
        found: list[Said] = []
        if before or after:
            versions = self._new.account_versions().filter(nw.col("account_id") == account)
            found.append((str(ref), None, self._newest(versions), before, after))
        return [*found, *self._of_contracts(account)]

    def of_rates(self, currency: str, reporting: str, days: Sequence[date]) -> Said:
        """What was learned of the rates that convert a currency into the reporting one on `days`."""
        touching = nw.col("base").is_in([currency, reporting]) | nw.col("quote").is_in([currency, reporting])
        versions = self._new.rate_versions().filter(touching & (nw.col("on") <= max(days)))
        rows = _rows(versions.sort("recorded_at"))
        told = _deciding([row for row in rows if row["recorded_at"] <= self._since], days)
        before, after = _differing(told, _deciding(rows, days))
        first = min((date.fromisoformat(name.split()[1]) for name in after or before or ()), default=None)
        return f"{currency} in {reporting}", first, self._newest(versions), before or None, after or None

    def _of_contracts(self, account: int) -> list[Said]:
        found: list[Said] = []
        for key in sorted({*self._contracts[0], *self._contracts[1]}):
            old, new = (contracts.get(key) for contracts in self._contracts)
            before, after = _differing(old and _of_contract(old), new and _of_contract(new))
            if (before or after) and account == (new or old or {}).get("account_id"):
                same = (nw.col(name) == value for name, value in zip(_KEY, key, strict=True))
                versions = self._new.contract_versions().filter(*same)
                found.append((":".join(key), _effective(old, new), self._newest(versions), before, after))
        return found

    def _newest(self, versions: nw.LazyFrame[Any]) -> datetime | None:
        later = versions.filter(nw.col("recorded_at") > self._since)
        return max((row["recorded_at"] for row in _rows(later.select("recorded_at"))), default=None)


def learned_between(facts: Facts, since: datetime, until: datetime) -> dict[str, int]:
    """How many versions of each sort were learned in `(since, until]`."""
    recorded = (nw.col("recorded_at") > since) & (nw.col("recorded_at") <= until)
    learned = nw.coalesce("learned_at", "recorded_at")
    frames = {
        "lines": facts.lines().filter((learned > since) & (learned <= until)),
        "contracts": facts.contract_versions().filter(recorded),
        "rates": facts.rate_versions().filter(recorded),
        "accounts": facts.account_versions().filter(recorded),
        "moves": facts.line_moves().filter((nw.col("moved_at") > since) & (nw.col("moved_at") <= until)),
    }
    counted = {name: frame.select(nw.len()).collect().item() for name, frame in frames.items()}
    return {name: int(count) for name, count in counted.items() if count}


def _rows(frame: nw.LazyFrame[Any]) -> list[dict[str, Any]]:
    return list(frame.collect().iter_rows(named=True))


def _by(frame: nw.LazyFrame[Any], *key: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[name] for name in key): row for row in _rows(frame)}


def _learned_at(line: Row | None) -> datetime | None:
    return None if line is None else line["learned_at"] or line["recorded_at"]


def _of_line(line: Row) -> dict[str, Any]:
    said = {**line, "amount": decimal_amount(line["amount_cents"], line["currency"]), "account": line["account_ref"]}
    return _some(said, _LINE)


def _of_contract(contract: Row) -> dict[str, Any]:
    return _some({**contract, "arr": decimal_amount(contract["arr_cents"], contract["currency"])}, _CONTRACT)


def _some(row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _deciding(rows: Sequence[Row], days: Sequence[date]) -> dict[str, Any]:
    """Of each pair the rate that is the last known one on or before each of `days`, as it was last said."""
    last = {(row["source"], row["external_id"]): row for row in rows}
    known = sorted((row for row in last.values() if not row["gone"]), key=lambda row: (row["on"], row["rate"]))
    found: dict[str, Any] = {}
    for day in days:
        of_pair = {(row["base"], row["quote"]): row for row in known if row["on"] <= day}
        found |= {_pair(row): str(row["rate"]) for row in of_pair.values()}
    return found


def _pair(row: Row) -> str:
    return f"{row['base']}/{row['quote']} {row['on']}"


def _differing(old: Row | None, new: Row | None) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Only what differs of each; None where there was, or is, nothing."""
    names = {name: None for row in (old, new) if row for name in row}
    missing = object()
    differs = [name for name in names if (old or {}).get(name, missing) != (new or {}).get(name, missing)]

    def only(row: Row | None) -> dict[str, Any] | None:
        return None if row is None else {name: row[name] for name in differs if name in row}

    return only(old), only(new)


def _effective(old: Row | None, new: Row | None) -> date | None:
    """The first day on which the two say different things."""
    days: list[date]
    if old is None or new is None:
        days = [row["starts_on"] for row in (old, new) if row]
    elif old["starts_on"] != new["starts_on"]:
        days = [old["starts_on"], new["starts_on"]]
    else:
        ours = {"ends_on", "id", "recorded_at", "learned_at"}
        is_only_end = all(old[name] == new[name] for name in old if name not in ours)
        ends = [row["ends_on"] for row in (old, new) if row["ends_on"] is not None]
        days = ends if ends and is_only_end else [new["starts_on"]]
    return min(days, default=None)
