"""Help Scout: what its words mean, how its lists are walked, how it is written to and how it calls."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Page, TicketChange, WebhookCall
from connectors.raw import Reading
from connectors.signatures import SignatureRejected, hmac_bytes
from connectors.vendors.helpscout.pulling import HelpScout
from connectors.vendors.helpscout.reading import ConversationReader
from domain.errors import ConnectorError, CredentialsRejected, Retriable
from jobs.sync import take
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.nonsense import spoiled
from tests.connectors.sites.helpscout import HelpScoutSite
from tests.connectors.vendors.looking import brought, connector_of

_CUSTOMER = {"id": 5, "type": "customer"}
_AGENT = {"id": 7, "type": "user"}


@pytest.fixture
def site() -> HelpScoutSite:
    return HelpScoutSite(SiteClock(START_OF_TIME))


def help_scout(proving: Proving) -> HelpScout:
    return connector_of(proving, HelpScout)


def a_conversation(site: HelpScoutSite, **fields: Any) -> int:
    """A new conversation with these fields."""
    key = site.make(site.clock.pass_by(seconds=7))
    site.conversations[key] |= fields
    return key


def only_ticket(proving: Proving) -> Mapping[str, Any]:
    """Sync, and the one ticket that there is then."""
    proving.sync_well()
    (ticket,) = brought(proving, "ticket").values()
    return ticket


def test_the_first_sync_fetches_a_token(site: HelpScoutSite, proving: Proving) -> None:
    a_conversation(site)
    del proving.secrets.held["access_token"]
    proving.sync_well()
    assert proving.secrets.held["access_token"].startswith("hs-token-")
    assert (proving.secrets.rotations, proving.loopback.requests[0].path) == (1, "/v2/oauth2/token")


def test_a_wrong_app_secret_is_named_though_help_scout_answers_400(site: HelpScoutSite, proving: Proving) -> None:
    proving.secrets.held |= {"access_token": "old", "app_secret": "no longer right"}
    done = proving.sync()
    assert isinstance(done.error, CredentialsRejected)
    assert "the secret of the app hs-app" in str(done.error)
    assert "no longer right" not in str(done.error)


@pytest.mark.parametrize("header", ["X-RateLimit-Retry-After", "Retry-After"])
def test_the_wait_is_read_from_either_header(site: HelpScoutSite, proving: Proving, header: str) -> None:
    limits = help_scout(proving).http.limits
    assert limits.retry_after({header: "17"}, site.clock.now()) == timedelta(seconds=17)


def test_threads_say_who_spoke_and_who_may_read_it(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    spoken = {
        site.say(key, "customer", "And now?", by=_CUSTOMER): ("customer", True),
        site.say(key, "message", "Done.", by=_AGENT): ("agent", True),
        site.say(key, "note", "Again.", by=_AGENT): ("agent", False),
        site.say(key, "forwardparent", "To the bank.", by=_AGENT): ("agent", False),
        site.say(key, "chat", "Hi", by={"id": 5, "type": "customer"}): ("customer", True),
        site.say(key, "phone", "They called.", by=_AGENT): ("agent", True),
        site.say(key, "message", "Withdrawn.", by=_AGENT, state="hidden"): ("agent", False),
        site.say(key, "hologram", "?", by={"id": 0, "type": "oracle"}): ("system", True),
        site.say(key, "message", "We have it.", by=_AGENT, source={"type": "workflows", "via": "user"}): ("bot", True),
        site.say(key, "message", "Try this.", by={"id": 9, "type": "system_user"}): ("bot", True),
    }
    proving.sync_well()
    messages = brought(proving, "message")
    assert {each: (messages[str(each)]["author_kind"], messages[str(each)]["public"]) for each in spoken} == spoken


def test_a_draft_is_nobody_s_business_yet(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    draft = site.say(key, "message", "We are sorry", by=_AGENT, state="draft")
    a_conversation(site, state="draft")
    assert only_ticket(proving)["first_replied_at"] is None
    assert str(draft) not in brought(proving, "message")


def test_the_first_reply_is_the_agent_s_first_message(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    site.say(key, "note", "Again.", by=_AGENT)
    site.say(key, "message", "Looking.", by=_AGENT)
    replied_at = site.clock.now()
    site.say(key, "message", "Done.", by=_AGENT)
    assert only_ticket(proving)["first_replied_at"] == replied_at


def test_history_is_read_from_what_each_thread_changed(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    site.set_status(key, "pending")
    site.say(key, "message", "Please try.", by=_AGENT, status="pending")
    site.set_status(key, "closed")
    site.say(key, "lineitem", "", by=_AGENT, assignedTo={"id": 8, "email": "other@acme.example"})
    proving.sync_well()
    told = [(each["kind"], each["from_value"], each["to_value"]) for each in brought(proving, "ticket_event").values()]
    assert sorted(told) == [("assignee", "7", "8"), ("status", "open", "pending"), ("status", "pending", "closed")]


def test_a_conversation_whose_first_thread_says_no_status_began_open(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    site.threads[key][0]["status"] = "nochange"
    site.set_status(key, "pending")
    proving.sync_well()
    (told,) = brought(proving, "ticket_event").values()
    assert (told["from_value"], told["to_value"]) == ("open", "pending")


def test_what_a_workflow_sends_is_no_first_reply(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    site.say(key, "message", "We have it.", by=_AGENT, source={"type": "workflows", "via": "user"})
    assert only_ticket(proving)["first_replied_at"] is None


def test_the_team_is_the_inbox_whatever_is_mapped(site: HelpScoutSite, proving: Proving) -> None:
    proving.fields = {"ticket.workflow": "Product"}
    key = a_conversation(site, customFields=[{"id": 42, "name": "Product", "value": "Exports"}])
    other = a_conversation(site, mailboxId=99)
    proving.sync_well()
    tickets = brought(proving, "ticket")
    assert (tickets[str(key)]["team"], tickets[str(key)]["workflow"]) == ("Support", "Exports")
    assert tickets[str(other)]["team"] == "99"
    assert len([each for each in proving.loopback.requests if each.path == "/v2/mailboxes"]) == 1


def test_threads_that_a_list_leaves_out_are_fetched(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    for number in range(12):
        site.say(key, "customer", f"Again {number}", by=_CUSTOMER)
    site.embedded_threads = 3
    proving.sync_well()
    assert len(brought(proving, "message")) == 13


def test_the_company_is_the_domain_or_what_the_customer_s_entry_says(site: HelpScoutSite, proving: Proving) -> None:
    known, freemail, listed, nobody = (a_conversation(site) for _ in range(4))
    for key, email in ((known, "who@known.example"), (freemail, "who@gmail.com"), (listed, "who@web.de")):
        site.conversations[key]["primaryCustomer"]["email"] = email
    site.conversations[nobody]["primaryCustomer"]["email"] = "who@gmail.com"
    asks = {key: site.customers[site.conversations[key]["primaryCustomer"]["id"]] for key in site.conversations}
    asks[freemail] |= {"organization": "Acme Ltd", "organizationId": None, "_embedded": {"emails": []}}
    asks[listed]["_embedded"] = {"emails": [{"id": 1, "value": "w@listed.example", "type": "work"}]}
    asks[nobody]["_embedded"] = {"emails": []}
    proving.sync_well()
    whose = {int(key): each["account_ref"] for key, each in brought(proving, "ticket").items()}
    assert whose == {
        known: "domain:known.example", freemail: "organization:acme ltd", listed: "domain:listed.example", nobody: None,
    }  # fmt: skip
    assert brought(proving, "party")["organization:acme ltd"]["name"] == "Acme Ltd"


def test_priority_and_workflow_may_be_custom_fields(site: HelpScoutSite, proving: Proving) -> None:
    proving.fields = {"ticket.priority": "Urgency", "ticket.workflow": "42"}
    urgency = {"id": 41, "name": "Urgency", "value": "92", "text": "Urgent"}
    a_conversation(site, customFields=[urgency, {"id": 42, "name": "Product", "value": "Payments"}])
    ticket = only_ticket(proving)
    assert (ticket["priority"], ticket["workflow"]) == ("urgent", "Payments")


def test_a_conversation_that_was_no_spam_comes_back(site: HelpScoutSite, proving: Proving) -> None:
    site.add(2)
    proving.sync_well()
    site.delete(0)
    proving.sync_well()
    site.set_status(min(site.conversations), "active")
    proving.sync_well()
    assert len(brought(proving, "ticket")) == 2


@pytest.mark.parametrize("before", range(2, 6))
def test_a_change_in_mid_walk_moves_nothing_to_a_page_that_was_read(
    site: HelpScoutSite, proving: Proving, before: int
) -> None:
    for _ in range(13):
        a_conversation(site)
        site.clock.pass_by(minutes=20)

    def happens() -> None:
        site.change(0)
        site.clock.pass_by(minutes=1)

    proving.loopback.plan.before = {before: happens}
    proving.sync_well()
    proving.loopback.reset()
    proving.sync_well()
    proving.assert_same()


@pytest.mark.parametrize("before", range(2, 6))
@pytest.mark.parametrize("many", [1, 6])
def test_what_a_deletion_in_mid_walk_moves_to_the_front_is_read(
    site: HelpScoutSite, proving: Proving, before: int, many: int
) -> None:
    for _ in range(23):
        a_conversation(site)
        site.clock.pass_by(minutes=20)
    first = sorted(site.conversations)[:many]

    def happens() -> None:
        for key in first:
            site.remove(key)

    proving.loopback.plan.before = {before: happens}
    proving.sync_well()
    assert {str(key) for key in site.conversations} <= brought(proving, "ticket").keys()


def test_without_reports_there_are_no_ratings_and_no_error(site: HelpScoutSite, proving: Proving) -> None:
    site.has_reports = False
    site.add(3)
    done = proving.sync_well()
    assert [each for each in done.remarks if each.startswith("no ratings")]
    assert help_scout(proving).check().missing[0].startswith("reports")
    site.has_reports = True
    proving.sync_well()
    proving.assert_same()


def test_a_report_may_name_ratings_by_their_id(site: HelpScoutSite, proving: Proving) -> None:
    site.add(3)
    site.reports_ids = True
    proving.sync_well()
    proving.assert_same()


def test_a_rating_that_is_changed_a_day_later_is_read_again(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    rating = site.rate(key, "great")
    proving.sync_well()
    site.clock.pass_by(days=1)
    site.rate(a_conversation(site), "great")
    proving.sync_well()
    site.ratings[rating] |= {"rating": "not_good", "comments": "It is back."}
    proving.sync_well()
    proving.assert_same()


def change_of(site: HelpScoutSite, **wanted: Any) -> TicketChange:
    """A change that was decided just now, for the oldest conversation."""
    return TicketChange(str(min(site.conversations)), "renewal-save:1", site.clock.now(), **wanted)


def test_the_plan_shows_the_requests_and_sends_nothing(site: HelpScoutSite, proving: Proving) -> None:
    proving.fields = {"ticket.priority": "Urgency"}
    key = a_conversation(site, customFields=[{"id": 42, "name": "Product", "value": "Payments"}])
    change = change_of(site, priority="urgent", add_tags=("renewal-risk",), note="Call them:\nA & B.")
    fields, tags, note = help_scout(proving).plan(change)
    assert [(each.method, each.path) for each in (fields, tags, note)] == [
        ("PUT", f"/v2/conversations/{key}/fields"),
        ("PUT", f"/v2/conversations/{key}/tags"),
        ("POST", f"/v2/conversations/{key}/notes"),
    ]
    assert fields.body == {"fields": [{"id": 42, "value": "Payments"}, {"id": 41, "value": "92"}]}
    assert tags.body == {"tags": ["export", "renewal-risk"]}
    assert note.body["text"].startswith("Call them:<br>A &amp; B.<br>")
    assert {each.method for each in proving.loopback.requests} == {"GET"}


def test_a_change_is_written_once(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    change = change_of(site, add_tags=("renewal-risk",), note="Call them.", fields={"Product": "Payments"})
    assert help_scout(proving).write(change).state == "done"
    assert help_scout(proving).write(change).state == "already"
    conversation = site.conversations[key]
    assert [each["tag"] for each in conversation["tags"]] == ["export", "renewal-risk"]
    assert [each["value"] for each in conversation["customFields"]] == ["Payments"]
    assert [each["type"] for each in site.threads[key]] == ["customer", "note"]


def test_a_note_whose_answer_was_lost_is_not_written_again(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    change = change_of(site, note="Call them.")
    help_scout(proving).plan(change)
    proving.loopback.plan.faults = {2 * len(proving.loopback.requests) + 1: "dropped"}
    with pytest.raises(Retriable):
        help_scout(proving).write(change)
    assert help_scout(proving).write(change).state == "already"
    assert [each["type"] for each in site.threads[key]] == ["customer", "note"]


def test_an_agent_s_newer_change_stands(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    change = change_of(site, fields={"Product": "Payments"}, note="Call them.")
    site.set_fields(key, [{"id": 42, "value": "Exports"}])
    written = help_scout(proving).write(change)
    assert (written.state, written.requests) == ("stepped_back", ())
    assert site.conversations[key]["customFields"][0]["value"] == "Exports"
    assert len(site.threads[key]) == 1


def test_a_note_and_a_tag_overwrite_nothing_and_need_not_step_back(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    change = change_of(site, add_tags=("renewal-risk",), note="Call them.")
    site.set_status(key, "pending")
    assert help_scout(proving).write(change).state == "done"


def test_spam_is_left_alone(site: HelpScoutSite, proving: Proving) -> None:
    site.set_status(a_conversation(site), "spam")
    written = help_scout(proving).write(change_of(site, note="Call them."))
    assert (written.state, "spam" in written.because) == ("stepped_back", True)


def test_a_priority_that_has_no_place_is_said(site: HelpScoutSite, proving: Proving) -> None:
    a_conversation(site)
    alone = help_scout(proving).write(change_of(site, priority="urgent"))
    with_note = help_scout(proving).write(change_of(site, priority="urgent", note="Call them."))
    assert (alone.state, with_note.state) == ("stepped_back", "done")
    assert "map ticket.priority" in alone.because
    assert "map ticket.priority" in with_note.because


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"Colour": "red"}, "no custom field 'Colour'"), ({"Urgency": "soon"}, "no option 'soon'; it has Low, Urgent")],
)
def test_what_cannot_be_written_says_why(site: HelpScoutSite, proving: Proving, fields: Any, says: str) -> None:
    a_conversation(site)
    with pytest.raises(ConnectorError, match=says):
        help_scout(proving).plan(change_of(site, fields=fields))


def a_call(site: HelpScoutSite, event: str, told: dict[str, Any], signed_with: str = "hs-hook-secret") -> WebhookCall:
    body = json.dumps(told).encode()
    signature = b64encode(hmac_bytes(signed_with, body, "sha1")).decode()
    headers = {"x-helpscout-event": event, "x-helpscout-signature": signature}
    return WebhookCall("POST", "https://keepline.acme.example/hooks/helm", headers, body, site.clock.now())


def took(proving: Proving, page: Page) -> None:
    take(proving.store, SOURCE, page, proving.clock.now)


def test_a_webhook_brings_what_a_pull_would_bring(site: HelpScoutSite, proving: Proving) -> None:
    site.add(5)
    for key in site.conversations:
        took(proving, help_scout(proving).receive(a_call(site, "convo.created", {"id": key})))
    for rating in site.ratings:
        took(proving, help_scout(proving).receive(a_call(site, "satisfaction.ratings", {"id": rating})))
    proving.assert_same()
    assert proving.sync_well().changed == 0


@pytest.mark.parametrize("what", ["body", "secret", "signature"])
def test_a_call_that_help_scout_did_not_sign_is_refused(site: HelpScoutSite, proving: Proving, what: str) -> None:
    signed_with = "a guess" if what == "secret" else "hs-hook-secret"
    call = a_call(site, "convo.created", {"id": a_conversation(site)}, signed_with)
    body = call.body + b" " if what == "body" else call.body
    headers = {} if what == "signature" else call.headers
    with pytest.raises(SignatureRejected):
        help_scout(proving).receive(replace(call, body=body, headers=headers))
    assert not proving.loopback.requests


def test_an_older_call_that_comes_last_undoes_nothing(site: HelpScoutSite, proving: Proving) -> None:
    key = a_conversation(site)
    older = help_scout(proving).receive(a_call(site, "convo.created", {"id": key}))
    site.change(0)
    took(proving, help_scout(proving).receive(a_call(site, "convo.status", {"id": key})))
    took(proving, older)
    proving.assert_same()


def test_a_deleted_conversation_goes(site: HelpScoutSite, proving: Proving) -> None:
    site.add(3)
    proving.sync_well()
    key = min(site.conversations)
    site.remove(key)
    took(proving, help_scout(proving).receive(a_call(site, "convo.deleted", {"id": key})))
    assert sorted(brought(proving, "ticket")) == sorted(site.facts()["ticket"])


def test_a_repeated_deletion_does_not_remove_what_was_restored(site: HelpScoutSite, proving: Proving) -> None:
    site.add(1)
    proving.sync_well()
    took(proving, help_scout(proving).receive(a_call(site, "convo.deleted", {"id": min(site.conversations)})))
    proving.assert_same()


def test_a_merged_conversation_leads_to_the_one_that_stays(site: HelpScoutSite, proving: Proving) -> None:
    site.add(2)
    proving.sync_well()
    away, stays = sorted(site.conversations)
    site.merged[away] = stays
    site.remove(away)
    took(proving, help_scout(proving).receive(a_call(site, "convo.merged", {"id": away})))
    assert list(brought(proving, "ticket")) == [str(stays)]


def test_a_merged_conversation_goes_without_a_webhook_too(site: HelpScoutSite, proving: Proving) -> None:
    site.add(3)
    proving.sync_well()
    away, stays, _ = sorted(site.conversations)
    site.merge(away, stays)
    proving.sync_well()
    proving.assert_same()
    proving.assert_nothing_waits()


def test_a_merge_that_names_a_conversation_which_is_still_there_takes_nothing_away(
    site: HelpScoutSite, proving: Proving
) -> None:
    site.add(2)
    other, stays = sorted(site.conversations)
    told = {"type": "merged", "associatedEntities": {"originalConversation": other, "user": 7}}
    site.say(stays, "lineitem", "", by=_AGENT, action=told)
    proving.sync_well()
    proving.assert_same()
    assert len([each for each in proving.loopback.requests if each.path.endswith(f"/{other}")]) == 1


def test_calls_about_other_things_are_remarked_on(site: HelpScoutSite, proving: Proving) -> None:
    page = help_scout(proving).receive(a_call(site, "tag.created", {"id": 1}))
    assert (len(page.found), len(page.gone), len(page.remarks)) == (0, 0, 1)


def test_whatever_stands_in_a_field_the_rest_goes_on(site: HelpScoutSite, proving: Proving) -> None:
    proving.fields = {"ticket.priority": "Urgency"}
    key = a_conversation(site, customFields=[{"id": 41, "name": "Urgency", "value": "92", "text": "Urgent"}])
    site.set_status(key, "pending")
    whole = {**site.conversations[key], "_embedded": {"threads": site.threads[key]}}
    reader = ConversationReader(help_scout(proving).http, help_scout(proving).site)
    for variant in spoiled(whole):
        reading = Reading()
        reader.read(reading, [], [variant, whole])
        assert [found for found in reading.found if found.fact.external_id == str(key)], variant


def test_the_fields_that_can_be_mapped_are_the_inboxes_own(site: HelpScoutSite, proving: Proving) -> None:
    assert [each.name for each in help_scout(proving).site_fields()] == ["Urgency", "Product"]
