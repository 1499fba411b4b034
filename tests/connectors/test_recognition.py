"""Which of a folder's files hold which records, by which mapping."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from connectors.files import fingerprint, read, recognise
from domain.errors import FileRefused
from tests.connectors.exports import NOW, a_mapping, accounts_by_name, plan_of, read_file, read_plan, shipped

CANONICAL = {
    "accounts.csv": "external_id,name,segment\nA,Acme,smb\n",
    "contracts.csv": "external_id,account_ref,starts_on,arr,currency,renews_on\nC,A,2025-01-01,1200,USD,2026-01-01\n",
    "subscriptions.csv": "id,account_ref,amount,currency,interval_months,starts_on\nS,A,100,USD,1,2025-01-01\n",
    "tickets.csv": "external_id,account_ref,subject,created_at\nT,A,Help,2025-02-01T10:00:00Z\n",
    "messages.jsonl": (
        '{"external_id": 1, "ticket_ref": "T", "author_kind": "customer", "text": "Hi", "sent_at": "2025-02-01"}\n'
    ),
    "ticket_events.csv": (
        "external_id,ticket_ref,kind,from_value,to_value,happened_at\nE,T,status,new,open,2025-02-01\n"
    ),
    "surveys.csv": "external_id,account_ref,kind,score,answered_at\nV,A,csat,5,2025-02-02\n",
    "usage.csv": "external_id,account_ref,used_on,quantity\nU,A,2025-02-01,3\n",
    "touches.csv": "external_id,account_ref,kind,happened_at,ticket_ref\nX,A,csm_call,2025-02-03,T\n",
    "churn_reports.csv": "external_id,account_ref,churned_on,reason\nR,A,2025-12-01,price\n",
    "fx_rates.csv": "base,quote,on,rate\nEUR,USD,2025-01-01,1.0835\n",
    "identities.csv": "source,external_id,account_ref\nhelpdesk,77,A\n",
    "articles.csv": "external_id,title,body,updated_at\nP,Reset a password,Open the settings.,2025-01-02\n",
    "article_views.csv": "external_id,article_ref,viewed_at,visitor\nW,P,2025-02-01T10:00:00Z,anonymous-7\n",
}

EXPORTS: dict[str, tuple[str, str, dict[str, dict[str, object]]]] = {
    "zendesk": (
        "tickets.csv",
        "Summation column,Id,Requester,Requester id,Requester email,Submitter,Assignee,Group,Subject,Tags,"
        "Status,Priority,Via,"
        "Ticket type,Created at,Updated at,Organization,Solved at,Satisfaction Score,First reply time in minutes\n"
        "1,88,Requester One,5,one@example.com,Requester One,Agent A,Billing,Invoice twice,"
        "refund billing_error,Solved,Normal,Mail,"
        "Question,2025-02-01 10:00,2025-02-02 09:00,Acme,2025-02-02 08:30,Good,45\n",
        {"ticket": {"external_id": "88", "account_ref": "Acme", "tags": '["refund", "billing_error"]',
                    "status": "solved", "team": "Billing",
                    "first_replied_at": datetime(2025, 2, 1, 10, 45, tzinfo=UTC)},
         "survey": {"external_id": "88-csat", "score": 1, "scale_min": 0, "scale_max": 1}},
    ),
    "freshdesk": (
        "tickets.csv",
        "Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Resolved time,Closed time,"
        "Last update time,"
        "Initial response time,Tags,Survey results,Company Name\n"
        "9,Slow page,Waiting on Customer,Medium,Email,Incident,Agent A,Tier 2,2025-02-01 10:00:00,"
        "2025-02-02 08:30:00,"
        '2025-02-03 00:00:00,2025-02-03 00:00:00,2025-02-01 10:45:00,"slow, page",Happy,Acme\n',
        {"ticket": {"status": "pending", "priority": "normal", "tags": '["slow", "page"]', "workflow": "Tier 2",
                    "team": "Tier 2"},
         "survey": {"score": 5, "scale_max": 7}},
    ),
    "intercom": (
        "conversations.csv",
        "Conversation ID,Conversation started at (America/New_York),Updated at (America/New_York),"
        "Current conversation state,"
        "Teammate currently assigned,Team currently assigned,Conversation rating,Conversation tags,Company name\n"
        "4,2025-02-01 10:00:00,2025-02-01 12:00:00,Snoozed,Agent A,Support,4,onboarding,Acme\n",
        {"ticket": {"status": "on_hold", "created_at": datetime(2025, 2, 1, 15, tzinfo=UTC), "assignee": "Agent A",
                    "team": "Support"},
         "survey": {"score": 4, "answered_at": datetime(2025, 2, 1, 17, tzinfo=UTC)}},
    ),
    "salesforce": (
        "opportunities.csv",
        "Opportunity ID,Account ID,Account Name,Stage,Amount,Amount Currency,Close Date,Contract End Date\n"
        '006A,001A,Acme,Closed Won,"12,000.00",EUR,1/31/2025,1/31/2026\n006B,001A,Acme,Prospecting,5,EUR,2/1/2025,\n',
        {"contract": {"external_id": "006A", "account_ref": "001A", "arr_cents": 1_200_000, "currency": "EUR"}},
    ),
    "hubspot": (
        "companies.csv",
        "Record ID,Company name,Company owner,Create Date,Country/Region,Industry,Company Domain Name\n"
        "501,Acme,Owner A,2025-01-31 10:00,Canada,RETAIL,acme.example\n",
        {"account": {"external_id": "501", "domains": '["acme.example"]', "region": "Canada"},
         "account_identity": {"external_id": "Acme", "account_ref": "501"}},
    ),
    "stripe": (
        "subscriptions.csv",
        "id,Customer ID,Customer Description,Customer Email,Plan,Quantity,Currency,Interval,Amount,Status,"
        "Created (UTC),"
        "Start (UTC),Current Period Start (UTC),Current Period End (UTC),Trial Start (UTC),Trial End (UTC),"
        "Canceled At (UTC),"
        "Ended At (UTC)\n"
        "sub_1,cus_1,,a@example.com,pro,3,usd,year,240.00,trialing,2025-01-31 10:00,2025-01-31 10:00,,,,,,\n"
        "sub_2,cus_1,,a@example.com,pro,3,usd,month,24.00,incomplete_expired,2025-01-31 10:00,"
        "2025-01-31 10:00,,,,,,\n",
        {"subscription_line": {"amount_cents": 24_000, "interval_months": 12, "currency": "USD", "trial": True}},
    ),
    "chargebee": (
        "subscriptions.csv",
        "subscriptions.id,customers.id,customers.company,subscriptions.plan_id,subscriptions.plan_quantity,"
        "subscriptions.status,"
        "subscriptions.started_at,subscriptions.cancelled_at,subscriptions.mrr,subscriptions.currency_code\n"
        "sb1,cb1,Acme,pro-yearly,4,cancelled,29-Oct-2024 19:19,30-Jan-2025 00:00,150.00,GBP\n",
        {"subscription_line": {"amount_cents": 15_000, "interval_months": 1, "plan": "pro-yearly", "trial": False}},
    ),
    "ravenstack": (
        "support_tickets.csv",
        "ticket_id,account_id,submitted_at,closed_at,resolution_time_hours,priority,first_response_time_minutes,"
        "satisfaction_score,escalation_flag\n"
        "T-1,A-1,2024-03-01,2024-03-02,30,medium,15,,FALSE\nT-2,A-1,2024-03-05,2024-03-05,2.5,high,20,4,TRUE\n",
        {"ticket": {"status": "closed", "priority": "normal",
                    "first_replied_at": datetime(2024, 3, 1, 0, 15, tzinfo=UTC),
                    "resolved_at": datetime(2024, 3, 2, 6, tzinfo=UTC)},
         "survey": {"external_id": "T-2-csat", "ticket_ref": "T-2", "score": 4, "scale_max": 5}},
    ),
}  # fmt: skip


def _folder(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_a_folder_in_keepline_s_own_names_is_read_without_a_mapping_in_the_order_of_import(tmp_path: Path) -> None:
    plans = recognise(_folder(tmp_path, CANONICAL), shipped())
    assert [plan.record for plan in plans] == [
        "account", "account_identity", "fx_rate", "contract", "subscription_line", "churn_report", "ticket",
        "message", "ticket_event", "survey", "usage_day", "touch", "article", "article_view",
    ]  # fmt: skip
    for plan in plans:
        rows, rejects = read_plan(plan)
        assert (rows.height, rejects, plan.unknown_columns, plan.notes) == (1, [], (), ())


@pytest.mark.parametrize("name", EXPORTS)
def test_a_vendor_s_export_is_recognised_by_its_headers_and_read(tmp_path: Path, name: str) -> None:
    file, content, expected = EXPORTS[name]
    plans = recognise(_folder(tmp_path, {file: content}), shipped())
    assert {plan.record: plan.mapping and plan.mapping.name for plan in plans} == dict.fromkeys(expected, name)
    for plan in plans:
        rows, rejects = read_plan(plan)
        assert rejects == []
        assert plan.record is not None
        assert {key: rows[key][0] for key in expected[plan.record]} == expected[plan.record]


RAVENSTACK: dict[str, tuple[str, dict[str, object]]] = {
    "accounts.csv": (
        "account_id,account_name,industry,country,signup_date,referral_source,plan_tier,seats,is_trial,churn_flag\n"
        "A-1,Firm 1,EdTech,US,2023-05-01,partner,Pro,9,FALSE,TRUE\n",
        {"name": "Firm 1", "region": "US", "reported_plan": "Pro", "reported_trial": False, "reported_churned": True},
    ),
    "subscriptions.csv": (
        "subscription_id,account_id,start_date,end_date,plan_tier,seats,mrr_amount,arr_amount,is_trial,upgrade_flag,"
        "downgrade_flag,churn_flag,billing_frequency,auto_renew_flag\n"
        "S-1,A-1,2023-05-01,2023-05-01,Pro,9,441,5292,FALSE,FALSE,FALSE,TRUE,annual,TRUE\n",
        {"product": "Pro", "amount_cents": 44_100, "interval_months": 1, "reported_arr_cents": 529_200},
    ),
    "churn_events.csv": (
        "churn_event_id,account_id,churn_date,reason_code,refund_amount_usd,preceding_upgrade_flag,"
        "preceding_downgrade_flag,"
        "is_reactivation,feedback_text\nC-1,A-1,2023-06-01,pricing,4.03,FALSE,FALSE,TRUE,too dear\n",
        {"reason": "pricing", "comment": "too dear", "reactivation": True},
    ),
    "feature_usage.csv": (
        "usage_id,subscription_id,usage_date,feature_name,usage_count,usage_duration_secs,error_count,"
        "is_beta_feature\n"
        "U-1,S-1,2023-05-02,feature_4,7,811,2,FALSE\n",
        {"subscription_ref": "S-1", "account_ref": None, "feature": "feature_4", "quantity": 7, "errors": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("file", RAVENSTACK)
def test_ravenstack_s_other_files_are_read_by_its_mapping(tmp_path: Path, file: str) -> None:
    content, expected = RAVENSTACK[file]
    plan = plan_of(_folder(tmp_path, {file: content}) / file)
    rows, rejects = read_plan(plan)
    assert (plan.mapping and plan.mapping.name, rejects) == ("ravenstack", [])
    assert {key: rows[key][0] for key in expected} == expected


def test_a_file_s_name_decides_between_rules_whose_headers_fit_equally(tmp_path: Path) -> None:
    both = "external_id,account_ref,ticket_ref,kind,happened_at\nX,A,T,csm_call,2025-02-03\n"
    folder = _folder(tmp_path, {"touches.csv": both, "ticket_events.csv": both})
    assert [(plan.file, plan.record) for plan in recognise(folder, shipped())] == [
        ("ticket_events.csv", "ticket_event"), ("touches.csv", "touch"),
    ]  # fmt: skip


def test_unknown_columns_are_reported_and_left_unread(tmp_path: Path) -> None:
    plan = plan_of(_folder(tmp_path, {"a.csv": "id,name,colour\n1,a,red\n"}) / "a.csv", accounts_by_name())
    assert plan.unknown_columns == ("colour",)
    assert read_plan(plan)[0].height == 1


def test_a_file_that_fits_no_mapping_says_what_it_lacks(tmp_path: Path) -> None:
    (plan,) = recognise(_folder(tmp_path, {"a.csv": "id,colour\n1,red\n"}), [accounts_by_name()])
    assert (plan.status, plan.record) == ("unknown", None)
    assert plan.problem == "no mapping fits; as account of ours it lacks name"
    with pytest.raises(FileRefused, match="it lacks name"):
        next(read(plan, NOW))


def test_files_of_other_kinds_are_passed_over(tmp_path: Path) -> None:
    files = {"README.md": "# notes", ".hidden.csv": "a", "~$open.xlsx": "lock", "a.csv": "id,name\n1,a\n"}
    assert [plan.file for plan in recognise(_folder(tmp_path, files), [accounts_by_name()])] == ["a.csv"]


def test_a_packed_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (plan,) = recognise(_folder(tmp_path, {"tickets.zip": "PK"}), shipped())
    assert plan.status == "refused"


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="no such file or folder"):
        recognise(tmp_path / "nowhere", shipped())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("id,name,id\n1,a,2\n", "two columns named 'id'"),
        ("1,a@example.com\n2,b@example.com\n", "where a column name should be"),
        ("2024-01-01,x\n", "where a column name should be"),
        ("\n\n", "empty lines"),
        (",,\n1,2,3\n", "no column names"),
    ],
)
def test_a_file_without_a_usable_header_is_refused(tmp_path: Path, content: str, found: str) -> None:
    (plan,) = recognise(_folder(tmp_path, {"a.csv": content}), [accounts_by_name()])
    assert plan.status == "refused"
    assert plan.problem is not None
    assert found in plan.problem


def test_a_header_alone_is_a_file_without_rows(tmp_path: Path) -> None:
    rows, rejects = read_file(_folder(tmp_path, {"a.csv": "id,name\n"}) / "a.csv", accounts_by_name())
    assert (rows.height, rejects) == (0, [])


def test_the_same_rows_are_read_from_every_format(tmp_path: Path) -> None:
    table = pl.DataFrame({"id": ["1", "2"], "name": ["Größe", 'a "b"'], "since": ["2024-01-02", None]}).with_columns(
        pl.col("since").str.to_date(), domains=pl.Series([["a.example", "b.example"], None])
    )
    fields = {"external_id": "id", "name": "name", "signed_up_on": "since", "domains": "domains"}
    flat = table.with_columns(pl.col("domains").list.join(", "))
    flat.write_csv(tmp_path / "a.csv")
    flat.write_csv(tmp_path / "a.tsv", separator="\t")
    table.write_parquet(tmp_path / "a.parquet")
    table.write_ndjson(tmp_path / "a.jsonl")
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(1, 0, flat.columns)
    for at, row in enumerate(flat.iter_rows(), 3):
        sheet.write_row(at, 0, [None if cell is None else str(cell) for cell in row])
    book.close()
    mapping = a_mapping("account", fields)
    read_back = {path.suffix: read_file(path, mapping) for path in sorted(tmp_path.iterdir())}
    assert not any(rejects for _, rejects in read_back.values())
    expected = read_back[".csv"][0].drop("line")
    assert expected["domains"].to_list() == ['["a.example", "b.example"]', "[]"]
    for rows, _ in read_back.values():
        assert rows.drop("line").equals(expected)
    assert {suffix: rows["line"].to_list() for suffix, (rows, _) in read_back.items()} == {
        ".csv": [2, 3], ".tsv": [2, 3], ".jsonl": [1, 2], ".parquet": [1, 2], ".xlsx": [4, 5],
    }  # fmt: skip


def test_a_broken_line_of_json_is_put_aside_and_nested_keys_are_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": 7, "of": {"name": "Acme"}}\n{"id": 8,\n[1]\n\n{"id": 9, "of": {"name": "B"}, "size": "big"}\n'
    )
    mapping = a_mapping("account", {"external_id": "id", "name": "of.name", "segment": "size"})
    rows, rejects = read_file(path, mapping)
    assert rows.select("line", "external_id", "name", "segment").rows() == [
        (1, "7", "Acme", None),
        (5, "9", "B", "big"),
    ]
    assert [reject.line for reject in rejects] == [2, 3]


def test_a_fingerprint_is_the_sha_256_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"abc")
    assert fingerprint(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


_TICKET = {"external_id": "id", "created_at": "at"}


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["13/02/2025", "03/04/2025"], datetime(2025, 4, 3, tzinfo=UTC)),
        (["2/13/2025", "03/04/2025"], datetime(2025, 3, 4, tzinfo=UTC)),
    ],
)
def test_a_file_s_own_dates_tell_whether_the_day_comes_first(tmp_path: Path, cells: list[str], first: datetime) -> None:
    content = "id,at\n" + "".join(f"{number},{cell}\n" for number, cell in enumerate(cells))
    plan = plan_of(_folder(tmp_path, {"t.csv": content}) / "t.csv", a_mapping("ticket", _TICKET))
    assert plan.notes == ()
    assert read_plan(plan)[0]["created_at"].to_list()[-1] == first


def test_dates_that_could_be_either_are_noted(tmp_path: Path) -> None:
    plan = plan_of(_folder(tmp_path, {"t.csv": "id,at\n1,03/04/2025\n"}) / "t.csv", a_mapping("ticket", _TICKET))
    assert plan.notes == ("dates such as 03/04/2025 are read month first; say `day_first: true` if that is wrong",)


def test_a_file_whose_later_dates_are_day_first_after_all_is_refused_rather_than_misread(tmp_path: Path) -> None:
    mapping = a_mapping("ticket", _TICKET).model_copy(
        update={"limits": accounts_by_name().limits.model_copy(update={"sample_rows": 2})}
    )
    content = "id,at\n1,03/04/2025\n2,03/05/2025\n3,25/05/2025\n"
    with pytest.raises(FileRefused, match="set `day_first: true` in the mapping"):
        read_file(_folder(tmp_path, {"t.csv": content}) / "t.csv", mapping)


def test_a_file_of_mostly_wrong_rows_is_refused_with_the_first_of_them(tmp_path: Path) -> None:
    limits = accounts_by_name().limits.model_copy(update={"rejected_rows": 5})
    mapping = a_mapping("ticket", _TICKET).model_copy(update={"limits": limits})
    content = "id,at\n1,2025-01-01\n" + "2,never\n" * 6
    with pytest.raises(
        FileRefused, match="6 of its first 7 rows are wrong; mend the mapping; line 3, at: found 'never'"
    ):
        read_file(_folder(tmp_path, {"t.csv": content}) / "t.csv", mapping)
