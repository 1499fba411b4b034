"""Pipedrive: what its objects mean, how its lists are walked, and how a task and a field are written."""

from datetime import date, timedelta
from typing import Any

import pytest

from connectors.contract import AccountTask, RecordChange
from connectors.vendors.pipedrive.pulling import Pipedrive
from domain.errors import ConnectorError, CredentialsRejected, Retriable
from keepline.proving.contract_suite import START_OF_TIME, Proving
from keepline.proving.loopback import SiteClock
from tests.connectors.sites.pipedrive import (
    AUTO_RENEW,
    CUSTOMER_ID,
    MODULES,
    OWNER,
    RENEWAL,
    SEGMENT,
    YEARLY,
    PipedriveSite,
)
from tests.connectors.vendors.looking import brought, connector_of

_MAPPING = {
    "account.segment": SEGMENT,
    "account.known_as": CUSTOMER_ID,
    "contract.arr_cents": YEARLY,
    "contract.renews_on": RENEWAL,
    "contract.product_lines": MODULES,
    "contract.auto_renew": AUTO_RENEW,
}


@pytest.fixture
def site() -> PipedriveSite:
    return PipedriveSite(SiteClock(START_OF_TIME))


def pipedrive(proving: Proving) -> Pipedrive:
    return connector_of(proving, Pipedrive)


def an_organization(site: PipedriveSite, **said: Any) -> dict[str, Any]:
    return site.make("organizations", site.clock.pass_by(seconds=7), **{"name": "Acme", **said})


def a_deal(site: PipedriveSite, organization: dict[str, Any] | None, **said: Any) -> dict[str, Any]:
    whose = organization["id"] if organization else None
    return site.a_deal(whose, site.clock.pass_by(seconds=7), **said)


def a_task(organization: int) -> AccountTask:
    return AccountTask(str(organization), "renewal-save:1", "Call <Acme>", "Their export fails.", date(2026, 7, 1))


def writes(proving: Proving) -> list[tuple[str, str]]:
    """The requests that changed something."""
    return [(each.method, each.path) for each in proving.loopback.requests if each.method != "GET"]


# What the objects mean


def test_custom_fields_are_read_by_their_hashes(site: PipedriveSite, proving: Proving) -> None:
    proving.fields = _MAPPING
    organization = an_organization(
        site, custom_fields={SEGMENT: 1, CUSTOMER_ID: "cus_81"}, website="https://www.acme.example/de"
    )
    amount = {"value": 9_000, "currency": "EUR"}
    deal = a_deal(
        site, organization, custom_fields={YEARLY: amount, RENEWAL: "2027-01-31", MODULES: [5, 6], AUTO_RENEW: 8}
    )
    proving.sync_well()
    account, party = (brought(proving, kind)[str(organization["id"])] for kind in ("account", "party"))
    contract = brought(proving, "contract")[str(deal["id"])]
    assert (account["segment"], account["csm"], account["domains"]) == (
        "Enterprise",
        "grace@acme.example",
        ["acme.example"],
    )
    assert party["known_as"] == ["cus_81"]
    assert (contract["arr_cents"], contract["currency"]) == (900_000, "EUR")
    assert (contract["renews_on"], contract["product_lines"]) == (date(2027, 1, 31), ["Core", "Audit"])
    assert contract["auto_renew"] is True


def test_only_the_mapped_custom_fields_are_asked_for(site: PipedriveSite, proving: Proving) -> None:
    proving.fields = _MAPPING
    proving.sync_well()
    (asked,) = [each.query for each in proving.loopback.requests if each.path == "/api/v2/deals"]
    assert set(asked["custom_fields"].split(",")) == {YEARLY, RENEWAL, MODULES, AUTO_RENEW}


@pytest.mark.parametrize(
    ("amounts", "cents"),
    [({"arr": 240, "value": 999}, 24_000), ({"arr": 0, "value": 999.5}, 99_950), ({"value": 0}, 0)],
)
def test_what_recurs_counts_before_the_value(
    site: PipedriveSite, proving: Proving, amounts: dict[str, float], cents: int
) -> None:
    deal = a_deal(site, an_organization(site), **amounts)
    proving.sync_well()
    assert brought(proving, "contract")[str(deal["id"])]["arr_cents"] == cents


@pytest.mark.parametrize(
    ("status", "is_contract"), [("won", True), ("open", False), ("lost", False), ("ascended", False)]
)
def test_won_deals_alone_are_contracts(site: PipedriveSite, proving: Proving, status: str, is_contract: bool) -> None:
    a_deal(site, an_organization(site), status=status)
    proving.sync_well()
    assert bool(brought(proving, "contract")) is is_contract


def test_a_deal_that_is_opened_again_is_no_contract_until_it_is_won_again(
    site: PipedriveSite, proving: Proving
) -> None:
    deal = a_deal(site, an_organization(site))
    proving.sync_well()
    for status, there in (("open", 0), ("won", 1)):
        site.update("deals", deal["id"], site.clock.pass_by(seconds=7), status=status)
        proving.sync_well()
        assert len(brought(proving, "contract")) == there


def test_a_won_deal_without_an_organization_is_put_aside_with_a_remedy(site: PipedriveSite, proving: Proving) -> None:
    deal = a_deal(site, None)
    assert proving.sync_well().unusable == 1
    (reject,) = proving.store.rejects()
    assert (reject.column, "link the deal" in reject.expected) == ("org_id", True)
    site.update("deals", deal["id"], site.clock.pass_by(seconds=7), org_id=an_organization(site)["id"])
    proving.sync_well()
    assert list(brought(proving, "contract")) == [str(deal["id"])]


def test_a_mapped_amount_that_is_not_entered_is_put_aside(site: PipedriveSite, proving: Proving) -> None:
    proving.fields = _MAPPING
    a_deal(site, an_organization(site))
    proving.sync_well()
    (reject,) = proving.store.rejects()
    assert reject.column == YEARLY


# Walking


def test_a_cursor_that_has_grown_old_is_replaced_by_the_last_change(site: PipedriveSite, proving: Proving) -> None:
    site.add(13)
    proving.loopback.plan.faults, proving.loopback.plan.retry_after = {3: "429"}, 7200
    assert isinstance(proving.sync().error, Retriable)
    (held,) = [each.query["cursor"] for each in proving.loopback.requests if "cursor" in each.query]
    proving.loopback.reset()
    site.refused_cursors = {held}
    proving.sync_well()
    proving.assert_same()


def test_of_many_deleted_organizations_none_is_missed(site: PipedriveSite, proving: Proving) -> None:
    organizations = [an_organization(site, address={"country": "DE"}) for _ in range(17)]
    proving.sync_well()
    for each in organizations[:12]:
        site.update("organizations", each["id"], site.clock.pass_by(seconds=7), is_deleted=True)
    proving.sync_well()
    proving.assert_same()
    assert len(brought(proving, "account")) == 5


def test_many_deletions_in_one_second_are_all_told(site: PipedriveSite, proving: Proving) -> None:
    organizations = [an_organization(site) for _ in range(14)]
    proving.sync_well()
    at = site.clock.pass_by(seconds=7)
    for each in organizations[:13]:
        site.update("organizations", each["id"], at, is_deleted=True)
    proving.sync_well()
    assert len(brought(proving, "account")) == 1


def test_an_organization_with_contracts_stays_in_the_books(site: PipedriveSite, proving: Proving) -> None:
    organization = an_organization(site)
    a_deal(site, organization)
    proving.sync_well()
    site.update("organizations", organization["id"], site.clock.pass_by(seconds=7), is_deleted=True)
    proving.sync_well()
    assert list(brought(proving, "account")) == [str(organization["id"])]


def test_recent_changes_that_repeat_themselves_end_the_walk(site: PipedriveSite, proving: Proving) -> None:
    site.add(7)
    (stream,) = [each for each in pipedrive(proving).streams() if each.name == "deleted organizations"]
    site.is_stuck = True
    with pytest.raises(ConnectorError, match="repeats the one before"):
        list(stream.pages({"since": "2026-03-01 00:00:00"}))
    assert len(proving.loopback.requests) < 6


# Limits and rights


def test_a_used_up_day_is_left_to_pass(site: PipedriveSite, proving: Proving) -> None:
    proving.loopback.plan.faults, proving.loopback.plan.retry_after = {1: "429"}, 7200
    done = proving.sync()
    assert isinstance(done.error, Retriable)
    assert done.error.retry_after == timedelta(hours=1)
    assert len(proving.loopback.requests) == 1


def test_the_pace_of_the_smallest_plan_is_kept_and_the_day_s_tokens_are_known(
    site: PipedriveSite, proving: Proving
) -> None:
    site.add(120)
    connector = pipedrive(proving)
    for stream in connector.streams():
        list(stream.pages({}))
    assert len(proving.loopback.requests) > 40
    assert site.turned_away == 0
    assert connector.budget_left == site.tokens_left


def test_missing_rights_and_fields_are_named(site: PipedriveSite, proving: Proving) -> None:
    site.is_admin = False
    proving.fields = {"contract.renews_on": "9" * 40, "account.segment": SEGMENT}
    checked = pipedrive(proving).check()
    assert checked.identity == "Grace of Acme"
    rights, renewal = checked.missing
    assert "administrator" in rights
    assert renewal.startswith(f"deal field {'9' * 40}")


def test_a_refused_token_is_named_and_not_said(proving: Proving) -> None:
    proving.secrets.held = {"api_token": "stale-token"}
    with pytest.raises(CredentialsRejected, match="the API token was refused") as raised:
        pipedrive(proving).check()
    assert "stale-token" not in str(raised.value)


def test_the_fields_of_the_site_are_listed_by_object(proving: Proving) -> None:
    fields = {(each.object, each.name): each.type for each in pipedrive(proving).site_fields()}
    assert (fields["deal", RENEWAL], fields["organization", SEGMENT]) == ("date", "enum")


# Writing


def test_a_task_and_its_note_are_given_once(site: PipedriveSite, proving: Proving) -> None:
    organization = an_organization(site)
    task = a_task(organization["id"])
    assert [each.path for each in pipedrive(proving).plan_task(task)] == ["/api/v2/activities", "/v1/notes"]
    assert not writes(proving)
    assert pipedrive(proving).write_task(task).state == "done"
    assert pipedrive(proving).write_task(task).state == "already"
    ((activity,), (note,)) = (site.things[kind].values() for kind in ("activities", "notes"))
    assert (activity["org_id"], activity["owner_id"], activity["due_date"]) == (organization["id"], OWNER, "2026-07-01")
    assert activity["note"].startswith("Their export fails.<br>")
    assert note["content"].startswith("Call &lt;Acme&gt;<br>")


@pytest.mark.parametrize("lost", [1, 2])
def test_a_task_whose_answer_is_lost_is_there_once(site: PipedriveSite, proving: Proving, lost: int) -> None:
    task = a_task(an_organization(site)["id"])
    pipedrive(proving).plan_task(task)
    proving.loopback.plan.faults = {2 * len(proving.loopback.requests) + lost: "dropped"}
    with pytest.raises(Retriable):
        pipedrive(proving).write_task(task)
    pipedrive(proving).write_task(task)
    assert [len(site.things[kind]) for kind in ("activities", "notes")] == [1, 1]


def test_ours_is_found_among_many_activities(site: PipedriveSite, proving: Proving) -> None:
    organization = an_organization(site)
    task = a_task(organization["id"])
    pipedrive(proving).write_task(task)
    for kind in ("activities", "notes"):
        for _ in range(12):
            site.make(kind, site.clock.pass_by(seconds=7), org_id=organization["id"], note="Call", content="Called")
    site.things["notes"] = dict(reversed(site.things["notes"].items()))
    assert pipedrive(proving).write_task(task).state == "already"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_task_for_an_organization_that_is_gone_is_not_given(
    site: PipedriveSite, proving: Proving, is_there: bool
) -> None:
    key = an_organization(site, is_deleted=True)["id"] if is_there else 404_404
    assert pipedrive(proving).write_task(a_task(key)).state == "stepped_back"
    assert not writes(proving)


def test_a_field_is_set_in_the_type_that_it_has(site: PipedriveSite, proving: Proving) -> None:
    organization = an_organization(site, custom_fields={SEGMENT: 2})
    change = RecordChange(str(organization["id"]), site.clock.now(), {SEGMENT: "Enterprise", CUSTOMER_ID: "cus_81"})
    (request,) = pipedrive(proving).plan_record(change)
    assert request.body == {"custom_fields": {SEGMENT: 1, CUSTOMER_ID: "cus_81"}}
    assert pipedrive(proving).write_record(change).state == "done"
    assert pipedrive(proving).write_record(change).state == "already"
    assert organization["custom_fields"] == {SEGMENT: 1, CUSTOMER_ID: "cus_81"}


def test_a_newer_change_of_a_person_stands(site: PipedriveSite, proving: Proving) -> None:
    organization = an_organization(site, custom_fields={SEGMENT: 2})
    change = RecordChange(str(organization["id"]), site.clock.now(), {SEGMENT: "Enterprise"})
    site.update("organizations", organization["id"], site.clock.pass_by(minutes=1), name="Acme AG")
    written = pipedrive(proving).write_record(change)
    assert (written.state, organization["custom_fields"]) == ("stepped_back", {SEGMENT: 2})


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"9" * 40: "x"}, "no field"), ({SEGMENT: "Unheard of"}, "cannot be set"), ({"label_ids": "3"}, "set")],
)
def test_a_field_that_cannot_be_set_is_named(
    site: PipedriveSite, proving: Proving, fields: dict[str, str], said: str
) -> None:
    change = RecordChange(str(an_organization(site)["id"]), site.clock.now(), fields)
    with pytest.raises(ConnectorError, match=said):
        pipedrive(proving).write_record(change)
    assert not writes(proving)
