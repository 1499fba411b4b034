"""Freshdesk: what its words mean, how its lists are walked beyond their limits, and how it is written to."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import TicketChange
from connectors.vendors.freshdesk import pulling
from connectors.vendors.freshdesk.pulling import Freshdesk
from domain.errors import ConnectorError, Retriable
from keepline.proving.contract_suite import START_OF_TIME, Proving
from keepline.proving.loopback import Request, SiteClock
from tests.connectors.sites.freshdesk import FreshdeskSite
from tests.connectors.vendors.looking import brought, connector_of

_MAPPING = {
    "organization.known_as": "crm_id",
    "ticket.workflow": "cf_product",
    "ticket.pending_statuses": "42, 43",
    "ticket.on_hold_statuses": "44",
}


@pytest.fixture
def site() -> FreshdeskSite:
    return FreshdeskSite(SiteClock(START_OF_TIME))


@pytest.fixture
def mapping() -> Mapping[str, str]:
    return _MAPPING


def freshdesk(proving: Proving) -> Freshdesk:
    return connector_of(proving, Freshdesk)


def asked(proving: Proving, path: str) -> list[Request]:
    """The requests for a path."""
    return [each for each in proving.loopback.requests if each.path == f"/api/v2{path}"]


def change_of(site: FreshdeskSite, **wanted: Any) -> TicketChange:
    """A change that was decided just now, for the oldest ticket."""
    return TicketChange(str(site.nth(0)["id"]), "renewal-save:1", site.clock.now(), **wanted)


def test_first_reply_and_resolution_come_from_the_statistics(site: FreshdeskSite, proving: Proving) -> None:
    ticket = site.add_ticket(site.clock.pass_by(seconds=7))
    replied_at = site.clock.pass_by(minutes=3)
    site.update(ticket["id"], {"stats": {**ticket["stats"], "first_responded_at": replied_at.isoformat()}})
    site.set_status(ticket["id"], 4)
    proving.sync_well()
    row = brought(proving, "ticket")[str(ticket["id"])]
    assert row["first_replied_at"] == replied_at
    assert (row["status"], row["resolved_at"]) == ("solved", site.history[ticket["id"]][-1][0])


def test_a_reopened_ticket_is_not_resolved(site: FreshdeskSite, proving: Proving) -> None:
    ticket = site.add_ticket(site.clock.pass_by(seconds=7))
    site.set_status(ticket["id"], 4)
    site.set_status(ticket["id"], 2)
    proving.sync_well()
    row = brought(proving, "ticket")[str(ticket["id"])]
    assert (row["status"], row["resolved_at"]) == ("open", None)
    assert [each["to_value"] for _, each in sorted(brought(proving, "ticket_event").items())] == ["solved", "open"]


@pytest.mark.parametrize(
    ("number", "status"),
    [(2, "open"), (3, "pending"), (6, "pending"), (7, "on_hold"), (43, "pending"), (44, "on_hold")],
)
def test_a_status_of_the_site_s_own_means_what_the_mapping_says(
    site: FreshdeskSite, proving: Proving, number: int, status: str
) -> None:
    ticket = site.add_ticket(site.clock.pass_by(seconds=7))
    ticket["status"] = number
    assert proving.sync_well().remarks == {}
    assert brought(proving, "ticket")[str(ticket["id"])]["status"] == status


def test_a_status_that_no_mapping_names_is_open_and_remarked_on(site: FreshdeskSite, proving: Proving) -> None:
    ticket = site.add_ticket(site.clock.pass_by(seconds=7))
    ticket["status"] = 99
    assert "status '99' is new to Keepline; read as 'open'" in proving.sync_well().remarks
    assert brought(proving, "ticket")[str(ticket["id"])]["status"] == "open"


def test_the_customer_s_id_elsewhere_and_the_workflow_come_from_mapped_fields(
    site: FreshdeskSite, proving: Proving
) -> None:
    ticket = site.add_ticket(site.clock.pass_by(seconds=7))
    ticket["custom_fields"] = {"cf_product": "Exports"}
    proving.sync_well()
    assert brought(proving, "ticket")[str(ticket["id"])]["workflow"] == "Exports"
    assert brought(proving, "party")[str(ticket["company_id"])]["known_as"] == [f"crm-{ticket['company_id']}"]


def test_a_ticket_without_a_company_belongs_to_its_requester_s_domain(site: FreshdeskSite, proving: Proving) -> None:
    ticket = site.add_ticket(site.clock.pass_by(seconds=7))
    ticket |= {"company_id": None, "requester": {"id": 1, "email": "Eve@Lone.example"}}
    proving.sync_well()
    assert brought(proving, "ticket")[str(ticket["id"])]["account_ref"] == "domain:lone.example"
    assert brought(proving, "party")["domain:lone.example"]["domains"] == ["lone.example"]


def test_a_ticket_that_an_agent_wrote_begins_with_the_agent(site: FreshdeskSite, proving: Proving) -> None:
    ticket = site.add_ticket(site.clock.pass_by(seconds=7))
    ticket["source"] = 10
    proving.sync_well()
    assert brought(proving, "message")[f"{ticket['id']}:description"]["author_kind"] == "agent"


def test_the_team_is_the_group_s_name_which_is_asked_for_once(site: FreshdeskSite, proving: Proving) -> None:
    site.add(13)
    nobody_s = site.add_ticket(site.clock.pass_by(seconds=7))
    nobody_s["group_id"] = None
    proving.sync_well()
    teams = {key: each["team"] for key, each in brought(proving, "ticket").items()}
    assert teams.pop(str(nobody_s["id"])) is None
    assert set(teams.values()) == {"Support"}
    assert len(asked(proving, "/groups")) == 1


@pytest.mark.parametrize("listed", [True, False])
def test_a_group_whose_name_is_not_to_be_had_is_known_by_its_id(
    site: FreshdeskSite, proving: Proving, listed: bool
) -> None:
    site.lists_groups = listed
    site.add_ticket(site.clock.pass_by(seconds=7))["group_id"] = 99
    proving.sync_well()
    (ticket,) = brought(proving, "ticket").values()
    assert ticket["team"] == "99"


def test_a_site_without_groups_is_not_asked_for_them(site: FreshdeskSite, proving: Proving) -> None:
    site.add_ticket(site.clock.pass_by(seconds=7))["group_id"] = None
    proving.sync_well()
    assert asked(proving, "/groups") == []


@pytest.mark.parametrize(
    ("said", "author", "public"),
    [
        ({"incoming": False, "private": False, "source": 0}, "agent", True),
        ({"incoming": False, "private": True, "source": 2}, "agent", False),
        ({"incoming": True, "private": False, "source": 0}, "customer", True),
        ({"incoming": False, "private": False, "source": 0, "user_id": None}, "system", True),
        ({"incoming": True, "private": False, "source": 6}, "system", True),
        ({"incoming": False, "private": False, "source": 8}, "agent", False),
    ],
    ids=["a reply", "a note", "the customer", "nobody", "the words of a rating", "a mail forwarded to somebody else"],
)
def test_who_wrote_and_whether_the_customer_sees_it(
    site: FreshdeskSite, proving: Proving, said: dict[str, Any], author: str, public: bool
) -> None:
    ticket = site.add_ticket(site.clock.pass_by(seconds=7))
    key = str(site.say(ticket["id"], "Well.", agent=9)["id"])
    site.conversations[ticket["id"]][-1] |= said
    proving.sync_well()
    message = brought(proving, "message")[key]
    assert (message["author_kind"], message["public"]) == (author, public)


@pytest.mark.parametrize(("given", "score"), [(-103, 1), (-101, 3), (100, 4), (101, 5), (103, 7)])
def test_all_surveys_share_one_scale(site: FreshdeskSite, proving: Proving, given: int, score: int) -> None:
    site.add(1)
    (rating,) = site.ratings.values()
    rating["ratings"] = {"default_question": given, "question_2": -103}
    proving.sync_well()
    (row,) = brought(proving, "survey").values()
    assert (row["score"], row["scale_min"], row["scale_max"]) == (score, 1, 7)


def test_a_rating_off_the_scale_is_put_aside(site: FreshdeskSite, proving: Proving) -> None:
    site.add(1)
    (rating,) = site.ratings.values()
    rating["ratings"] = {"default_question": 5}
    assert proving.sync_well().unusable == 1
    (reject,) = proving.store.rejects()
    assert (reject.column, reject.found) == ("ratings.default_question", "5")


def test_tickets_older_than_the_list_s_thirty_days_are_read(site: FreshdeskSite, proving: Proving) -> None:
    site.add(3)
    site.clock.pass_by(days=90)
    site.add(1)
    proving.sync_well()
    assert len(brought(proving, "ticket")) == 4


def test_a_ticket_whose_change_becomes_visible_after_a_newer_one_is_read(site: FreshdeskSite, proving: Proving) -> None:
    site.add(2)
    proving.sync_well()
    site.add_ticket(site.clock.now() - timedelta(minutes=12))
    assert max(each["updated_at"] for each in site.tickets.values()) > site.nth(2)["updated_at"]
    proving.sync_well()
    proving.assert_same()


def test_a_walk_goes_on_where_the_numbered_pages_end(site: FreshdeskSite, proving: Proving) -> None:
    for _ in range(23):
        site.add_ticket(site.clock.pass_by(seconds=7), rated=False)["company_id"] = None
    site.companies.clear()
    site.last_page = 2
    proving.sync_well()
    assert len(brought(proving, "ticket")) == 23


def test_all_tickets_of_one_second_are_read(site: FreshdeskSite, proving: Proving) -> None:
    second = site.clock.pass_by(seconds=7)
    for _ in range(23):
        site.add_ticket(second)
    site.add(3)
    proving.sync_well()
    proving.assert_same()


@pytest.mark.parametrize("number", range(2, 7))
def test_a_change_among_tickets_of_one_second_hides_none_of_them(
    site: FreshdeskSite, proving: Proving, number: int
) -> None:
    """It leaves its second, and those behind it move up by one, over the edges of the pages."""
    second = site.clock.pass_by(seconds=7)
    for _ in range(23):
        site.add_ticket(second, rated=False)
    site.add(6)

    def touch_the_first_of_the_second() -> None:
        site.update(max(each["id"] for each in site.tickets.values() if each["updated_at"] == _text(second)), {})

    lists = 0
    answer = site.answer

    def counting(request: Request) -> Any:
        nonlocal lists
        if request.path == "/api/v2/tickets" and "filter" not in request.query:
            lists += 1
            if lists == number:
                touch_the_first_of_the_second()
        return answer(request)

    site.answer = counting  # type: ignore[method-assign]
    proving.sync_well()
    assert len(brought(proving, "ticket")) == 29


def test_more_tickets_of_one_second_than_freshdesk_lists_are_an_error_that_says_so(
    site: FreshdeskSite, proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "_LAST_PAGE", 3)
    site.last_page = 3
    second = site.clock.pass_by(seconds=7)
    for _ in range(16):
        site.add_ticket(second, rated=False)
    error = proving.sync().error
    assert isinstance(error, ConnectorError)
    assert "in one second" in str(error)


def test_more_ratings_than_freshdesk_lists_are_read_by_their_date(
    site: FreshdeskSite, proving: Proving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "_LAST_PAGE", 3)
    site.add(23)
    site.last_page = 8
    proving.sync_well()
    assert len(brought(proving, "survey")) == 23
    assert {each.query["page"] for each in asked(proving, "/surveys/satisfaction_ratings")} == {"1", "2", "3"}


def test_a_long_conversation_is_read_whole(site: FreshdeskSite, proving: Proving) -> None:
    ticket = site.add_ticket(site.clock.pass_by(seconds=7))
    for number in range(12):
        site.say(ticket["id"], f"Part {number}", agent=None if number % 2 else 9)
    proving.sync_well()
    proving.assert_same()


def test_a_ticket_that_is_deleted_before_its_conversation_is_read_goes(site: FreshdeskSite, proving: Proving) -> None:
    site.add(3)
    # Companies, tickets, then the first conversation.
    proving.loopback.plan.before = {3: lambda: site.delete(0)}
    proving.sync_well()
    assert sorted(brought(proving, "ticket")) == sorted(str(site.nth(each)["id"]) for each in (1, 2))


def test_spam_goes_and_what_is_no_spam_after_all_comes_back(site: FreshdeskSite, proving: Proving) -> None:
    site.add(2)
    proving.sync_well()
    site.update(site.nth(0)["id"], {"spam": True})
    proving.sync_well()
    assert list(brought(proving, "ticket")) == [str(site.nth(1)["id"])]
    site.update(site.nth(0)["id"], {"spam": False})
    proving.sync_well()
    proving.assert_same()


def test_a_sync_reads_what_changed_and_little_else(site: FreshdeskSite, proving: Proving) -> None:
    for _ in range(200):
        site.add_ticket(site.clock.pass_by(days=1))
    proving.sync_well()
    proving.loopback.reset()
    site.change(0)
    site.change(100)
    assert proving.sync_well().streams["tickets"] <= 6, "two tickets, the newest of before, and what was said in them"
    assert len(proving.loopback.requests) < 12
    proving.assert_same()


def test_a_changed_company_is_found_by_the_search(site: FreshdeskSite, proving: Proving) -> None:
    site.add(30)
    proving.sync_well()
    site.clock.pass_by(days=3)
    company = next(iter(site.companies.values()))
    company |= {"name": "Renamed", "updated_at": _text(site.clock.now())}
    proving.loopback.reset()
    proving.sync_well()
    assert brought(proving, "party")[str(company["id"])]["name"] == "Renamed"
    assert not asked(proving, "/companies")


def test_more_changed_companies_than_the_search_tells_are_listed(site: FreshdeskSite, proving: Proving) -> None:
    site.page_size = 1
    site.add(40)
    proving.sync_well()
    for company in site.companies.values():
        company |= {"name": f"New {company['id']}", "updated_at": _text(site.clock.now())}
    proving.sync_well()
    proving.assert_same()


def test_what_is_left_of_the_limit_is_known(site: FreshdeskSite, proving: Proving) -> None:
    connector = freshdesk(proving)
    connector.check()
    assert connector.budget_left == 999


def test_an_agent_who_does_not_see_all_tickets_is_told_of(site: FreshdeskSite, proving: Proving) -> None:
    assert freshdesk(proving).check().missing == ()
    site.scope = 3
    (missing,) = freshdesk(proving).check().missing
    assert "global access" in missing


def test_the_site_s_fields_are_listed(site: FreshdeskSite, proving: Proving) -> None:
    fields = freshdesk(proving).site_fields()
    assert [(each.object, each.name, each.type) for each in fields] == [
        ("company", "cf_product", "custom_dropdown"),
        ("ticket", "cf_product", "custom_dropdown"),
    ]


def test_a_plan_shows_the_requests_and_sends_none(site: FreshdeskSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, priority="urgent", add_tags=("renewal-risk",), note="Call <Ann>", fields={"cf_arr": "9"})
    update, note = freshdesk(proving).plan(change)
    path = f"/api/v2/tickets/{change.ticket_ref}"
    assert (update.method, update.path) == ("PUT", path)
    assert update.body == {"priority": 4, "custom_fields": {"cf_arr": "9"}, "tags": ["export", "renewal-risk"]}
    assert (note.method, note.path, note.body["private"]) == ("POST", f"{path}/notes", True)
    assert note.body["body"].startswith("Call &lt;Ann&gt;<br><br>Keepline ref ")
    assert {each.method for each in proving.loopback.requests} == {"GET"}


def test_a_change_is_written_once_however_often_it_is_sent(site: FreshdeskSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, priority="urgent", add_tags=("renewal-risk",), note="Call Ann")
    assert freshdesk(proving).write(change).state == "done"
    assert freshdesk(proving).write(change).state == "already"
    ticket = site.nth(0)
    assert (ticket["priority"], ticket["tags"]) == (4, ["export", "renewal-risk"])
    assert [each["private"] for each in site.conversations[ticket["id"]] if "Call Ann" in each["body_text"]] == [True]


def test_a_note_whose_answer_was_lost_is_not_written_again(site: FreshdeskSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, note="Call Ann")
    proving.loopback.plan.faults = {3: "dropped"}
    with pytest.raises(Retriable):
        freshdesk(proving).write(change)
    assert freshdesk(proving).write(change).state == "already"
    assert len([each for each in site.conversations[site.nth(0)["id"]] if "Call Ann" in each["body_text"]]) == 1


def test_a_note_that_failed_is_written_though_the_rest_changed_the_ticket(
    site: FreshdeskSite, proving: Proving
) -> None:
    site.add(1)
    change = change_of(site, priority="urgent", note="Call Ann")
    ticket = str(site.nth(0)["id"])
    proving.loopback.plan.faults = {4: "500"}
    with pytest.raises(Retriable):
        freshdesk(proving).write(change)
    assert (site.tickets[int(ticket)]["priority"], freshdesk(proving).write(change).state) == (4, "done")
    assert "Call Ann" in site.conversations[int(ticket)][-1]["body_text"]


@pytest.mark.parametrize("wanted", [{"priority": "urgent"}, {"fields": {"cf_product": "Exports"}}])
def test_a_newer_change_of_the_ticket_stands(site: FreshdeskSite, proving: Proving, wanted: dict[str, Any]) -> None:
    site.add(1)
    change = change_of(site, note="Call Ann", **wanted)
    site.update(site.nth(0)["id"], {"priority": 3})
    written = freshdesk(proving).write(change)
    assert (written.state, written.requests) == ("stepped_back", ())
    assert "was changed at" in written.because
    assert {each.method for each in proving.loopback.requests} == {"GET"}


def test_what_only_adds_is_written_to_a_ticket_that_changed_since(site: FreshdeskSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, add_tags=("renewal-risk",), note="Call Ann")
    site.update(site.nth(0)["id"], {"tags": ["export", "vip"]})
    assert freshdesk(proving).write(change).state == "done"
    assert site.nth(0)["tags"] == ["export", "vip", "renewal-risk"]


def test_a_deleted_ticket_is_left_alone(site: FreshdeskSite, proving: Proving) -> None:
    site.add(1)
    change = change_of(site, note="Call Ann")
    site.delete(0)
    change = TicketChange(change.ticket_ref, change.key, site.clock.now() + timedelta(days=1), note="Call Ann")
    assert freshdesk(proving).write(change).state == "stepped_back"


def _text(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
