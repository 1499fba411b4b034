"""Request Tracker: what its log tells, what its words mean, and how a ticket is changed safely."""

from typing import Any

import pytest

from connectors.contract import START, Site, TicketChange
from connectors.vendors.request_tracker import VENDOR
from connectors.vendors.request_tracker.priorities import Bands
from connectors.vendors.request_tracker.pulling import RequestTracker
from domain.errors import ConfigError, ConnectorError, CredentialsRejected, Retriable
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, MemorySecrets, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.sites.request_tracker import RequestTrackerSite
from tests.connectors.vendors.looking import brought, connector_of

_MAPPING = {
    "ticket.customer": "Customer",
    "ticket.tags": "Tags",
    "ticket.workflow": "Renewal",
    "ticket.pending_statuses": "with customer, parked",
    "ticket.on_hold_statuses": "with supplier",
}


@pytest.fixture
def site() -> RequestTrackerSite:
    return RequestTrackerSite(SiteClock(START_OF_TIME))


@pytest.fixture
def mapped(site: RequestTrackerSite, proving: Proving) -> Proving:
    proving.fields = _MAPPING
    site.open_ticket(site.clock.pass_by(seconds=7))
    return proving


def tracker(proving: Proving) -> RequestTracker:
    return connector_of(proving, RequestTracker)


def opened_by_token(site: RequestTrackerSite, token: str) -> RequestTracker:
    connector = VENDOR.open(Site(SOURCE, {"url": site.url}, MemorySecrets({"password": token}), site.clock))
    assert isinstance(connector, RequestTracker)
    return connector


def change_of(site: RequestTrackerSite, **wanted: Any) -> TicketChange:
    """A change that was decided just now, for the oldest ticket."""
    return TicketChange(str(site.nth(0)["id"]), "renewal-save:1", site.clock.now(), **wanted)


def sent(proving: Proving) -> list[tuple[str, str]]:
    """What was asked to be changed, in order."""
    written = [each for each in proving.loopback.requests if each.method != "GET"]
    return [(each.method, each.path.removeprefix("/REST/2.0")) for each in written]


def notes(site: RequestTrackerSite) -> list[str]:
    """The internal notes of the oldest ticket that Keepline wrote."""
    own = [number for number, each in site.log.items() if (each["ObjectId"], each["Creator"]) == (1, "keepline")]
    parts = [each for each in site.attachments.values() if each["TransactionId"] in own and not each["Filename"]]
    return [each["Content"] for each in parts if each["ContentType"] == "text/plain"]


# Reading


def test_a_token_says_whose_it_is(site: RequestTrackerSite, proving: Proving) -> None:
    assert opened_by_token(site, "1-61-0123456789abcdef").check().identity == "keepline"


def test_a_wrong_token_is_named_and_not_said(site: RequestTrackerSite, proving: Proving) -> None:
    with pytest.raises(CredentialsRejected, match="the token was refused") as refused:
        opened_by_token(site, "1-61-ffff").check()
    assert "ffff" not in str(refused.value)


def test_no_date_is_ever_sent_because_its_time_zone_is_the_user_s(site: RequestTrackerSite, proving: Proving) -> None:
    site.add(3)
    proving.sync_well()
    site.change(0)
    proving.sync_well()
    asked = " ".join(query for each in proving.loopback.requests for query in each.query.values())
    assert "2026" not in asked


def test_a_transaction_that_ends_after_a_later_one_is_read(site: RequestTrackerSite, proving: Proving) -> None:
    """Its id is lower than the last one that was read."""
    site.add(3)
    began, reserved = site.clock.pass_by(seconds=7), site.reserve()
    site.add(2)
    proving.sync_well()
    late = site.open_ticket(began, reserved=reserved)
    proving.sync_well()
    assert str(late["id"]) in brought(proving, "ticket")
    proving.assert_same()


def test_an_incremental_sync_reads_only_the_end_of_the_log(site: RequestTrackerSite, proving: Proving) -> None:
    site.page_size = 100
    site.add(30)
    site.clock.pass_by(hours=1)
    site.change(0)
    first = proving.sync_well()
    assert (first.read, proving.sync_well().read) == (61, 1)


def test_a_user_who_is_told_no_totals_reads_all_the_same(site: RequestTrackerSite, proving: Proving) -> None:
    site.is_superuser = False
    site.add(8)
    proving.sync_well()
    proving.assert_same()


def test_more_hidden_lines_than_a_page_holds_do_not_end_the_walk(site: RequestTrackerSite, proving: Proving) -> None:
    site.is_superuser, site.hidden = False, {"Comment"}
    site.add(2)
    for _ in range(3 * site.page_size):
        site.say(1, "kim", "Comment", "Looking.", site.clock.pass_by(seconds=7))
    site.add(2)
    proving.sync_well()
    assert sorted(brought(proving, "ticket")) == ["1", "2", "3", "4"]


def test_a_merged_ticket_goes_and_its_words_move(site: RequestTrackerSite, proving: Proving) -> None:
    site.add(7)
    proving.sync_well()
    site.clock.pass_by(hours=1)
    site.merge(1, into=2)
    site.merge(2, into=4)
    proving.sync_well()
    assert sorted(brought(proving, "ticket")) == ["3", "4", "5", "6", "7"]
    proving.assert_same()
    proving.assert_nothing_waits()


def test_what_was_merged_before_the_first_sync_is_read_where_it_is_now(
    site: RequestTrackerSite, proving: Proving
) -> None:
    site.add(4)
    site.merge(1, into=4)
    proving.sync_well()
    proving.assert_same()
    proving.assert_nothing_waits()


def test_a_ticket_that_comes_back_from_the_deleted_comes_with_its_words(
    site: RequestTrackerSite, proving: Proving
) -> None:
    site.add(3)
    proving.sync_well()
    site.delete(0)
    proving.sync_well()
    assert "1" not in brought(proving, "ticket")
    site.clock.pass_by(hours=1)
    site.set(1, "Status", "open", "kim")
    proving.sync_well()
    assert {each["text"] for each in brought(proving, "message").values() if each["ticket_ref"] == "1"} == {
        "It fails.",
        "Looking.",
    }


def test_what_is_no_ticket_of_a_customer_is_left_out(site: RequestTrackerSite, proving: Proving) -> None:
    site.add(2)
    site.tickets[1]["Type"] = "reminder"
    proving.sync_well()
    assert sorted(brought(proving, "ticket")) == ["2"]
    proving.assert_nothing_waits()


def test_the_written_text_is_read_and_the_file_beside_it_is_not(site: RequestTrackerSite, proving: Proving) -> None:
    site.add(1)
    plain = site.say(1, "kim", "Correspond", "Mended.", site.clock.pass_by(seconds=7))
    rich = site.say(1, "kim", "Correspond", "Truly.", site.clock.pass_by(seconds=7), html=True)
    proving.sync_well()
    read = brought(proving, "message")
    assert [read[str(number)]["text"] for number in (plain, rich)] == ["Mended.", "Truly."]
    assert "Content" not in proving.loopback.requests[3].query["fields"].split(",")


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ("Subject: Away\nAuto-Submitted: auto-replied\nMessage-Id: <1@example.com>\n", True),
        ("Subject: Export\nAuto-Submitted: no\n", False),
        ("Subject: Export\nMessage-Id: <1@example.com>\n", None),
        ("", None),
        ("no header at all", None),
    ],
)
def test_a_mail_s_headers_tell_whether_a_person_wrote_it(
    site: RequestTrackerSite, proving: Proving, headers: str, automatic: bool | None
) -> None:
    site.add(1)
    at = site.clock.pass_by(seconds=7)
    number = site.say(1, "asker@customer1.example", "Correspond", "I am away.", at, headers=headers)
    proving.sync_well()
    assert brought(proving, "message")[str(number)]["automatic"] is automatic


@pytest.mark.parametrize(
    ("who", "kind"), [("kim", "agent"), ("colleague@customer1.example", "customer"), ("RT_System", "system")]
)
def test_who_is_privileged_is_an_agent(site: RequestTrackerSite, proving: Proving, who: str, kind: str) -> None:
    site.add(1)
    number = site.say(1, who, "Correspond", "Any news?", site.clock.pass_by(seconds=7))
    proving.sync_well()
    assert brought(proving, "message")[str(number)]["author_kind"] == kind


def test_an_agent_who_asks_for_something_is_a_customer_there(site: RequestTrackerSite, proving: Proving) -> None:
    site.add(1)
    site.tickets[1]["Requestor"].append("kim")
    number = site.say(1, "kim", "Correspond", "Any news?", site.clock.pass_by(seconds=7))
    proving.sync_well()
    assert brought(proving, "message")[str(number)]["author_kind"] == "customer"


def test_a_freemail_address_makes_no_company(site: RequestTrackerSite, proving: Proving) -> None:
    site.add(2)
    site.tickets[1]["Requestor"] = ["someone@gmail.com"]
    site.tickets[2]["Requestor"] = ["someone@gmail.com", "kim@customer7.example"]
    proving.sync_well()
    tickets = brought(proving, "ticket")
    assert [tickets[key]["account_ref"] for key in ("1", "2")] == [None, "domain:customer7.example"]


def test_history_is_told_in_keepline_s_words(site: RequestTrackerSite, proving: Proving) -> None:
    site.add(1)
    site.set(1, "Status", "stalled", "kim")
    site.set(1, "Priority", 100, "kim")
    site.set(1, "Priority", 120, "kim")
    site.set(1, "Owner", "kim", "kim")
    site.set(1, "Queue", 1, "kim")
    proving.sync_well()
    told = [
        (each["kind"], each["from_value"], each["to_value"])
        for _, each in sorted(brought(proving, "ticket_event").items())
    ]
    assert told == [
        ("status", "new", "pending"),
        ("priority", "low", "urgent"),
        ("assignee", None, "kim"),
        ("group", "3", "1"),
    ]
    assert brought(proving, "ticket")["1"]["assignee"] == "kim"


@pytest.mark.parametrize("resolves", [False, True])
def test_a_status_that_nobody_mapped_means_in_the_history_what_it_means_of_the_ticket(
    site: RequestTrackerSite, proving: Proving, resolves: bool
) -> None:
    site.add(1)
    site.set(1, "Status", "stalled", "kim")
    site.set(1, "Status", "shipped", "kim")
    site.tickets[1]["Resolved"] = site.tickets[1]["LastUpdated"] if resolves else "1970-01-01T00:00:00Z"
    remarks = proving.sync_well().remarks
    told = [each["to_value"] for _, each in sorted(brought(proving, "ticket_event").items())]
    status = "solved" if resolves else "open"
    assert told == ["pending", status]
    assert brought(proving, "ticket")["1"]["status"] == status
    assert any("'shipped' is new to Keepline" in each for each in remarks)


def test_a_mapped_status_is_one_in_the_history_too(site: RequestTrackerSite, mapped: Proving) -> None:
    site.set(1, "Status", "parked", "kim")
    site.set(1, "Status", "stalled", "kim")
    mapped.sync_well()
    told = [(each["from_value"], each["to_value"]) for each in brought(mapped, "ticket_event").values()]
    assert told == [("new", "pending")]


def test_a_priority_that_is_no_number_is_none(site: RequestTrackerSite, proving: Proving) -> None:
    site.add(1)
    number = site.record(1, "Set", "kim", site.clock.pass_by(seconds=7), "Priority", "50", "Medium")
    proving.sync_well()
    event = brought(proving, "ticket_event")[str(number)]
    assert (event["from_value"], event["to_value"]) == ("normal", None)


def test_the_status_of_a_ticket_that_was_merged_away_is_not_that_of_the_other(
    site: RequestTrackerSite, proving: Proving
) -> None:
    site.add(2)
    site.set(1, "Status", "stalled", "kim")
    site.set(2, "Status", "open", "kim")
    proving.sync_well()
    site.clock.pass_by(hours=1)
    site.merge(1, into=2)
    proving.sync_well()
    events = brought(proving, "ticket_event").values()
    assert [(each["ticket_ref"], each["to_value"]) for each in events] == [("2", "open")]
    assert len(brought(proving, "message")) == 4


def test_a_resolved_ticket_says_since_when_and_a_reopened_one_does_not(
    site: RequestTrackerSite, proving: Proving
) -> None:
    site.add(2)
    site.set(1, "Status", "resolved", "kim")
    resolved_at = site.clock.now()
    site.set(2, "Status", "resolved", "kim")
    site.set(2, "Status", "open", "kim")
    proving.sync_well()
    tickets = brought(proving, "ticket")
    assert [tickets[key]["resolved_at"] for key in ("1", "2")] == [resolved_at, None]


@pytest.mark.parametrize(
    ("word", "status"), [("parked", "pending"), ("with supplier", "on_hold"), ("rejected", "closed"), ("odd", "open")]
)
def test_a_status_of_the_site_s_own_means_what_the_mapping_says(
    site: RequestTrackerSite, mapped: Proving, word: str, status: str
) -> None:
    site.set(1, "Status", word, "kim")
    mapped.sync_well()
    assert brought(mapped, "ticket")["1"]["status"] == status


def test_custom_fields_name_the_customer_the_workflow_and_the_tags(site: RequestTrackerSite, mapped: Proving) -> None:
    site.set(1, "Customer", "ACME-17", "kim")
    site.set(1, "Tags", ["export", "vip"], "kim")
    site.set(1, "Renewal", "onboarding", "kim")
    mapped.sync_well()
    ticket = brought(mapped, "ticket")["1"]
    assert (ticket["account_ref"], ticket["workflow"], ticket["tags"]) == (
        "customer:ACME-17", "onboarding", ["export", "vip"],
    )  # fmt: skip
    assert brought(mapped, "party")["customer:ACME-17"]["known_as"] == ["ACME-17"]


def test_a_ticket_without_any_custom_field_is_read(site: RequestTrackerSite, mapped: Proving) -> None:
    """The server then writes an empty text in the place of the list."""
    site.tickets[1]["CustomFields"] = {}
    mapped.sync_well()
    assert brought(mapped, "ticket")["1"]["workflow"] == "Support"


def test_the_fields_that_can_be_mapped_are_those_of_the_queues(site: RequestTrackerSite, proving: Proving) -> None:
    assert [each.name for each in proving.connector().site_fields()] == ["Customer", "Renewal", "Tags"]


@pytest.mark.parametrize(
    ("number", "word"), [(-1, "low"), (0, "low"), (49, "low"), (50, "normal"), (74, "normal"), (75, "high"),
                         (99, "high"), (100, "urgent"), (1000, "urgent")]
)  # fmt: skip
def test_a_number_is_the_word_of_its_band(number: int, word: str) -> None:
    assert Bands.of(None).word(number) == word


def test_the_bands_can_be_one_s_own() -> None:
    bands = Bands.of("1, 30, 60, 90")
    assert (bands.word(59), bands.number("urgent")) == ("normal", 90)


@pytest.mark.parametrize("given", ["0 50 75", "0 50 50 75", "a b c d", "100 75 50 0"])
def test_bands_that_do_not_grow_are_refused_with_the_remedy(given: str) -> None:
    with pytest.raises(ConfigError, match=r"ticket\.priorities.*four growing numbers"):
        Bands.of(given)


@pytest.mark.parametrize("place", ["id", "ObjectId", "Created"])
def test_a_line_of_the_log_that_makes_no_sense_is_put_aside(
    site: RequestTrackerSite, proving: Proving, place: str
) -> None:
    site.add(1)
    site.change(0)
    site.garbled = {max(site.log): {place: "moon"}}
    site.add(2)
    done = proving.sync_well()
    assert done.unusable == 1
    assert sorted(brought(proving, "ticket")) == ["1", "2", "3"]


# Writing


def test_priority_tags_field_and_note_are_written_and_a_second_time_they_are_there(
    site: RequestTrackerSite, mapped: Proving
) -> None:
    change = change_of(
        site, priority="urgent", add_tags=("vip",), note="Renews in 21 days.", fields={"Renewal": "soon"}
    )
    assert tracker(mapped).write(change).state == "done"
    assert tracker(mapped).write(change).state == "already"
    ticket = site.tickets[1]
    assert (ticket["Priority"], ticket["CustomFields"]["Tags"], ticket["CustomFields"]["Renewal"]) == (
        100, ["vip"], ["soon"],
    )  # fmt: skip
    assert len(notes(site)) == 1
    assert "Renews in 21 days." in notes(site)[0]
    assert sent(mapped) == [("PUT", "/ticket/1"), ("POST", "/ticket/1/comment")]


def test_tags_are_added_to_those_that_are_there(site: RequestTrackerSite, mapped: Proving) -> None:
    site.set(1, "Tags", ["export"], "kim")
    tracker(mapped).write(change_of(site, add_tags=("export", "vip")))
    assert site.tickets[1]["CustomFields"]["Tags"] == ["export", "vip"]


def test_a_plan_is_what_would_be_sent_and_sends_nothing(site: RequestTrackerSite, mapped: Proving) -> None:
    (put, post) = tracker(mapped).plan(change_of(site, priority="high", note="Call them."))
    assert (put.method, put.path, put.body) == ("PUT", "/REST/2.0/ticket/1", {"Priority": 75})
    assert put.headers["If-Match"].strip('"').isdigit()
    assert post.path == "/REST/2.0/ticket/1/comment"
    assert sent(mapped) == []


def test_a_number_in_the_wanted_band_is_left_as_it_is(site: RequestTrackerSite, mapped: Proving) -> None:
    site.tickets[1]["Priority"] = 80
    assert tracker(mapped).write(change_of(site, priority="high")).state == "already"


def test_what_an_agent_set_after_the_decision_stands(site: RequestTrackerSite, mapped: Proving) -> None:
    change = change_of(site, priority="urgent", note="Call them.")
    site.set(1, "Priority", 50, "kim")
    done = tracker(mapped).write(change)
    assert done.state == "stepped_back"
    assert "Priority was changed by kim" in done.because
    assert (site.tickets[1]["Priority"], sent(mapped)) == (50, [])


def test_a_custom_field_that_an_agent_set_stands_too(site: RequestTrackerSite, mapped: Proving) -> None:
    change = change_of(site, fields={"Renewal": "soon"})
    site.set(1, "Renewal", "signed", "kim")
    assert tracker(mapped).write(change).state == "stepped_back"


def test_what_an_agent_does_to_something_else_does_not_matter(site: RequestTrackerSite, mapped: Proving) -> None:
    change = change_of(site, priority="urgent")
    site.set(1, "Owner", "kim", "kim")
    site.say(1, "kim", "Correspond", "Mended.", site.clock.pass_by(seconds=7))
    assert tracker(mapped).write(change).state == "done"


def before_the_change(proving: Proving, happens: Any) -> None:
    """Let something happen just before the first request that changes anything, which is the third."""
    proving.loopback.reset()
    proving.loopback.plan.before = {3: happens}


def test_an_agent_who_is_quicker_by_a_moment_wins(site: RequestTrackerSite, mapped: Proving) -> None:
    before_the_change(mapped, lambda: site.set(1, "Priority", 50, "kim"))
    assert tracker(mapped).write(change_of(site, priority="urgent")).state == "stepped_back"
    assert site.tickets[1]["Priority"] == 50
    assert sent(mapped) == [("PUT", "/ticket/1")], "the server refused it with 412"


def test_a_mail_that_goes_out_in_that_moment_is_no_reason_to_step_back(
    site: RequestTrackerSite, mapped: Proving
) -> None:
    before_the_change(mapped, lambda: site.say(1, "kim", "Correspond", "Mended.", site.clock.now()))
    assert tracker(mapped).write(change_of(site, priority="urgent")).state == "done"
    assert sent(mapped) == [("PUT", "/ticket/1"), ("PUT", "/ticket/1")]


def test_a_ticket_that_never_rests_is_tried_again_later(site: RequestTrackerSite, mapped: Proving) -> None:
    mapped.loopback.plan.before = {
        number: lambda: site.say(1, "kim", "Comment", "And another thing.", site.clock.now()) for number in range(1, 40)
    }
    with pytest.raises(Retriable, match="changed all the time"):
        tracker(mapped).write(change_of(site, priority="urgent"))


def test_a_refusal_inside_of_a_yes_is_an_error_that_quotes_it(site: RequestTrackerSite, mapped: Proving) -> None:
    site.keeps = {"Priority"}
    with pytest.raises(ConnectorError, match="not taken; Request Tracker says: Ticket 1: Permission Denied"):
        tracker(mapped).write(change_of(site, priority="urgent", note="Call them."))
    assert notes(site) == []


def test_a_note_whose_answer_was_lost_is_not_written_twice(site: RequestTrackerSite, mapped: Proving) -> None:
    change = change_of(site, note="Call them.")
    tracker(mapped).plan(change)
    mapped.loopback.plan.faults = {len(mapped.loopback.requests) * 2 + 1: "dropped"}
    with pytest.raises(Retriable):
        tracker(mapped).write(change)
    assert tracker(mapped).write(change).state == "already"
    assert len(notes(site)) == 1


def test_a_deleted_ticket_is_left_alone(site: RequestTrackerSite, mapped: Proving) -> None:
    site.set(1, "Status", "deleted", "kim")
    assert tracker(mapped).write(change_of(site, priority="urgent")).state == "stepped_back"


def test_a_merged_ticket_is_written_to_where_it_is_now(site: RequestTrackerSite, mapped: Proving) -> None:
    site.add(1)
    site.merge(1, into=2)
    tracker(mapped).write(change_of(site, priority="urgent"))
    assert (site.tickets[1]["Priority"], site.tickets[2]["Priority"]) == (0, 100)


def test_tags_without_a_field_for_them_are_refused_before_anything_is_sent(
    site: RequestTrackerSite, proving: Proving
) -> None:
    site.add(1)
    with pytest.raises(ConnectorError, match=r"map ticket\.tags to a custom field"):
        tracker(proving).write(change_of(site, priority="urgent", add_tags=("vip",)))
    assert sent(proving) == []


def test_a_custom_field_that_is_not_there_is_named(site: RequestTrackerSite, mapped: Proving) -> None:
    with pytest.raises(ConnectorError, match="no custom field 'Moon'"):
        tracker(mapped).write(change_of(site, fields={"Moon": "full"}))


def test_rights_that_are_missing_are_told_before_the_first_sync(site: RequestTrackerSite, proving: Proving) -> None:
    site.add(1)
    site.names[61], site.names[62] = "somebody", "keepline"
    assert [each.split(":")[0] for each in proving.connector().check().missing] == [
        "Privileged ('Let this user be granted rights')"
    ]


def test_a_walk_that_broke_off_goes_on_and_still_looks_back(site: RequestTrackerSite, proving: Proving) -> None:
    """The end of the log that may still grow is read again also after a walk in two parts."""
    site.add(4)
    (stream,) = proving.connector().streams()
    halfway = next(stream.pages(START)).cursor
    *_, last = stream.pages(halfway)
    assert (halfway["after"] > 0, last.cursor) == (True, {"after": 0}), "all of it is younger than five minutes"
