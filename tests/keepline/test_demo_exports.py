"""The demo company's folder: complete, valid, linked, and the same for the same seed."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config.documents import read as read_document
from connectors.files import SHIPPED_MAPPINGS, read, recognise
from connectors.mapping import Mapping
from domain.accounts import Account
from domain.escalations import Touch
from domain.money import to_cents
from domain.records import Sourced
from domain.revenue import ChurnReport, Contract, FxRate, SubscriptionLine
from domain.tickets import Message, Survey, Ticket, TicketEvent
from domain.usage import UsageDay
from keepline.demo import COMPANY, Truth, generate
from tests.keepline.conftest import Demo

RECORDS: dict[str, type[Sourced]] = {
    "accounts": Account,
    "contracts": Contract,
    "subscriptions": SubscriptionLine,
    "tickets": Ticket,
    "messages": Message,
    "ticket_events": TicketEvent,
    "surveys": Survey,
    "usage": UsageDay,
    "touches": Touch,
    "churn_reports": ChurnReport,
    "fx_rates": FxRate,
}
LISTS, AMOUNTS = {"domains", "product_lines", "tags"}, {"arr": "arr_cents", "amount": "amount_cents"}
LAST_MOMENT = datetime(2026, 6, 29, tzinfo=UTC)


def rows_of(demo: Demo, name: str) -> list[dict[str, Any]]:
    if name == "messages":
        lines = (demo.folder / "messages.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]
    return demo.table(name).to_dicts()


def as_record(row: dict[str, Any], record: type[Sourced]) -> Sourced:
    fields: dict[str, Any] = {"source": "demo"}
    for name, cell in row.items():
        if name in AMOUNTS:
            fields[AMOUNTS[name]] = to_cents(cell, row["currency"])
        elif cell is not None:
            fields[name] = tuple(cell.split(";")) if name in LISTS else cell
    if record is SubscriptionLine:
        fields["recorded_at"] = LAST_MOMENT
    return record.model_validate(fields)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_writes_the_same_bytes(make_demo: Callable[..., Demo]) -> None:
    one, other = make_demo(seed=3, accounts=40, tickets=500), make_demo(seed=3, accounts=40, tickets=500)
    assert bytes_of(one.folder) == bytes_of(other.folder)


def test_another_seed_makes_another_company(make_demo: Callable[..., Demo]) -> None:
    one, other = make_demo(seed=3, accounts=40, tickets=500), make_demo(seed=4, accounts=40, tickets=500)
    assert not bytes_of(one.folder).items() & bytes_of(other.folder).items()


def test_it_takes_seconds(demo: Demo) -> None:
    # About four of processor time; the rest is room for a slower machine.
    assert demo.cpu_seconds < 15


def test_it_has_the_asked_for_size(demo: Demo) -> None:
    assert (demo.accounts.height, demo.tickets.height) == (400, 20_000)
    assert 50_000 < demo.messages.height < 100_000
    assert 100_000 < demo.usage.height <= 200_000


@pytest.mark.parametrize(("accounts", "tickets"), [(1, 0), (1, 3), (5, 20), (30, 10), (700, 900)])
def test_a_company_can_have_any_size(make_demo: Callable[..., Demo], accounts: int, tickets: int) -> None:
    demo = make_demo(accounts=accounts, tickets=tickets)
    assert (demo.accounts.height, demo.tickets.height) == (accounts, tickets)


@pytest.mark.parametrize("ends_on", [date(2024, 2, 28), date(2023, 12, 31), date(2028, 2, 29)])
def test_the_window_is_the_two_years_up_to_its_last_day(tmp_path: Path, ends_on: date) -> None:
    truth = generate(tmp_path, accounts=20, tickets=50, ends_on=ends_on)
    assert (truth.parameters.begins_on - ends_on) / timedelta(days=1) == pytest.approx(-730, abs=1)
    created = pl.read_csv(tmp_path / "tickets.csv")["created_at"]
    assert created.str.slice(0, 10).str.to_date().is_between(truth.parameters.begins_on, ends_on).all()


def test_progress_tells_each_stage_to_its_end(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    generate(tmp_path, accounts=10, tickets=30, progress=lambda *step: told.append(step))
    assert [what for what, done, of in told if done == of] == ["customers", "tickets", "files"]


@pytest.mark.parametrize("name", RECORDS)
def test_every_row_is_a_valid_record(small_demo: Demo, name: str) -> None:
    rows = rows_of(small_demo, name)
    assert rows
    for row in rows[:: max(1, len(rows) // 400)]:
        as_record(row, RECORDS[name])


def test_the_importer_reads_every_row_without_a_mapping(small_demo: Demo) -> None:
    shipped = [read_document(path, Mapping) for path in sorted(SHIPPED_MAPPINGS.glob("*.yaml"))]
    exports = [path for path in small_demo.folder.iterdir() if path.name != "truth.json"]
    plans = recognise(exports, shipped)
    assert {(plan.status, plan.mapping.name if plan.mapping else None) for plan in plans} == {("ready", "keepline")}
    for plan in plans:
        batches = list(read(plan, LAST_MOMENT))
        assert [reject for batch in batches for reject in batch.rejects] == []
        assert sum(batch.rows.height for batch in batches) == len(rows_of(small_demo, Path(plan.file).stem))


@pytest.mark.parametrize("name", RECORDS)
def test_no_identity_occurs_twice(demo: Demo, name: str) -> None:
    table = demo.messages if name == "messages" else demo.table(name)
    assert table["external_id"].is_unique().all()


@pytest.mark.parametrize(
    "name", ["contracts", "subscriptions", "tickets", "surveys", "usage", "touches", "churn_reports"]
)
def test_every_account_that_is_named_exists(demo: Demo, name: str) -> None:
    named = demo.table(name)["account_ref"].drop_nulls()
    assert set(named) <= set(demo.accounts["external_id"])


@pytest.mark.parametrize("name", ["messages", "ticket_events", "surveys"])
def test_every_ticket_that_is_named_exists(demo: Demo, name: str) -> None:
    table = demo.messages if name == "messages" else demo.table(name)
    assert set(table["ticket_ref"].drop_nulls()) <= set(demo.tickets["external_id"])


def test_a_handful_of_tickets_has_no_account(demo: Demo) -> None:
    assert 0 < demo.tickets["account_ref"].null_count() < 120


def test_nothing_happens_after_the_last_day(demo: Demo) -> None:
    assert (
        demo.tickets.select(pl.max_horizontal(pl.col("created_at", "first_replied_at", "resolved_at").max())).item()
        < LAST_MOMENT
    )
    for moments in (
        demo.messages["sent_at"],
        demo.events["happened_at"],
        demo.surveys["answered_at"],
        demo.touches["happened_at"],
    ):
        assert moments.max() < LAST_MOMENT  # type: ignore[operator]
    assert demo.usage["used_on"].max() <= date(2026, 6, 28)  # type: ignore[operator]
    assert demo.table("churn_reports")["churned_on"].max() <= "2026-06-28"  # type: ignore[operator]


def test_it_says_that_it_is_made_up(demo: Demo) -> None:
    assert "demo" in COMPANY
    assert demo.truth.company == COMPANY
    assert demo.table("fx_rates")["external_id"].str.starts_with("invented-").all()


def test_nobody_is_named(demo: Demo) -> None:
    assert demo.accounts["domains"].str.ends_with(".example").all()
    assert demo.accounts["csm"].drop_nulls().str.contains(r"^csm-\d$").all()
    assert demo.tickets["assignee"].drop_nulls().str.contains(r"^agent-\d\d$").all()
    assert demo.touches["actor"].str.contains(r"^csm-\d$").all()


def test_company_names_are_different(demo: Demo) -> None:
    assert demo.accounts["name"].is_unique().all()
    assert demo.accounts["domains"].is_unique().all()
    assert demo.accounts["name"].str.contains(r" (Inc|GmbH|Ltd|SAS|SL)$").all()


def test_the_truth_can_be_read_again(demo: Demo) -> None:
    assert Truth.read(demo.folder) == demo.truth
