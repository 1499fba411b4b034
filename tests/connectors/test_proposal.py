"""How a mapping is guessed for files of unknown making."""

from pathlib import Path

import pytest

from connectors.files import recognise
from connectors.proposal import HeaderSample, Proposal, TableGuess, propose, sample_of
from tests.connectors.exports import read_plan

CENTRAL_EUROPEAN = {
    "customers.csv": (
        "Customer No;Company;Country;Size;Customer since\n"
        "C-1;Firm One GmbH;DE;Enterprise;13.01.2022\nC-2;Firm Two AG;CH;SMB;02.11.2023\n"
    ),
    "subscriptions.csv": (
        "Customer;Plan;Seats;Monthly fee (EUR);Start;End\n"
        "C-1;Pro;10;1.200,50;13.01.2022;\nC-2;Basic;2;99,00;02.11.2023;01.05.2024\n"
    ),
    "tickets.csv": (
        "Ticket;Customer;Subject;Opened;Closed;Priority;Status\n"
        "1;C-1;Login fails;03.02.2024 10:15;03.02.2024 12:00;High;Closed\n"
        "2;C-2;Invoice wrong;25.02.2024 09:00;;Medium;Waiting for parts\n"
    ),
}
BY_NAME = {
    "accounts.csv": "id,name,industry,owner\n17,Firm One Inc,Retail,Owner A\n18,Firm Two LLC,Energy,Owner B\n",
    "contracts.csv": (
        "contract_id,account,start_date,renewal_date,ARR\n"
        'K1,Firm One Inc,2024-01-01,2025-01-01,"$120,000"\nK2,Firm Two LLC,2024-03-15,2025-03-15,"$9,500.50"\n'
    ),
    "support_cases.csv": (
        "Case Number,Account Name,Title,Date Opened,Date Closed,Severity,Owner\n"
        "5001,Firm One Inc,It broke,3/25/2024 4:05 PM,3/26/2024 9:00 AM,P1,Agent A\n"
        "5002,Firm Two LLC,Question,4/1/2024 8:00 AM,,P3,Agent B\n"
    ),
}
CAMEL = {
    "clients.csv": (
        "clientId,clientName,tier,createdAt\nx1,Foo,gold,2023-01-01T00:00:00Z\nx2,Bar,silver,2023-05-01T00:00:00Z\n"
    ),
    "billing.csv": (
        "subscriptionId,clientId,product,quantity,price,currency,billingCycle,startedAt,cancelledAt\n"
        "s1,x1,Core,5,500,USD,annual,2023-01-01T00:00:00Z,\ns2,x2,Core,1,20,GBP,monthly,2023-05-01T00:00:00Z,2024-01-01T00:00:00Z\n"
    ),
    "helpdesk.csv": (
        "issueKey,clientId,summary,createdAt,firstResponseAt,resolvedAt,labels,assignedTo\n"
        'HD-1,x1,API down,2024-01-05T10:00:00Z,2024-01-05T11:00:00Z,2024-01-06T10:00:00Z,"api,outage",agent-a\n'
        "HD-2,x2,How to,2024-02-05T10:00:00Z,,,,agent-b\n"
    ),
}


def _folder(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def _proposed(tmp_path: Path, files: dict[str, str]) -> Proposal:
    return propose([sample_of(path) for path in sorted(_folder(tmp_path, files).iterdir())])


def _table(proposal: Proposal, file: str) -> TableGuess:
    return next(table for table in proposal.tables if table.file == file)


@pytest.mark.parametrize(
    ("files", "records"),
    [
        (CENTRAL_EUROPEAN, {"account": 2, "account_identity": 2, "subscription_line": 2, "ticket": 2}),
        (BY_NAME, {"account": 2, "account_identity": 2, "contract": 2, "subscription_line": 2, "ticket": 2}),
        (CAMEL, {"account": 2, "account_identity": 2, "subscription_line": 2, "ticket": 2}),
    ],
    ids=["Central European", "by name", "camel case"],
)
def test_a_newcomer_s_three_files_are_read_by_the_mapping_that_is_proposed(
    tmp_path: Path, files: dict[str, str], records: dict[str, int]
) -> None:
    proposal = _proposed(tmp_path, files)
    assert proposal.mapping is not None
    assert not any(table.missing for table in proposal.tables)
    found = {}
    for plan in recognise(tmp_path, [proposal.mapping]):
        rows, rejects = read_plan(plan)
        assert rejects == []
        found[plan.record] = rows.height
    assert found == records


def test_what_was_guessed_is_right_in_a_central_european_folder(tmp_path: Path) -> None:
    proposal = _proposed(tmp_path, CENTRAL_EUROPEAN)
    assert proposal.mapping is not None
    plans = {plan.record: plan for plan in recognise(tmp_path, [proposal.mapping])}
    lines, _ = read_plan(plans["subscription_line"])
    assert lines.select("account_ref", "amount_cents", "currency", "interval_months").rows() == [
        ("C-1", 120_050, "EUR", 1), ("C-2", 9_900, "EUR", 1),
    ]  # fmt: skip
    tickets, _ = read_plan(plans["ticket"])
    assert tickets.select("status", "priority").rows() == [("closed", "high"), ("pending", "normal")]
    assert f"{tickets['created_at'][0]:%Y-%m-%d %H:%M}" == "2024-02-03 10:15"


def test_each_column_is_told_with_a_confidence_and_a_reason(tmp_path: Path) -> None:
    guesses = {guess.column: guess for guess in _table(_proposed(tmp_path, CENTRAL_EUROPEAN), "subscriptions").columns}
    assert guesses["Customer"].field == "account_ref"
    assert guesses["Customer"].reason == "its cells are ids of accounts"
    assert guesses["Start"].reason == "called 'start'; 100% of its cells are dates"
    assert all(0.5 <= guess.confidence <= 1 for guess in guesses.values())


def test_accounts_known_by_name_elsewhere_get_their_names_as_identities(tmp_path: Path) -> None:
    proposal = _proposed(tmp_path, BY_NAME)
    assert proposal.mapping is not None
    (plan,) = [plan for plan in recognise(tmp_path, [proposal.mapping]) if plan.record == "account_identity"]
    assert read_plan(plan)[0].select("external_id", "account_ref").rows() == [
        ("Firm One Inc", "17"),
        ("Firm Two LLC", "18"),
    ]


def test_without_subscriptions_contracts_say_what_is_paid(tmp_path: Path) -> None:
    proposal = _proposed(tmp_path, BY_NAME)
    assert proposal.mapping is not None
    (plan,) = [plan for plan in recognise(tmp_path, [proposal.mapping]) if plan.record == "subscription_line"]
    assert read_plan(plan)[0].select("amount_cents", "interval_months").rows() == [(12_000_000, 12), (950_050, 12)]


def test_what_is_required_and_missing_is_listed(tmp_path: Path) -> None:
    files = {"tickets.csv": "Ticket,Subject,Priority\n1,Help,high\n", "clients.csv": "id,name\n1,a\n"}
    proposal = _proposed(tmp_path, files)
    assert _table(proposal, "tickets").missing == ("created_at",)
    assert proposal.mapping is not None
    assert [rule.record for rule in proposal.mapping.files] == ["account", "account_identity"]


def test_what_was_assumed_is_noted(tmp_path: Path) -> None:
    lines = "customer,start,price\nA,2024-01-01,10\nB,2024-01-01,20\n"
    notes = " / ".join(_table(_proposed(tmp_path, {"subscriptions.csv": lines}), "subscriptions").notes)
    assert "no id column; customer, start together stand for it" in notes
    assert "price is read as per month" in notes
    assert "price is read as USD" in notes


def test_a_table_that_looks_like_nothing_is_left_alone() -> None:
    proposal = propose([HeaderSample("weather.csv", ("wind", "rain"), (("3", "4"),))])
    assert (proposal.tables[0].record, proposal.mapping) == (None, None)


def test_two_files_of_one_kind_need_one_rule(tmp_path: Path) -> None:
    tickets = CENTRAL_EUROPEAN["tickets.csv"]
    proposal = _proposed(tmp_path, {"tickets_2023.csv": tickets, "tickets_2024.csv": tickets})
    assert [rule["record"] for rule in proposal.document["files"]] == ["ticket"]


def test_a_help_centre_s_export_of_articles_and_views_is_read_by_the_mapping_that_is_proposed(tmp_path: Path) -> None:
    files = {
        "kb_articles.csv": (
            "Article ID,Article title,Content,Last updated,Link\n"
            "a-1,Reset a password,Open the settings.,2024-03-01,https://help.example/a-1\n"
            "a-2,Change the plan,Open billing.,2024-04-02,https://help.example/a-2\n"
        ),
        "article_views.csv": (
            "View ID,Article ID,Visitor ID,Viewed at\n"
            "v1,a-1,c9f1,2024-05-01T10:00:00Z\nv2,a-2,c9f1,2024-05-01T10:02:00Z\n"
        ),
    }
    proposal = _proposed(tmp_path, files)
    assert proposal.mapping is not None
    plans = {plan.record: plan for plan in recognise(tmp_path, [proposal.mapping])}
    articles, views = read_plan(plans["article"]), read_plan(plans["article_view"])
    assert (articles[1], views[1]) == ([], [])
    assert articles[0]["title"].to_list() == ["Reset a password", "Change the plan"]
    assert views[0]["article_ref"].to_list() == ["a-1", "a-2"]
    assert views[0]["visitor"].to_list() == ["c9f1", "c9f1"]
