"""Zendesk: what clocks need of its tickets: teams, changes of status and priority, merges, and who wrote."""

from collections.abc import Mapping
from typing import Any

import pytest

from keepline.proving.contract_suite import START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.sites.zendesk import ZendeskSite
from tests.connectors.vendors.looking import brought

AGENT = 7


@pytest.fixture
def site() -> ZendeskSite:
    site = ZendeskSite(SiteClock(START_OF_TIME))
    site.add(2)
    return site


def site_of(proving: Proving) -> ZendeskSite:
    assert isinstance(proving.site, ZendeskSite)
    return proving.site


def first_of(proving: Proving) -> int:
    return min(site_of(proving).tickets)


def events_of(proving: Proving, key: int, kind: str) -> list[tuple[Any, Any]]:
    rows = [each for each in brought(proving, "ticket_event").values() if each["ticket_ref"] == str(key)]
    rows.sort(key=lambda each: each["happened_at"])
    return [(each["from_value"], each["to_value"]) for each in rows if each["kind"] == kind]


def said_last(proving: Proving) -> Mapping[str, Any]:
    messages = brought(proving, "message")
    return messages[max(messages, key=int)]


def test_the_team_is_the_group_s_name(proving: Proving) -> None:
    proving.sync_well()
    assert brought(proving, "ticket")[str(first_of(proving))]["team"] == "Support"


def test_of_a_group_that_is_gone_the_id_is_the_team_and_without_a_group_there_is_none(proving: Proving) -> None:
    gone, none = sorted(site_of(proving).tickets)
    site_of(proving).tickets[gone]["group_id"] = 99
    site_of(proving).tickets[none]["group_id"] = None
    proving.sync_well()
    tickets = brought(proving, "ticket")
    assert (tickets[str(gone)]["team"], tickets[str(none)]["team"]) == ("99", None)


def test_groups_cost_no_call_of_their_own(proving: Proving) -> None:
    proving.sync_well()
    assert not [each for each in proving.loopback.requests if "group" in each.path]


def test_statuses_and_priorities_are_told_in_keepline_s_words(proving: Proving) -> None:
    key = first_of(proving)
    site_of(proving).update(key, {"status": "hold"}, AGENT)
    site_of(proving).update(key, {"status": "pending", "priority": "urgent"}, AGENT)
    proving.sync_well()
    assert events_of(proving, key, "status") == [(None, "open"), ("open", "on_hold"), ("on_hold", "pending")]
    assert events_of(proving, key, "priority") == [("normal", "urgent")]


def test_a_status_that_is_new_to_us_counts_as_open_in_the_history_too(proving: Proving) -> None:
    key = first_of(proving)
    site_of(proving).update(key, {"status": "limbo"}, AGENT)
    site_of(proving).update(key, {"status": "solved"}, AGENT)
    proving.sync_well()
    assert events_of(proving, key, "status") == [(None, "open"), ("open", "solved")]


def test_a_priority_that_was_taken_away_is_none(proving: Proving) -> None:
    key = first_of(proving)
    site_of(proving).update(key, {"priority": None}, AGENT)
    proving.sync_well()
    assert events_of(proving, key, "priority") == [("normal", None)]


@pytest.mark.parametrize("told", ["by how it came about", "by the tag", "by a number"])
def test_a_merge_ends_the_ticket_that_goes_and_not_the_other(proving: Proving, told: str) -> None:
    site = site_of(proving)
    key, into = sorted(site.tickets)
    site.merge(key, into)
    source = next(event for event in site.events if any("tags" in child for child in event["child_events"]))
    if told == "by the tag":
        for child in (source, *source["child_events"]):
            child |= {"via": "Web form", "via_reference_id": None}
    if told == "by a number":
        for child in (source, *source["child_events"]):
            child["via"] = {"channel": 19, "source": {"from": {}, "to": {"ticket_id": into}, "rel": None}}
    proving.sync_well()
    survivor = None if told == "by the tag" else str(into)
    assert events_of(proving, key, "merged") == [(None, survivor)]
    assert events_of(proving, key, "status")[-1] == ("open", "closed")
    assert events_of(proving, into, "merged") == []
    merged = brought(proving, "ticket_event")[f"{source['id']}:merged"]
    assert int(merged["happened_at"].timestamp()) == source["timestamp"]


def test_what_a_merge_writes_answers_nobody(proving: Proving) -> None:
    key, into = sorted(site_of(proving).tickets)
    site_of(proving).merge(key, into)
    proving.sync_well()
    proving.assert_same()
    assert said_last(proving)["author_kind"] == "system"


def test_a_merged_ticket_that_is_tagged_once_more_is_not_merged_twice(proving: Proving) -> None:
    site = site_of(proving)
    key, into = sorted(site.tickets)
    site.merge(key, into)
    tags = site.tickets[key]["tags"]
    site.update(key, {"tags": [*tags, "late"]}, AGENT)
    proving.sync_well()
    assert len(events_of(proving, key, "merged")) == 1


@pytest.mark.parametrize(
    ("via", "author"),
    [
        ({"channel": "rule", "source": {"from": {"title": "Thank you"}, "to": {}, "rel": "trigger"}}, "bot"),
        ({"channel": 8, "source": {"from": {}, "to": {}, "rel": "automation"}}, "bot"),
        ({"channel": "answer_bot_for_web_widget", "source": {}}, "bot"),
        ({"channel": "api", "source": {"from": {}, "to": {}, "rel": None}}, "agent"),
        ({"channel": "web", "source": None}, "agent"),
        ("Rule", "bot"),
        (None, "agent"),
    ],
)
def test_rules_and_bots_write_as_bots_whosever_name_they_bear(proving: Proving, via: Any, author: str) -> None:
    site = site_of(proving)
    site.update(first_of(proving), {"comment": {"body": "We have it.", "public": True}}, AGENT)
    site.events[-1]["child_events"][0]["via"] = via
    proving.sync_well()
    assert said_last(proving)["author_kind"] == author


def test_nobody_s_comment_is_the_system_s(proving: Proving) -> None:
    site_of(proving).update(first_of(proving), {"comment": {"body": "Done.", "public": True}}, -1)
    proving.sync_well()
    assert said_last(proving)["author_kind"] == "system"
