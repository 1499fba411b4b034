"""Intercom: what its words mean, whose a conversation is, one scroll at a time, what is written and what calls us."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Page, TicketChange, WebhookCall
from connectors.signatures import SignatureRejected, hmac_bytes
from connectors.vendors.intercom.pulling import Intercom
from domain.errors import ConnectorError, Retriable
from jobs.sync import take
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving, WrongClock
from keepline.proving.loopback import Reply, Request, SiteClock
from tests.connectors.sites.intercom import ADMIN, WEBHOOK_SECRET, IntercomSite
from tests.connectors.vendors.looking import brought, connector_of

_MAPPING = {"organization.known_as": "billing_id", "ticket.workflow": "Workflow"}
_USER = {"type": "user", "id": "1", "name": "Eve", "email": "eve@lone.example"}


@pytest.fixture
def site() -> IntercomSite:
    return IntercomSite(SiteClock(START_OF_TIME))


@pytest.fixture
def mapping() -> Mapping[str, str]:
    return _MAPPING


def intercom(proving: Proving) -> Intercom:
    return connector_of(proving, Intercom)


def asked(proving: Proving, path: str, method: str = "GET") -> list[Request]:
    """The requests for a path."""
    return [each for each in proving.loopback.requests if (each.method, each.path) == (method, path)]


def a_conversation(site: IntercomSite) -> dict[str, Any]:
    return site.add_conversation(site.clock.pass_by(seconds=7))


def contact_of(site: IntercomSite, conversation: Mapping[str, Any]) -> dict[str, Any]:
    return site.contacts[conversation["contacts"]["contacts"][0]["id"]]


def moment(unix: int) -> datetime:
    return START_OF_TIME + timedelta(seconds=unix - START_OF_TIME.timestamp())


@pytest.mark.parametrize(("state", "status"), [("open", "open"), ("snoozed", "on_hold"), ("closed", "closed")])
def test_a_snoozed_conversation_is_on_hold(site: IntercomSite, proving: Proving, state: str, status: str) -> None:
    conversation = a_conversation(site)
    conversation["state"] = state
    proving.sync_well()
    assert brought(proving, "ticket")[conversation["id"]]["status"] == status


def test_first_reply_and_closing_come_from_the_statistics(site: IntercomSite, proving: Proving) -> None:
    conversation = a_conversation(site)
    site.set_state(conversation["id"], "closed")
    proving.sync_well()
    row = brought(proving, "ticket")[conversation["id"]]
    assert row["first_replied_at"] == moment(conversation["statistics"]["first_admin_reply_at"])
    assert row["resolved_at"] == moment(conversation["statistics"]["last_close_at"])
    site.set_state(conversation["id"], "open")
    proving.sync_well()
    assert brought(proving, "ticket")[conversation["id"]]["resolved_at"] is None


def test_the_customer_s_ids_elsewhere_and_the_workflow_come_from_mapped_attributes(
    site: IntercomSite, proving: Proving
) -> None:
    conversation = a_conversation(site)
    conversation |= {"custom_attributes": {"Workflow": "Exports"}, "priority": "priority"}
    company = site.company_of(conversation)
    company["custom_attributes"] = {"billing_id": "cus_1"}
    proving.sync_well()
    row = brought(proving, "ticket")[conversation["id"]]
    assert (row["workflow"], row["priority"]) == ("Exports", "high")
    assert brought(proving, "party")[company["id"]]["known_as"] == [company["company_id"], "cus_1"]


@pytest.mark.parametrize("companies", [[], ["c1", "c2"]])
def test_a_contact_of_no_company_or_of_several_belongs_to_its_domain(
    site: IntercomSite, proving: Proving, companies: list[str]
) -> None:
    conversation = a_conversation(site)
    contact_of(site, conversation).update(
        email="Jo@Blue-Harbour.example", companies={"data": [{"type": "company", "id": each} for each in companies]}
    )
    proving.sync_well()
    assert brought(proving, "ticket")[conversation["id"]]["account_ref"] == "domain:blue-harbour.example"
    assert brought(proving, "party")["domain:blue-harbour.example"]["domains"] == ["blue-harbour.example"]


def test_a_contact_that_was_merged_away_is_known_by_what_it_wrote(site: IntercomSite, proving: Proving) -> None:
    conversation = a_conversation(site)
    site.contacts.clear()
    conversation["source"]["author"] = _USER
    proving.sync_well()
    assert brought(proving, "ticket")[conversation["id"]]["account_ref"] == "domain:lone.example"


def test_a_teammate_s_own_address_makes_nobody_a_customer(site: IntercomSite, proving: Proving) -> None:
    conversation = a_conversation(site)
    site.contacts.clear()
    conversation["source"]["author"] = ADMIN
    proving.sync_well()
    assert brought(proving, "ticket")[conversation["id"]]["account_ref"] is None
    assert brought(proving, "message")[f"{conversation['id']}:source"]["author_kind"] == "agent"


def test_a_contact_that_the_search_does_not_know_yet_is_asked_for(site: IntercomSite, proving: Proving) -> None:
    site.add(3)
    contact = contact_of(site, site.nth(1))
    site.unindexed = {contact["id"]}
    proving.sync_well()
    proving.assert_same()
    assert len(asked(proving, "/contacts/search", "POST")) == 1
    assert len(asked(proving, f"/contacts/{contact['id']}")) == 1


@pytest.mark.parametrize(
    ("author", "kind"),
    [
        ({"type": "lead", "id": "1"}, "customer"),
        ({"type": "team", "id": "1"}, "agent"),
        ({"type": "bot", "id": "1"}, "bot"),
        ({"type": "admin", "id": "1", "from_ai_agent": True}, "bot"),
        ({"type": "admin", "id": "1", "name": "Operator", "email": "operator+abcd1234@intercom.io"}, "bot"),
        ({"type": "campaign", "id": "1"}, "system"),
    ],
)
def test_who_wrote_is_kept(site: IntercomSite, proving: Proving, author: dict[str, Any], kind: str) -> None:
    conversation = a_conversation(site)
    part = site.say(conversation["id"], "One<br>two", author)
    proving.sync_well()
    row = brought(proving, "message")[part["id"]]
    assert (row["author_kind"], row["text"], row["public"]) == (kind, "One\ntwo", True)


@pytest.mark.parametrize(
    ("began", "author", "kind"),
    [
        ("customer_initiated", _USER, "customer"),
        ("admin_initiated", ADMIN, "agent"),
        ("campaigns_initiated", ADMIN, "bot"),
        ("operator_initiated", ADMIN, "bot"),
        ("automated", ADMIN, "bot"),
        ("automated", _USER, "customer"),
    ],
)
def test_what_a_campaign_begins_no_teammate_has_written(
    site: IntercomSite, proving: Proving, began: str, author: dict[str, Any], kind: str
) -> None:
    conversation = a_conversation(site)
    conversation["source"] |= {"delivered_as": began, "author": author}
    proving.sync_well()
    assert brought(proving, "message")[f"{conversation['id']}:source"]["author_kind"] == kind


def test_the_team_is_known_by_its_name_which_is_asked_for_once(site: IntercomSite, proving: Proving) -> None:
    site.add(13)
    proving.sync_well()
    assert {each["team"] for each in brought(proving, "ticket").values()} == {"Support"}
    assert len(asked(proving, "/teams")) == 1


@pytest.mark.parametrize(("assigned", "listed", "team"), [(99, True, "99"), (51, False, "51"), (0, True, None)])
def test_a_team_whose_name_is_not_to_be_had_is_known_by_its_id(
    site: IntercomSite, proving: Proving, assigned: int, listed: bool, team: str | None
) -> None:
    conversation = a_conversation(site)
    conversation |= {"team_assignee_id": assigned, "admin_assignee_id": 0}
    site.lists_teams = listed
    proving.sync_well()
    row = brought(proving, "ticket")[conversation["id"]]
    assert (row["team"], row["assignee"]) == (team, None)


def test_a_workspace_without_teams_is_not_asked_for_them(site: IntercomSite, proving: Proving) -> None:
    a_conversation(site)["team_assignee_id"] = None
    proving.sync_well()
    assert asked(proving, "/teams") == []


@pytest.mark.parametrize("kind", ["note", "assignment", "note_and_reopen"])
def test_what_only_teammates_see_is_not_public(site: IntercomSite, proving: Proving, kind: str) -> None:
    conversation = a_conversation(site)
    part = site.say(conversation["id"], "Look", ADMIN, kind)
    proving.sync_well()
    assert brought(proving, "message")[part["id"]]["public"] is False


def test_the_history_of_state_team_and_assignee_is_in_the_parts(site: IntercomSite, proving: Proving) -> None:
    key = a_conversation(site)["id"]
    site.set_state(key, "snoozed")
    part = site.say(key, "Yours", ADMIN, "assignment")
    part["assigned_to"] = {"type": "admin", "id": "8"}
    part = site.say(key, "Theirs", ADMIN, "assignment")
    part["assigned_to"] = {"type": "team", "id": "51"}
    site.set_state(key, "open")
    site.set_state(key, "closed")
    proving.sync_well()
    events = sorted(brought(proving, "ticket_event").values(), key=lambda each: int(each["external_id"].split(":")[0]))
    assert [(each["kind"], each["from_value"], each["to_value"]) for each in events] == [
        ("status", "open", "on_hold"),
        ("assignee", None, "8"),
        ("group", None, "51"),
        ("status", "on_hold", "open"),
        ("status", "open", "closed"),
    ]


def test_what_was_said_between_two_syncs_is_read_however_often_the_conversation_changed(
    site: IntercomSite, proving: Proving
) -> None:
    site.add(3)
    proving.sync_well()
    for text in ("One", "Two", "Three"):
        site.say(site.nth(0)["id"], text, _USER)
        site.clock.pass_by(minutes=30)
    site.change(0)
    proving.sync_well()
    proving.assert_same()


def test_of_a_conversation_that_is_too_long_the_newest_parts_are_added_to_those_before(
    site: IntercomSite, proving: Proving
) -> None:
    key = a_conversation(site)["id"]
    site.set_state(key, "snoozed")
    site.most_parts = 3
    proving.sync_well()
    site.set_state(key, "open")
    for text in ("One", "Two"):
        site.say(key, text, _USER)
    remarks = proving.sync_well().remarks
    assert "a conversation has more parts than Intercom hands out; its oldest are not read" in remarks
    texts = {each["text"] for each in brought(proving, "message").values()}
    assert texts == {"It fails & stays so.", "Looking.", "One", "Two"}
    assert [each["to_value"] for each in brought(proving, "ticket_event").values()] == ["on_hold"]


@pytest.mark.parametrize("rating", [None, {"rating": None, "created_at": 1772438400}])
def test_a_rating_that_was_only_asked_for_is_none(site: IntercomSite, proving: Proving, rating: Any) -> None:
    a_conversation(site)["conversation_rating"] = rating
    proving.sync_well()
    assert brought(proving, "survey") == {}


def test_a_rating_off_the_scale_is_put_aside_and_the_conversation_is_not(site: IntercomSite, proving: Proving) -> None:
    a_conversation(site)["conversation_rating"]["rating"] = 11
    assert proving.sync_well().unusable == 1
    (reject,) = proving.store.rejects()
    assert (reject.column, reject.found) == ("conversation_rating.rating", "11")
    assert len(brought(proving, "ticket")) == 1


def test_a_conversation_that_becomes_visible_after_a_newer_one_is_read(site: IntercomSite, proving: Proving) -> None:
    site.add(2)
    proving.sync_well()
    late = site.add_conversation(site.clock.now() - timedelta(minutes=12))
    assert late["updated_at"] < site.nth(1)["updated_at"]
    proving.sync_well()
    proving.assert_same()


def test_a_sync_reads_what_changed_and_little_else(site: IntercomSite, proving: Proving) -> None:
    for _ in range(60):
        site.add_conversation(site.clock.pass_by(minutes=15))
    proving.sync_well()
    proving.loopback.reset()
    site.change(0)
    site.change(30)
    assert proving.sync_well().streams["conversations"] == 3, "two that changed, and the newest of before"
    assert len(proving.loopback.requests) < 12
    proving.assert_same()


def test_a_cursor_that_the_search_no_longer_knows_begins_the_walk_again(site: IntercomSite, proving: Proving) -> None:
    site.add(13)
    number = [each.path for each in _first_walk(proving)].index("/conversations/search", 12) + 1
    proving.loopback.plan.faults = dict.fromkeys(range(number, number + 50), "500")
    assert isinstance(proving.sync().error, Retriable)
    proving.loopback.reset()
    answer, refused = site.answer, list[Request]()

    def forgetful(request: Request) -> Reply:
        is_resumed = request.path == "/conversations/search" and "starting_after" in request.json["pagination"]
        if not is_resumed or refused:
            return answer(request)
        refused.append(request)
        return Reply({"type": "error.list", "errors": [{"code": "parameter_invalid"}]}, 400)

    site.answer = forgetful  # type: ignore[method-assign]
    proving.sync_well()
    assert refused
    proving.assert_same()


def _first_walk(proving: Proving) -> list[Request]:
    """The requests of a first sync, which is not kept."""
    for stream in proving.connector().streams():
        stream.total()
        list(stream.pages({}))
    made = list(proving.loopback.requests)
    proving.loopback.reset()
    return made


@pytest.mark.parametrize("kind", ["dropped", "truncated", "500"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_lost_page_of_the_scroll_is_not_passed_over(
    site: IntercomSite, proving: Proving, kind: Any, number: int
) -> None:
    """Intercom has moved on by then: the scroll is begun anew, after the minute in which the old one stays open."""
    site.page_size = 2
    site.add(14)
    site.conversations.clear()
    proving.loopback.plan.faults = {number: kind}
    proving.sync_well()
    assert len(site.companies) == 5
    proving.assert_same()
    assert sum(proving.clock.slept) >= 60


def test_another_scroll_of_the_app_is_waited_for(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    site.clock.pass_by(minutes=10)
    site.scroll = {"id": "theirs", "rows": [], "at": 0, "asked_at": site.clock.now() + timedelta(minutes=10)}
    proving.sync_well()
    proving.assert_same()
    assert any("another is open" in each for each in proving.said)


def test_a_scroll_that_never_ends_elsewhere_ends_the_sync(site: IntercomSite, proving: Proving) -> None:
    site.scroll = {"id": "theirs", "rows": [], "at": 0, "asked_at": site.clock.now() + timedelta(days=1)}
    error = proving.sync().error
    assert isinstance(error, Retriable)
    assert "another is open" in str(error)


def test_companies_are_scrolled_once_a_day(site: IntercomSite, proving: Proving) -> None:
    site.add(4)
    proving.sync_well()
    company = next(iter(site.companies.values()))
    company |= {"name": "Renamed", "updated_at": int(site.clock.now().timestamp())}
    proving.loopback.reset()
    proving.sync_well()
    assert not asked(proving, "/companies/scroll")
    site.clock.pass_by(days=1)
    proving.sync_well()
    assert asked(proving, "/companies/scroll")
    assert brought(proving, "party")[company["id"]]["name"] == "Renamed"


def test_a_new_company_comes_with_its_first_conversation(site: IntercomSite, proving: Proving) -> None:
    site.add(3)
    proving.sync_well()
    proving.loopback.reset()
    site.add(1)
    proving.sync_well()
    assert not asked(proving, "/companies/scroll")
    proving.assert_same()


def test_a_company_that_is_gone_leaves_its_conversation_unlinked(site: IntercomSite, proving: Proving) -> None:
    conversation = a_conversation(site)
    site.companies.clear()
    proving.sync_well()
    assert list(brought(proving, "ticket")) == [conversation["id"]]
    assert brought(proving, "party") == {}


def test_a_limit_s_end_is_measured_by_the_vendor_s_clock(site: IntercomSite, proving: Proving) -> None:
    site.add(2)
    proving.loopback.plan.faults, proving.loopback.plan.retry_after = {2: "429"}, 9
    proving.sync_well(WrongClock(proving.clock, -26))
    assert 9 <= max(proving.clock.slept) < 60
    proving.assert_same()


@pytest.mark.parametrize(("region", "host"), [("us", "api"), ("EU", "api.eu"), ("au", "api.au")])
def test_a_workspace_is_asked_where_it_is_hosted(
    site: IntercomSite, proving: Proving, region: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "settings", lambda: {"region": region})
    assert intercom(proving).http.base_url == f"https://{host}.intercom.io"


def test_a_region_that_there_is_not_is_refused(
    site: IntercomSite, proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "settings", lambda: {"region": "moon"})
    with pytest.raises(ConnectorError, match="moon"):
        intercom(proving)


def test_the_site_s_attributes_are_listed(site: IntercomSite, proving: Proving) -> None:
    fields = intercom(proving).site_fields()
    assert [(each.object, each.name, each.label) for each in fields] == [
        ("company", "crm_id", "CRM id"),
        ("conversation", "crm_id", "CRM id"),
    ]


def change_of(site: IntercomSite, **wanted: Any) -> TicketChange:
    """A change that was decided just now, for the oldest conversation."""
    return TicketChange(site.nth(0)["id"], "renewal-save:1", site.clock.now(), **wanted)


def notes(site: IntercomSite) -> list[str]:
    """The notes of the oldest conversation that hold a mark."""
    parts = site.nth(0)["conversation_parts"]["conversation_parts"]
    return [each["body"] for each in parts if each["part_type"] == "note" and "Keepline ref" in each["body"]]


def test_a_plan_shows_the_requests_and_sends_none(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, add_tags=("renewal-risk",), note="Call <Ann>", fields={"Workflow": "Exports"})
    attribute, new_tag, tagging, note = intercom(proving).plan(change)
    path = f"/conversations/{change.ticket_ref}"
    assert (attribute.method, attribute.path) == ("PUT", path)
    assert attribute.body == {"custom_attributes": {"Workflow": "Exports"}}
    assert (new_tag.path, new_tag.body) == ("/tags", {"name": "renewal-risk"})
    assert (tagging.path, tagging.body) == (
        f"{path}/tags",
        {"id": "(the id of the new tag renewal-risk)", "admin_id": "7"},
    )
    assert (note.path, note.body["message_type"], note.body["admin_id"]) == (f"{path}/reply", "note", "7")
    assert note.body["body"].startswith("Call &lt;Ann&gt;<br><br>Keepline ref ")
    assert {each.method for each in proving.loopback.requests} == {"GET"}


def test_a_change_is_written_once_however_often_it_is_sent(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    known = site.tag("VIP")
    change = change_of(site, add_tags=("renewal-risk", "vip"), note="Call", fields={"Workflow": "Exports"})
    assert intercom(proving).write(change).state == "done"
    assert intercom(proving).write(change).state == "already"
    conversation = site.nth(0)
    assert [each["name"] for each in conversation["tags"]["tags"]] == ["renewal-risk", "VIP"]
    assert known in [each["id"] for each in conversation["tags"]["tags"]]
    assert conversation["custom_attributes"] == {"Workflow": "Exports"}
    assert len(notes(site)) == 1


def test_a_note_whose_answer_was_lost_is_not_written_again(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, note="Call")
    proving.loopback.plan.faults = {3: "dropped"}
    with pytest.raises(Retriable):
        intercom(proving).write(change)
    assert intercom(proving).write(change).state == "already"
    assert len(notes(site)) == 1


def test_a_newer_value_of_the_attribute_stands(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, note="Call", fields={"Workflow": "Exports"})
    site.set_attribute(change.ticket_ref, "Workflow", "Billing")
    written = intercom(proving).write(change)
    assert (written.state, written.requests) == ("stepped_back", ())
    assert "Workflow was changed at" in written.because
    assert site.nth(0)["custom_attributes"] == {"Workflow": "Billing"}


def test_a_newer_change_of_something_else_is_no_hindrance(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, note="Call", fields={"Workflow": "Exports"})
    site.set_attribute(change.ticket_ref, "Mood", "bad")
    site.say(change.ticket_ref, "Hello?", _USER)
    assert intercom(proving).write(change).state == "done"
    assert site.nth(0)["custom_attributes"] == {"Mood": "bad", "Workflow": "Exports"}


def test_a_priority_that_cannot_be_set_is_said_so(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    written = intercom(proving).write(change_of(site, priority="urgent"))
    assert (written.state, written.because) == (
        "stepped_back",
        "Intercom's API cannot set the priority of a conversation",
    )
    written = intercom(proving).write(change_of(site, priority="urgent", note="Call"))
    assert (written.state, len(notes(site))) == ("done", 1)
    assert "cannot set the priority" in written.because


def call(topic: str, item: Any, *, secret: str = WEBHOOK_SECRET, body: bytes | None = None) -> WebhookCall:
    """A webhook; it is signed before its body is replaced by `body`."""
    event = {"type": "notification_event", "topic": topic, "created_at": 1772438400, "data": {"item": item}}
    sent = json.dumps(event).encode()
    headers = {"x-hub-signature": "sha1=" + hmac_bytes(secret, sent, "sha1").hex()}
    return WebhookCall("POST", "/hooks/helm", headers, body or sent, START_OF_TIME)


def received(proving: Proving, webhook: WebhookCall) -> Page:
    page = intercom(proving).receive(webhook)
    take(proving.store, SOURCE, page, proving.clock.now)
    return page


def test_a_webhook_s_signature_is_the_published_one() -> None:
    assert hmac_bytes("key", b"The quick brown fox jumps over the lazy dog", "sha1").hex() == (
        "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"
    )


def test_a_webhook_brings_what_a_pull_would(site: IntercomSite, proving: Proving) -> None:
    site.add(2)
    for conversation in site.conversations.values():
        received(proving, call("conversation.user.replied", {"type": "conversation", "id": conversation["id"]}))
    proving.assert_same()


def test_a_webhook_of_a_company_brings_the_company(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    key = next(iter(site.companies))
    received(proving, call("company.updated", {"type": "company", "id": key}))
    assert list(brought(proving, "party")) == [key]


@pytest.mark.parametrize(
    "webhook",
    [
        call("conversation.user.created", {"id": "1"}, body=b'{"topic": "conversation.user.created"}'),
        call("conversation.user.created", {"id": "1"}, secret="guessed"),
        WebhookCall("POST", "/", {}, b"{}", START_OF_TIME),
    ],
    ids=["tampered", "another secret", "unsigned"],
)
def test_a_webhook_that_we_cannot_trust_is_refused(proving: Proving, webhook: WebhookCall) -> None:
    with pytest.raises(SignatureRejected):
        intercom(proving).receive(webhook)
    assert proving.loopback.requests == []


def test_without_a_secret_no_webhook_is_believed(proving: Proving) -> None:
    proving.secrets.held["webhook_secret"] = ""
    with pytest.raises(SignatureRejected):
        intercom(proving).receive(call("conversation.user.created", {"id": "1"}, secret=""))


def test_a_webhook_that_is_replayed_brings_what_is_true_today(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    webhook = call("conversation.admin.closed", {"type": "conversation", "id": site.nth(0)["id"], "state": "closed"})
    proving.sync_well()
    site.clock.pass_by(days=30)
    site.change(0)
    received(proving, webhook)
    proving.assert_same()


def test_an_older_version_that_arrives_last_undoes_nothing(site: IntercomSite, proving: Proving) -> None:
    site.add(1)
    late = intercom(proving).receive(call("conversation.user.created", {"id": site.nth(0)["id"]}))
    site.change(0)
    proving.sync_well()
    take(proving.store, SOURCE, late, proving.clock.now)
    proving.assert_same()


def test_a_deletion_is_taken_over_and_its_conversation_does_not_come_back(site: IntercomSite, proving: Proving) -> None:
    site.add(2)
    proving.sync_well()
    late = intercom(proving).receive(call("conversation.user.created", {"id": site.nth(0)["id"]}))
    key = site.nth(0)["id"]
    del site.conversations[key]
    deleted = call("conversation.deleted", {"id": key})
    event = json.loads(deleted.body) | {"created_at": int(site.clock.now().timestamp())}
    body = json.dumps(event).encode()
    signed = {"x-hub-signature": "sha1=" + hmac_bytes(WEBHOOK_SECRET, body, "sha1").hex()}
    received(proving, WebhookCall("POST", "/hooks/helm", signed, body, site.clock.now()))
    take(proving.store, SOURCE, late, proving.clock.now)
    assert list(brought(proving, "ticket")) == [site.nth(0)["id"]]


def test_a_conversation_that_is_deleted_before_it_is_read_goes(site: IntercomSite, proving: Proving) -> None:
    site.add(3)
    proving.sync_well()
    site.change(0)
    key = site.nth(0)["id"]
    answer = site.answer

    def deleting(request: Request) -> Reply:
        if request.path == f"/conversations/{key}":
            site.conversations.pop(key, None)
        return answer(request)

    site.answer = deleting  # type: ignore[method-assign]
    proving.sync_well()
    assert key not in brought(proving, "ticket")
    assert len(brought(proving, "ticket")) == 2


@pytest.mark.parametrize("topic", ["contact.created", "ping", ""])
def test_a_webhook_about_something_else_is_remarked_on(proving: Proving, topic: str) -> None:
    page = intercom(proving).receive(call(topic, {"id": "1"}))
    assert (len(page.found), page.complete) == (0, True)
    assert "Keepline does not use" in page.remarks[0]


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b'{"topic": "conversation.user.created", "data": {}}'])
def test_a_webhook_that_cannot_be_read_is_remarked_on(proving: Proving, body: bytes) -> None:
    headers = {"x-hub-signature": "sha1=" + hmac_bytes(WEBHOOK_SECRET, body, "sha1").hex()}
    page = intercom(proving).receive(WebhookCall("POST", "/", headers, body, START_OF_TIME))
    assert "cannot be read" in page.remarks[0]
