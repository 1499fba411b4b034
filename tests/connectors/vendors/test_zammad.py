"""Zammad: what its words mean, how its changes are found, and how a ticket is changed safely.

Against a fake that was written from the published source; no real Zammad was at hand.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import TicketChange
from connectors.vendors.zammad.pulling import Zammad
from domain.errors import ConnectorError, Retriable
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock, serving
from storage.brought import rows_of
from storage.store import Store
from tests.connectors.sites.zammad import ZammadSite

_MAPPING = {"organization.known_as": "crm_id", "ticket.workflow": "renewal"}


@pytest.fixture
def site() -> ZammadSite:
    return ZammadSite(SiteClock(START_OF_TIME))


@pytest.fixture
def proving(site: ZammadSite, tmp_path: Path) -> Iterator[Proving]:
    with serving(site) as loopback:
        store = Store(f"sqlite:///{tmp_path / 'proving.db'}")
        yield Proving(site, loopback, store)
        store.close()


def brought(proving: Proving, record: Any) -> Mapping[str, Mapping[str, Any]]:
    """The rows of one kind, by external id."""
    return rows_of(proving.store.engine, SOURCE).get(record, {})


def zammad(proving: Proving) -> Zammad:
    connector = proving.connector()
    assert isinstance(connector, Zammad)
    return connector


def change_of(site: ZammadSite, **wanted: Any) -> TicketChange:
    """A change that was decided just now, for the oldest ticket."""
    return TicketChange(str(site.nth(0)["id"]), "renewal-save:1", site.clock.now(), **wanted)


def sent(proving: Proving) -> list[tuple[str, str]]:
    """What was asked to be changed, in order."""
    written = [each for each in proving.loopback.requests if each.method != "GET"]
    return [(each.method, each.path.removeprefix("/api/v1")) for each in written]


def notes(site: ZammadSite) -> list[dict[str, Any]]:
    """What Keepline wrote."""
    return [each for each in site.articles.values() if "Keepline ref" in each["body"]]


# Reading


def test_an_incremental_sync_reads_the_changed_ticket_and_its_neighbours(site: ZammadSite, proving: Proving) -> None:
    site.add(30)
    proving.sync_well()
    site.clock.pass_by(hours=1)
    site.change(0)
    proving.sync_well()
    assert proving.sync_well().streams["tickets"] == 1


def test_more_changes_in_one_moment_than_a_page_holds_are_all_read(site: ZammadSite, proving: Proving) -> None:
    at = site.clock.pass_by(seconds=7)
    for _ in range(3 * site.page_size):
        site.add_ticket(at)
    site.add(2)
    proving.sync_well()
    proving.assert_same()


def test_a_ticket_that_changes_in_mid_walk_pushes_none_out_of_sight(site: ZammadSite, proving: Proving) -> None:
    """It moves to the end of the list, and those behind it move up: a page number would skip one."""
    for _ in range(13):
        site.add_ticket(site.clock.pass_by(hours=3))
    number = proving.request_number("middle")
    proving.loopback.plan.before = {number: lambda: site.change(5)}
    proving.sync_well()
    proving.assert_same()


def test_a_site_that_does_not_search_by_time_is_told_and_not_read_forever(site: ZammadSite, proving: Proving) -> None:
    site.add(8)
    site.ignores_conditions = True
    done = proving.sync()
    assert "does not search by the time of change" in str(done.error)


@pytest.mark.parametrize("names_kinds", [True, False])
@pytest.mark.parametrize(
    ("state", "status"),
    [("pending close", "pending"), ("waiting for parts", "pending"), ("closed", "closed"), ("open", "open")],
)
def test_a_state_means_what_its_kind_means(
    site: ZammadSite, proving: Proving, state: str, status: str, names_kinds: bool
) -> None:
    site.names_kinds = names_kinds
    site.add(1)
    site.nth(0)["state"] = state
    proving.sync_well()
    (ticket,) = brought(proving, "ticket").values()
    assert ticket["status"] == status


def test_a_closed_ticket_says_since_when_and_a_reopened_one_does_not(site: ZammadSite, proving: Proving) -> None:
    site.add(2)
    site.update(site.nth(0)["id"], {"state": "closed"})
    closed_at = site.clock.now()
    site.update(site.nth(1)["id"], {"state": "closed"})
    site.update(site.nth(1)["id"], {"state": "open"})
    proving.sync_well()
    tickets = brought(proving, "ticket")
    assert [tickets[str(site.nth(at)["id"])]["resolved_at"] for at in (0, 1)] == [closed_at, None]


@pytest.mark.parametrize("known_before", [True, False])
def test_a_merged_ticket_is_closed_and_says_into_which_and_its_articles_move(
    site: ZammadSite, proving: Proving, known_before: bool
) -> None:
    site.add(4)
    if known_before:
        proving.sync_well()
    key, into = site.nth(1)["id"], site.nth(2)["id"]
    merged_at = site.clock.pass_by(minutes=10)
    site.merge(key, into)
    proving.sync_well()
    proving.assert_same()
    proving.assert_nothing_waits()
    event = brought(proving, "ticket_event")[f"{key}:merged"]
    assert (event["kind"], event["to_value"], event["happened_at"]) == ("merged", str(into), merged_at)
    assert brought(proving, "ticket")[str(key)]["status"] == "closed"
    assert str(key) not in {each["ticket_ref"] for each in brought(proving, "message").values()}


def test_a_merge_that_the_history_does_not_tell_is_told_by_the_state(site: ZammadSite, proving: Proving) -> None:
    site.add(2)
    key, into = (site.nth(at)["id"] for at in (0, 1))
    site.merge(key, into)
    site.broken_histories = {key}
    proving.sync_well()
    event = brought(proving, "ticket_event")[f"{key}:merged"]
    assert (event["to_value"], event["happened_at"].isoformat()) == (
        None, site.tickets[key]["updated_at"].replace("Z", "+00:00").replace(".000", ""),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("preferences", "automatic"),
    [({"is-auto-response": True}, True), ({"is-auto-response": False}, False), ({}, None), (None, None)],
)
def test_zammad_tells_whether_a_person_wrote_an_article(
    site: ZammadSite, proving: Proving, preferences: dict[str, Any] | None, automatic: bool | None
) -> None:
    site.add(1)
    for article in site.articles.values():
        article["preferences"] = preferences
    proving.sync_well()
    assert {row["automatic"] for row in brought(proving, "message").values()} == {automatic}


def test_a_removed_ticket_goes(site: ZammadSite, proving: Proving) -> None:
    site.add(2)
    proving.sync_well()
    key = site.nth(0)["id"]
    site.update(key, {"state": "removed"})
    proving.sync_well()
    assert str(key) not in brought(proving, "ticket")


def test_states_of_one_kind_are_no_change(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    for state in ("pending reminder", "waiting for parts", "pending close", "closed"):
        site.update(site.nth(0)["id"], {"state": state})
    proving.sync_well()
    told = [(each["from_value"], each["to_value"]) for each in brought(proving, "ticket_event").values()]
    assert sorted(told) == [("open", "pending"), ("pending", "closed")]


def test_a_state_and_a_priority_that_are_new_to_us_are_so_in_the_history_too(
    site: ZammadSite, proving: Proving
) -> None:
    site.add(1)
    for change in ({"state": "in limbo"}, {"state": "closed"}, {"priority": "0 someday"}):
        site.update(site.nth(0)["id"], change)
    remarks = proving.sync_well().remarks
    told = {each["kind"]: (each["from_value"], each["to_value"]) for each in brought(proving, "ticket_event").values()}
    assert told == {"status": ("open", "closed"), "priority": ("normal", None)}
    assert any("'in limbo' is new to Keepline" in each for each in remarks)


def test_a_ticket_that_is_deleted_while_it_is_read_is_gone(site: ZammadSite, proving: Proving) -> None:
    site.add(3)
    proving.sync_well()
    gone = site.nth(2)["id"]
    site.change(2)
    proving.loopback.reset()
    # Organizations, their end, the search: then come the tickets' parts.
    proving.loopback.plan.before = {4: lambda: site.tickets.pop(gone)}
    proving.sync_well()
    assert str(gone) not in brought(proving, "ticket")


def test_a_history_that_is_refused_costs_no_ticket(site: ZammadSite, proving: Proving) -> None:
    site.add(2)
    site.change(0)
    site.broken_histories = {site.nth(0)["id"]}
    proving.sync_well()
    assert len(brought(proving, "ticket")) == 2
    assert brought(proving, "ticket_event") == {}


def test_history_is_told_in_keepline_s_words(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    key = site.nth(0)["id"]
    for change in ({"state": "pending close"}, {"priority": "3 high"}, {"owner": "kim"}, {"owner": "-"}, {"note": "x"}):
        site.update(key, change)
    proving.sync_well()
    told = [(each["kind"], each["from_value"], each["to_value"]) for each in brought(proving, "ticket_event").values()]
    assert sorted(told, key=str) == [
        ("assignee", "kim", None),
        ("assignee", None, "kim"),
        ("priority", "normal", "high"),
        ("status", "open", "pending"),
    ]


def test_html_is_read_as_its_words_and_a_note_is_internal(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    proving.sync_well()
    said = sorted(brought(proving, "message").values(), key=lambda each: int(each["external_id"]))
    assert [(each["text"], each["public"], each["author_kind"]) for each in said] == [
        ("It fails.\nAlways.", True, "customer"),
        ("Looking.", False, "agent"),
    ]


def test_an_organization_s_attribute_and_a_ticket_s_are_mapped(site: ZammadSite, proving: Proving) -> None:
    proving.fields = _MAPPING
    site.add(2)
    site.nth(1)["renewal"] = "onboarding"
    proving.sync_well()
    organization = site.nth(1)["organization_id"]
    assert brought(proving, "party")[str(organization)]["known_as"] == [f"C-{organization}"]
    assert brought(proving, "ticket")[str(site.nth(1)["id"])]["workflow"] == "onboarding"


def test_a_customer_whose_login_is_no_address_is_looked_up(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    site.nth(0)["customer"] = "ann"
    proving.sync_well()
    proving.assert_same()


def test_a_priority_of_the_site_s_own_is_left_unknown_and_remarked_on(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    site.nth(0)["priority"] = "0 whenever"
    done = proving.sync_well()
    (ticket,) = brought(proving, "ticket").values()
    assert ticket["priority"] is None
    assert [remark for remark in done.remarks if "0 whenever" in remark]


def test_the_fields_that_can_be_mapped_are_named_by_their_object(proving: Proving) -> None:
    assert [(each.object, each.name) for each in proving.connector().site_fields()] == [("ticket", "renewal")]


# Writing


def test_priority_tag_field_and_note_are_written_and_a_second_time_they_are_there(
    site: ZammadSite, proving: Proving
) -> None:
    site.add(1)
    change = change_of(site, priority="high", add_tags=("vip",), note="Renews in 21 days.", fields={"renewal": "soon"})
    assert zammad(proving).write(change).state == "done"
    assert zammad(proving).write(change).state == "already"
    ticket = site.nth(0)
    assert (ticket["priority"], ticket["renewal"], site.tags[ticket["id"]]) == ("3 high", "soon", ["export", "vip"])
    (note,) = notes(site)
    assert (note["internal"], "Renews in 21 days." in note["body"]) == (True, True)
    assert sent(proving) == [("PUT", f"/tickets/{ticket['id']}"), ("POST", "/tags/add")]


def test_a_plan_is_what_would_be_sent_and_sends_nothing(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    (put,) = zammad(proving).plan(change_of(site, priority="high"))
    assert (put.method, put.body) == ("PUT", {"priority": "3 high"})
    assert sent(proving) == []


def test_urgent_is_the_highest_priority_that_there_is(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    zammad(proving).write(change_of(site, priority="urgent"))
    assert site.nth(0)["priority"] == "3 high"
    site.priorities.append("4 urgent")
    zammad(proving).write(change_of(site, priority="urgent"))
    assert site.nth(0)["priority"] == "4 urgent"


def test_a_priority_that_the_site_lacks_is_named(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    site.priorities = ["1 whenever"]
    with pytest.raises(ConnectorError, match="no priority that means 'high'; it has 1 whenever"):
        zammad(proving).write(change_of(site, priority="high"))


@pytest.mark.parametrize(
    ("wanted", "theirs"),
    [({"priority": "high"}, {"priority": "1 low"}), ({"fields": {"renewal": "soon"}}, {"renewal": "signed"})],
)
def test_what_an_agent_set_after_the_decision_stands(
    site: ZammadSite, proving: Proving, wanted: dict[str, Any], theirs: dict[str, str]
) -> None:
    site.add(1)
    change = change_of(site, note="Call them.", **wanted)
    site.update(site.nth(0)["id"], theirs)
    done = zammad(proving).write(change)
    assert done.state == "stepped_back"
    assert next(iter(theirs)) in done.because
    assert sent(proving) == []


def test_what_an_agent_did_to_something_else_does_not_matter(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, priority="high")
    site.update(site.nth(0)["id"], {"state": "closed"})
    assert zammad(proving).write(change).state == "done"


def test_a_merged_ticket_is_left_alone(site: ZammadSite, proving: Proving) -> None:
    site.add(2)
    site.merge(site.nth(0)["id"], site.nth(1)["id"])
    assert zammad(proving).write(change_of(site, priority="high")).state == "stepped_back"


def test_an_attribute_that_the_ticket_lacks_is_named_before_anything_is_sent(
    site: ZammadSite, proving: Proving
) -> None:
    site.add(1)
    with pytest.raises(ConnectorError, match="no attribute 'moon'"):
        zammad(proving).write(change_of(site, priority="high", fields={"moon": "full"}))
    assert sent(proving) == []


def test_a_note_whose_answer_was_lost_is_not_written_twice(site: ZammadSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, note="Call them.")
    zammad(proving).plan(change)
    proving.loopback.plan.faults = {len(proving.loopback.requests) * 2 + 1: "dropped"}
    with pytest.raises(Retriable):
        zammad(proving).write(change)
    assert zammad(proving).write(change).state == "already"
    assert len(notes(site)) == 1
