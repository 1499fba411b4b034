"""Which needs were met without an agent: by a bot, or by an article."""

import pytest

from rules.kpis import KpiSettings
from tests.rules.kpis.desk import AS_OF, Desk, at, sliced


def _ticket(desk: Desk, *authors: str, solved: float = 2, **known: object) -> int:
    """A ticket in which these wrote in turn, solved on that day."""
    ticket = desk.ticket(at(0), account_id=1, **known)
    desk.said(ticket, at(0), author="customer")
    for author in authors:
        desk.said(ticket, at(0, 1), author=author.removeprefix("internal "), public=not author.startswith("internal"))
    desk.status(ticket, ("solved", at(solved)))
    return ticket


@pytest.mark.parametrize(
    ("authors", "share", "unknown"),
    [
        (("bot",), 1.0, 0),
        (("bot", "agent"), 0.0, 0),
        (("bot", "internal agent"), 0.0, 0),
        (("agent",), 0.0, 0),
        ((), None, 1),
        (("internal bot",), None, 1),
        (("system",), None, 1),
    ],
    ids=str,
)
def test_solved_without_an_agent_is_what_a_bot_answered_and_no_agent_touched(
    authors: tuple[str, ...], share: float | None, unknown: int
) -> None:
    desk = Desk()
    _ticket(desk, *authors)
    for name in ("solved_without_agent", "deflection"):
        figure = desk.figure(name)
        assert (figure.value, figure.unknown) == (share, unknown)


def test_a_ticket_that_comes_back_was_not_solved_by_the_bot() -> None:
    desk = Desk()
    ticket = _ticket(desk, "bot")
    desk.rows["events"].clear()
    desk.status(ticket, ("solved", at(2)), ("open", at(3)))
    assert desk.figure("solved_without_agent").value == 0.0


def test_without_a_status_history_nobody_knows_who_solved_it() -> None:
    desk = Desk()
    ticket = desk.ticket(at(0), status="solved", resolved_at=at(2))
    desk.said(ticket, at(1), author="bot")
    assert (desk.figure("solved_without_agent").unknown, desk.figure("solved_without_agent").value) == (1, None)


@pytest.mark.parametrize(("written", "share"), [(0.99, 1.0), (1, 0.0), (4, 0.0), (4.01, 1.0)])
def test_an_article_helped_where_the_account_writes_no_ticket_within_three_days_after(
    written: float, share: float
) -> None:
    """From the first look on; exactly three days after the last one still counts."""
    desk = Desk()
    desk.looked(at(1), account_id=1)
    desk.ticket(at(written), account_id=1)
    desk.ticket(at(1.5), account_id=2)
    assert desk.figure("article_deflection").value == share


def test_how_many_days_is_a_setting() -> None:
    desk = Desk()
    desk.looked(at(1), account_id=1)
    desk.ticket(at(3), account_id=1)
    assert desk.figure("article_deflection", settings=KpiSettings(deflection_days=1)).value == 1.0


def test_a_reader_counts_once_a_day() -> None:
    desk = Desk()
    for hour in (1, 2, 3, 25):
        desk.looked(at(1, hour), account_id=1, visitor="u1")
    desk.looked(at(1, 1), account_id=1, visitor="u2")
    assert desk.figure("article_deflection").n == 3


def test_a_visitor_whom_nobody_knows_is_unknown_until_another_view_names_the_account() -> None:
    desk = Desk()
    desk.looked(at(1), visitor="anonymous")
    assert (desk.figure("article_deflection").n, desk.figure("article_deflection").unknown) == (0, 1)
    desk.looked(at(5), visitor="anonymous", account_id=1)
    assert (desk.figure("article_deflection").n, desk.figure("article_deflection").unknown) == (2, 0)


def test_a_visitor_of_two_accounts_is_nobody_s() -> None:
    desk = Desk()
    desk.looked(at(1), visitor="shared")
    for account in (1, 2):
        desk.looked(at(5), visitor="shared", account_id=account)
    assert (desk.figure("article_deflection").n, desk.figure("article_deflection").unknown) == (2, 1)


def test_a_ticket_that_was_written_from_the_article_tells_also_of_an_unknown_visitor() -> None:
    desk = Desk()
    desk.looked(at(1), visitor="anonymous", ticket_id=7)
    assert (desk.figure("article_deflection").n, desk.figure("article_deflection").value) == (1, 0.0)


def test_nobody_is_judged_before_the_days_are_over() -> None:
    """Also not who wrote at once: they are known first."""
    desk = Desk()
    desk.looked(at(26), account_id=1)
    desk.looked(at(26), account_id=2)
    desk.ticket(at(26.5), account_id=2)
    figure = desk.figure("article_deflection")
    assert (figure.n, figure.pending) == (0, 2)


def test_what_is_later_than_the_moment_is_not_looked_at() -> None:
    desk = Desk()
    desk.looked(at(1), account_id=1)
    before = desk.figure("article_deflection")
    desk.looked(AS_OF.replace(year=2027), account_id=1)
    desk.ticket(AS_OF.replace(year=2027), account_id=1)
    assert desk.figure("article_deflection") == before


def test_deflection_counts_each_need_once() -> None:
    """Two readers of whom one then wrote a ticket, which an agent solved; and a ticket that a bot solved."""
    desk = Desk()
    desk.looked(at(0), account_id=1)
    desk.looked(at(0), account_id=2)
    _ticket(desk, "agent")
    bot = desk.ticket(at(1), account_id=3)
    desk.said(bot, at(1), author="bot")
    desk.status(bot, ("solved", at(2)))
    figure = desk.figure("deflection")
    assert figure.n == 3
    assert figure.value == pytest.approx(2 / 3)


def test_deflection_is_cut_by_source_and_slices_add_up() -> None:
    desk = Desk()
    desk.looked(at(0), account_id=2, source="helpcentre", segment="smb")
    _ticket(desk, "bot", segment="enterprise")
    found = sliced(desk.figures("deflection", by="source"))
    assert {name: figure.n for name, figure in found.items()} == {"desk": 1, "helpcentre": 1}
    assert set(sliced(desk.figures("deflection", by="segment"))) == {"smb", "enterprise"}


def test_without_bots_and_views_deflection_is_unknown_and_says_what_is_missing() -> None:
    figure = Desk().figure("deflection")
    assert figure.value is None
    assert "import article_view" in (figure.withheld or "")
