"""Jira Service Management: what its words mean, how its lists are completed, how it is written to and how it calls."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import Page, TicketChange, WebhookCall
from connectors.raw import Reading
from connectors.signatures import SignatureRejected, hmac_bytes
from connectors.vendors.jira import adf, jql
from connectors.vendors.jira.pulling import Jira
from domain.errors import ConnectorError, Retriable
from domain.tickets import Ticket
from jobs.sync import take
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.nonsense import spoiled
from tests.connectors.sites.jira import JiraSite
from tests.connectors.vendors.looking import brought, connector_of

_MAPPING = {"organization.known_as": "crm-id", "ticket.pending_statuses": "Bei Kunde, Open"}


@pytest.fixture
def site() -> JiraSite:
    return JiraSite(SiteClock(START_OF_TIME))


def jira(proving: Proving) -> Jira:
    return connector_of(proving, Jira)


def an_issue(site: JiraSite, **fields: Any) -> int:
    """A new ticket with these fields."""
    key = site.make(site.clock.pass_by(seconds=7), rated=False)
    site.issues[key] |= fields
    return key


def only_ticket(proving: Proving) -> Mapping[str, Any]:
    """Sync, and the one ticket that there is then."""
    proving.sync_well()
    (ticket,) = brought(proving, "ticket").values()
    return ticket


def test_the_first_reply_is_an_agent_s_and_public(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    site.say(key, "Among us: again.", public=False)
    site.say(key, "Hello?", by="customer")
    site.say(key, "We are on it.")
    replied_at = site.clock.now()
    site.say(key, "Done.")
    assert only_ticket(proving)["first_replied_at"] == replied_at


def test_a_comment_for_a_role_is_internal_and_an_app_is_a_bot(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    restricted, automatic = site.say(key, "For administrators."), site.say(key, "Closing soon.")
    site.comments[key][0]["visibility"] = {"type": "role", "value": "Administrators"}
    site.comments[key][1]["author"] = {"accountId": "app-1", "accountType": "app"}
    proving.sync_well()
    messages = brought(proving, "message")
    assert messages[restricted]["public"] is False
    assert messages[automatic]["author_kind"] == "bot"


def test_a_search_that_does_not_say_what_is_public_is_asked_closer(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    note = site.say(key, "Among us: again.", public=False)
    site.tells_public_in_searches = False
    assert only_ticket(proving)["first_replied_at"] is None
    assert brought(proving, "message")[note]["public"] is False


def test_history_is_told_in_keepline_s_words(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    site.set(key, status={"id": "3", "name": "Waiting for customer"})
    site.set(key, priority={"id": "1", "name": "Highest"})
    site.set(key, labels=["a"])
    proving.sync_well()
    told = [(each["kind"], each["from_value"], each["to_value"]) for _, each in sorted(events(proving).items())]
    assert told == [("status", "open", "pending"), ("priority", "normal", "urgent")]


def test_statuses_that_are_one_to_us_are_no_change(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    site.set(key, status={"id": "77", "name": "In progress"})
    site.set(key, status={"id": "78", "name": "In review"})
    site.set(key, priority={"id": "9", "name": "Minor"})
    site.set(key, priority={"id": "4", "name": "Low"})
    site.set(key, status={"id": "4", "name": "Resolved"})
    proving.sync_well()
    told = [(each["kind"], each["from_value"], each["to_value"]) for _, each in sorted(events(proving).items())]
    assert told == [("priority", "normal", "low"), ("status", "open", "solved")]


@pytest.mark.parametrize(
    ("name", "word"),
    [("Waiting for customer", "pending"), ("Pending", "on_hold"), ("Canceled", "closed"), ("Done", "solved")],
)
def test_a_status_that_the_site_has_no_more_is_known_by_its_name(
    site: JiraSite, proving: Proving, name: str, word: str
) -> None:
    site.set(an_issue(site), status={"id": "77", "name": name})
    proving.sync_well()
    assert [each["to_value"] for each in events(proving).values()] == [word]


def test_a_mapped_status_is_one_in_the_history_too(site: JiraSite, proving: Proving) -> None:
    proving.fields = _MAPPING
    site.set(an_issue(site), status={"id": "77", "name": "Bei Kunde"})
    proving.sync_well()
    assert [each["to_value"] for each in events(proving).values()] == ["pending"]


def test_a_priority_of_the_site_s_own_is_unknown_in_the_history_too(site: JiraSite, proving: Proving) -> None:
    site.set(an_issue(site), priority={"id": "9", "name": "Someday"})
    remarks = proving.sync_well().remarks
    assert [(each["from_value"], each["to_value"]) for each in events(proving).values()] == [("normal", None)]
    assert any("'Someday' is new to Keepline" in each for each in remarks)


@pytest.mark.parametrize(
    ("creator", "author"),
    [
        ({"accountId": "agent-1", "accountType": "atlassian"}, "agent"),
        ({"accountId": "app-1", "accountType": "app"}, "customer"),
        (None, "customer"),
    ],
    ids=["an agent for somebody", "a program that takes in mail", "nobody"],
)
def test_a_ticket_begins_with_who_opened_it(site: JiraSite, proving: Proving, creator: Any, author: str) -> None:
    key = an_issue(site, creator=creator)
    proving.sync_well()
    assert brought(proving, "message")[f"{key}:description"]["author_kind"] == author


def test_who_asks_for_himself_is_the_customer_whoever_he_is(site: JiraSite, proving: Proving) -> None:
    employee = {"accountId": "agent-2", "accountType": "atlassian", "emailAddress": "x@acme.example"}
    key = an_issue(site, creator=employee, reporter=employee)
    proving.sync_well()
    assert brought(proving, "message")[f"{key}:description"]["author_kind"] == "customer"


def test_the_team_is_the_project_or_a_field(site: JiraSite, proving: Proving) -> None:
    an_issue(site, customfield_10051={"value": "Payments"})
    assert only_ticket(proving)["team"] == "The service_desk"
    proving.fields = {"ticket.team": "customfield_10051"}
    site.say(site.service_issues()[0], "Hello?")
    assert only_ticket(proving)["team"] == "Payments"


def events(proving: Proving) -> Mapping[str, Mapping[str, Any]]:
    return brought(proving, "ticket_event")


def test_a_history_that_a_search_cuts_off_is_completed(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    for number in range(45):
        site.set(key, status={"id": str(3 - number % 2), "name": "?"})
    proving.sync_well()
    assert len(events(proving)) == 45


def test_statuses_of_the_site_s_own_are_mapped(site: JiraSite, proving: Proving) -> None:
    proving.fields = _MAPPING
    an_issue(site, status={"id": "77", "name": "Bei Kunde", "statusCategory": {"key": "indeterminate"}})
    assert only_ticket(proving)["status"] == "pending"


def test_a_resolved_ticket_says_when(site: JiraSite, proving: Proving) -> None:
    done = {"id": "4", "name": "Closed", "statusCategory": {"key": "done"}}
    an_issue(site, status=done, resolutiondate="2026-03-02T09:00:00.000+0100")
    ticket = only_ticket(proving)
    assert (ticket["status"], ticket["resolved_at"]) == ("closed", datetime(2026, 3, 2, 8, tzinfo=UTC))


def test_an_organization_says_what_it_is_called_elsewhere(site: JiraSite, proving: Proving) -> None:
    proving.fields = _MAPPING
    an_issue(site)
    (key,) = site.organizations
    site.properties[key, "crm-id"] = "0015000000AbC"
    proving.sync_well()
    assert brought(proving, "party")[key]["known_as"] == ["0015000000AbC"]


def test_a_ticket_of_several_organizations_counts_for_the_first(site: JiraSite, proving: Proving) -> None:
    shared = [{"id": "31", "name": "Customer 31"}, {"id": "32", "name": "Customer 32"}]
    an_issue(site, customfield_10002=shared)
    assert only_ticket(proving)["account_ref"] == "31"
    assert {"31", "32"} == brought(proving, "party").keys()


def test_the_workflow_may_be_a_field(site: JiraSite, proving: Proving) -> None:
    proving.fields = {"ticket.workflow": "customfield_10051"}
    an_issue(site, customfield_10051={"id": "5", "value": "Payments"})
    assert only_ticket(proving)["workflow"] == "Payments"


def test_a_rating_is_found_though_the_ticket_was_not_called_updated(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    proving.sync_well()
    site.clock.pass_by(days=3)
    an_issue(site)
    proving.sync_well()
    site.rate(key, 5, touching=False)
    proving.sync_well()
    assert brought(proving, "survey")[f"{key}:csat"]["score"] == 5


def test_an_impossible_rating_is_put_aside_alone(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    site.rate(key, 9)
    assert proving.sync_well().unusable == 1
    assert str(key) in brought(proving, "ticket")


@pytest.mark.parametrize("before", range(2, 9))
def test_nothing_is_lost_where_a_page_token_is_a_row_s_number(site: JiraSite, proving: Proving, before: int) -> None:
    """Then a change in mid-walk would move all that follows, if the walk were in the order of changes."""
    site.index.token_is_a_number = True
    for _ in range(13):
        an_issue(site)
        site.clock.pass_by(minutes=20)

    def happens() -> None:
        site.change(0)
        site.clock.pass_by(minutes=1)

    proving.loopback.plan.before = {before: happens}
    proving.sync_well()
    proving.loopback.reset()
    proving.sync_well()
    proving.assert_same()


def test_only_the_named_projects_are_read(site: JiraSite, proving: Proving) -> None:
    an_issue(site)
    site.issues[an_issue(site)]["project"]["key"] = "HELP"
    site.change(1)
    connection = jira(proving).site
    named = Jira(replace(connection, settings={**connection.settings, "projects": "help, ops"}))
    site.clock.pass_by(minutes=1)
    (page,) = list(named.streams()[0].pages({}))
    read = [found.fact.external_id for found in page.found if isinstance(found.fact, Ticket)]
    assert read == [str(site.service_issues()[1])]


def test_a_project_that_is_no_key_is_refused() -> None:
    with pytest.raises(ConnectorError, match="keys such as SUP"):
        jql.scope('SUP") OR project in ("HR')


def test_an_unknown_time_zone_is_named_with_its_remedy(site: JiraSite, proving: Proving) -> None:
    an_issue(site)
    proving.sync_well()
    site.index.zone = "Mars/Base"
    assert "choose another in its profile" in str(proving.sync().error)


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        ("2026-03-02T08:00:59Z", "UTC", "2026-03-02 08:00"),
        ("2026-03-02T08:10:00Z", "Asia/Kolkata", "2026-03-02 13:40"),
        ("2026-03-08T07:10:00Z", "America/New_York", "2026-03-08 03:10"),
        # The clock shows 01:10 twice that night; only the second time may it be called so.
        ("2026-11-01T06:10:00Z", "America/New_York", "2026-11-01 01:10"),
        ("2026-11-01T05:10:00Z", "America/New_York", "2026-11-01 00:40"),
    ],
)
def test_a_moment_is_a_minute_that_cannot_be_read_as_later(moment: str, zone: str, expected: str) -> None:
    assert jql.minute(datetime.fromisoformat(moment), ZoneInfo(zone)) == expected


def node(kind: str, *content: Any, **attrs: str) -> dict[str, Any]:
    """A node of a document; a text stands for itself."""
    inside = [{"type": "text", "text": each} if isinstance(each, str) else each for each in content]
    return {"type": kind, "content": inside, "attrs": attrs}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([node("paragraph", "One", " line")], "One line"),
        ([node("heading", "A"), node("paragraph", "B")], "A\nB"),
        ([node("paragraph", "A", node("hardBreak"), "B")], "A\nB"),
        ([node("paragraph", node("mention", id="1", text="@Agent"), " look")], "@Agent look"),
        ([node("bulletList", *(node("listItem", node("paragraph", each)) for each in "xy"))], "x\ny"),
        ([node("tableRow", *(node("tableCell", node("paragraph", each)) for each in "ab"))], "a b"),
        ([node("paragraph", node("inlineCard", url="https://acme.example/1"))], "https://acme.example/1"),
        ([None, 3, {"type": "paragraph", "content": "nonsense"}], ""),
    ],
)
def test_a_document_is_read_as_its_text(content: list[Any], expected: str) -> None:
    assert adf.plain({"type": "doc", "content": content}) == expected


def test_a_document_without_end_ends() -> None:
    nested = node("paragraph", "deep")
    for _ in range(400):
        nested = node("blockquote", nested)
    assert adf.plain(nested) == ""


def test_a_text_and_its_document_say_the_same() -> None:
    assert adf.plain(adf.document("Call them.\n\nKeepline ref 1")) == "Call them.\nKeepline ref 1"


def change_of(site: JiraSite, **wanted: Any) -> TicketChange:
    """A change that was decided just now, for the oldest ticket."""
    return TicketChange(str(site.service_issues()[0]), "renewal-save:1", site.clock.now(), **wanted)


def test_the_plan_shows_the_requests_and_sends_nothing(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    wanted = {"priority": "urgent", "add_tags": ("renewal risk", "export"), "note": "Call them."}
    number, note = jira(proving).plan(change_of(site, **wanted, fields={"customfield_10050": "120000"}))
    assert (number.method, number.path) == ("PUT", f"/rest/api/3/issue/{key}")
    assert number.body == {
        "fields": {"customfield_10050": 120000.0, "priority": {"id": "1"}},
        "update": {"labels": [{"add": "renewal-risk"}]},
    }
    assert (note.path, note.body["public"]) == (f"/rest/servicedeskapi/request/{key}/comment", False)
    assert {each.method for each in proving.loopback.requests} == {"GET"}


def test_a_change_is_written_once(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    fields = {"customfield_10050": "120000", "customfield_10051": "Payments"}
    change = change_of(site, priority="urgent", add_tags=("renewal risk",), note="Call them.", fields=fields)
    assert jira(proving).write(change).state == "done"
    assert jira(proving).write(change).state == "already"
    issue = site.issues[key]
    assert (issue["priority"]["name"], issue["labels"]) == ("Highest", ["export", "renewal-risk"])
    assert (issue["customfield_10050"], issue["customfield_10051"]) == (120000.0, {"value": "Payments"})
    (note,) = site.comments[key]
    assert note["jsdPublic"] is False


def test_a_note_whose_answer_was_lost_is_not_written_again(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    change = change_of(site, note="Call them.")
    jira(proving).plan(change)
    proving.loopback.plan.faults = {2 * len(proving.loopback.requests) + 1: "dropped"}
    with pytest.raises(Retriable):
        jira(proving).write(change)
    assert jira(proving).write(change).state == "already"
    assert len(site.comments[key]) == 1


def test_an_agent_s_newer_change_stands(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    change = change_of(site, priority="urgent", note="Call them.")
    site.set(key, priority={"id": "4", "name": "Low"})
    written = jira(proving).write(change)
    assert (written.state, written.requests) == ("stepped_back", ())
    assert "priority was changed at" in written.because
    assert (site.issues[key]["priority"]["name"], site.comments[key]) == ("Low", [])


def test_an_agent_s_change_of_something_else_is_no_obstacle(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    change = change_of(site, priority="urgent")
    site.set(key, status={"id": "3", "name": "Waiting for customer"})
    assert jira(proving).write(change).state == "done"


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"fields": {"customfield_99": "1"}}, "has no field 'customfield_99'"),
        ({"fields": {"customfield_10002": "x"}}, "which Keepline does not write"),
    ],
)
def test_what_cannot_be_written_says_why(site: JiraSite, proving: Proving, wanted: Any, says: str) -> None:
    an_issue(site)
    with pytest.raises(ConnectorError, match=says):
        jira(proving).plan(change_of(site, **wanted))


def a_call(site: JiraSite, event: dict[str, Any], signed_with: str = "jira-hook-secret") -> WebhookCall:
    body = json.dumps({"timestamp": int(site.clock.now().timestamp() * 1000), **event}).encode()
    headers = {"x-hub-signature": "sha256=" + hmac_bytes(signed_with, body).hex()}
    return WebhookCall("POST", "https://keepline.acme.example/hooks/helm", headers, body, site.clock.now())


def took(proving: Proving, page: Page) -> None:
    take(proving.store, SOURCE, page, proving.clock.now)


def updated(key: int) -> dict[str, Any]:
    return {"webhookEvent": "jira:issue_updated", "issue": {"id": str(key)}}


def test_a_webhook_brings_what_a_pull_would_bring(site: JiraSite, proving: Proving) -> None:
    site.add(5)
    for key in site.service_issues():
        took(proving, jira(proving).receive(a_call(site, updated(key))))
    proving.assert_same()
    assert proving.sync_well().changed == 0


@pytest.mark.parametrize("what", ["body", "secret", "signature"])
def test_a_call_that_jira_did_not_sign_is_refused(site: JiraSite, proving: Proving, what: str) -> None:
    call = a_call(site, updated(an_issue(site)), "a guess" if what == "secret" else "jira-hook-secret")
    body = call.body.replace(b"issue_updated", b"issue_deleted") if what == "body" else call.body
    headers = {} if what == "signature" else call.headers
    with pytest.raises(SignatureRejected):
        jira(proving).receive(WebhookCall(call.method, call.url, headers, body, call.received_at))


def test_without_a_secret_no_call_is_believed(site: JiraSite, proving: Proving) -> None:
    del proving.secrets.held["webhook_secret"]
    with pytest.raises(SignatureRejected, match="no webhook secret"):
        jira(proving).receive(a_call(site, updated(an_issue(site)), ""))


def test_an_older_call_that_comes_last_undoes_nothing(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    older = jira(proving).receive(a_call(site, updated(key)))
    site.change(0)
    took(proving, jira(proving).receive(a_call(site, updated(key))))
    took(proving, older)
    proving.assert_same()


def test_a_deleted_ticket_goes_and_does_not_come_back(site: JiraSite, proving: Proving) -> None:
    site.add(3)
    proving.sync_well()
    key = site.service_issues()[0]
    late = jira(proving).receive(a_call(site, updated(key)))
    site.remove(key)
    deleted = a_call(site, {"webhookEvent": "jira:issue_deleted", "issue": {"id": str(key)}})
    took(proving, jira(proving).receive(deleted))
    took(proving, late)
    took(proving, jira(proving).receive(a_call(site, updated(key))))
    assert sorted(brought(proving, "ticket")) == sorted(site.facts()["ticket"])
    assert sorted(brought(proving, "message")) == sorted(site.facts()["message"])


def test_a_deleted_comment_goes(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    comment = site.say(key, "Never mind.")
    proving.sync_well()
    site.clock.pass_by(minutes=1)
    event = {"webhookEvent": "comment_deleted", "comment": {"id": comment}, "issue": {"id": str(key)}}
    took(proving, jira(proving).receive(a_call(site, event)))
    assert comment not in brought(proving, "message")


def test_calls_about_other_things_are_remarked_on(site: JiraSite, proving: Proving) -> None:
    elsewhere = site.make(site.clock.now(), project="software")
    for event in ({"webhookEvent": "sprint_started"}, updated(elsewhere), updated(999_999)):
        page = jira(proving).receive(a_call(site, event))
        assert not page.found
        assert not page.gone
        assert len(page.remarks) == 1


def test_whatever_stands_in_a_field_the_rest_goes_on(site: JiraSite, proving: Proving) -> None:
    key = an_issue(site)
    site.say(key, "Looking into it.")
    site.set(key, status={"id": "3", "name": "Waiting for customer"})
    site.rate(key, 4)
    connector = jira(proving)
    whole = connector.http.get(f"/rest/api/3/issue/{key}", {"fields": "*all", "expand": "changelog"}).json
    whole["fields"] = {**site.issues[key], "comment": {"comments": site.comments[key], "total": 1}}
    for variant in spoiled(whole):
        reading = Reading()
        connector.reader.read(reading, [variant, whole])
        assert [found for found in reading.found if found.fact.external_id == str(key)], variant


def test_the_fields_that_can_be_mapped_are_the_site_s_own(site: JiraSite, proving: Proving) -> None:
    named = {each.name: each.label for each in jira(proving).site_fields()}
    assert named["customfield_10051"] == "Line of business"
    assert "summary" not in named


def test_checking_names_what_is_missing(site: JiraSite, proving: Proving) -> None:
    checked = jira(proving).check()
    assert checked.identity == "Agent"
    assert ["Browse projects" in each for each in checked.missing] == [True]


def test_a_walk_that_was_left_for_days_goes_on_without_its_token(site: JiraSite, proving: Proving) -> None:
    for _ in range(13):
        an_issue(site)
        site.clock.pass_by(minutes=1)
    first = next(jira(proving).streams()[0].pages({}))
    site.clock.pass_by(days=8)
    rest = list(jira(proving).streams()[0].pages(first.cursor))
    read = [found.fact.external_id for page in (first, *rest) for found in page.found if isinstance(found.fact, Ticket)]
    assert set(read) == {str(key) for key in site.service_issues()}
    assert len(read) == 13 + 1, "only the last ticket of the page before is read again"
