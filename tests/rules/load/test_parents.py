"""One issue that hits many accounts is one item; it closes when it stops."""

from datetime import timedelta

import pytest

from domain.playbooks import ParentItem
from rules.load.parents import Gathered, Hit, gather
from rules.load.written import Parents
from tests.rules.load.desk import NOON

RULE = Parents(accounts=3, closes_below=2)
LATER = NOON + timedelta(days=1)


def hits(issue: str, *accounts: str, tickets: int = 1) -> list[Hit]:
    return [Hit(issue, f"about {issue}", account, tickets) for account in accounts]


def opened(*found: Hit) -> ParentItem:
    [item] = gather(found, [], RULE, NOON).written
    return item


@pytest.mark.parametrize(("accounts", "items"), [("AB", 0), ("ABC", 1), ("ABCD", 1)])
def test_an_item_is_opened_from_enough_accounts_on(accounts: str, items: int) -> None:
    found = gather(hits("i", *accounts), [], RULE, NOON)
    assert len(found.written) == items
    assert set(found.by_account) == (set(accounts) if items else set())


@pytest.mark.parametrize(("usual", "items"), [(0.0, 1), (2.0, 1), (2.25, 0)])
def test_it_must_be_twice_as_many_as_usual(usual: float, items: int) -> None:
    assert len(gather(hits("i", *"ABCD"), [], RULE, NOON, {"i": usual}).written) == items


@pytest.mark.parametrize(("usual", "goes_on"), [(2.75, True), (3.0, False)])
def test_it_closes_when_it_has_become_the_usual(usual: float, goes_on: bool) -> None:
    item = opened(*hits("i", *"ABC"))
    assert (gather(hits("i", *"ABC"), [item], RULE, LATER, {"i": usual}).written == ()) is goes_on


def test_it_goes_on_under_the_same_name_while_the_issue_goes_on() -> None:
    item = opened(*hits("i", *"ABC"))
    assert gather(hits("i", *"DE"), [item], RULE, LATER) == Gathered((), dict.fromkeys("DE", item.parent_id))


def test_it_closes_when_the_issue_stops_and_opens_anew_when_it_comes_back() -> None:
    item = opened(*hits("i", *"ABC"))
    [closed] = gather(hits("i", "A"), [item], RULE, LATER).written
    assert closed == item.model_copy(update={"closed_at": LATER})
    [again] = gather(hits("i", *"ABC"), [closed], RULE, LATER + timedelta(days=1)).written
    assert again.parent_id != item.parent_id


def test_running_twice_at_a_moment_changes_nothing() -> None:
    item = opened(*hits("i", *"ABC"))
    assert gather(hits("i", *"ABC"), [item], RULE, NOON).written == ()


def test_an_account_stands_below_the_issue_of_which_it_has_most_tickets() -> None:
    both = [*hits("a", *"ABCD"), *hits("b", *"ABC", tickets=2)]
    found = gather(both, [], RULE, NOON)
    names = {item.parent_id: item.issue_id for item in found.written}
    assert {account: names[name] for account, name in found.by_account.items()} == {
        "A": "b", "B": "b", "C": "b", "D": "a"
    }  # fmt: skip
    assert gather(list(reversed(both)), [], RULE, NOON) == found


def test_none_is_made_where_none_is_wanted() -> None:
    item = opened(*hits("i", *"ABC"))
    off = Parents(accounts=0)
    assert gather(hits("i", *"ABC"), [], off, NOON) == Gathered()
    assert [each.closed_at for each in gather(hits("i", *"ABC"), [item], off, LATER).written] == [LATER]
