"""What a replay opens is what `escalate` would have opened, moment by moment, had no person touched anything."""

from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.escalations import Decision
from rules.escalation import Standing, escalate
from rules.holdouts.draw import AccountValue
from rules.playbooks import Playbook
from rules.replay.grid import Grid
from rules.replay.replaying import replay
from rules.replay.tickets import TicketView
from rules.spells import fired, observed
from rules.step_work import Case
from tests.rules.company import signal_frame

FIRST = datetime(2026, 3, 2, 6, tzinfo=UTC)
STEP = {"do": "call", "owner": "csm", "within": "24h elapsed"}
LOW, HIGH = {"signal": "sentiment", "op": "<=", "value": -35}, {"signal": "sentiment", "op": ">=", "value": 10}
SPIKE = {"signal": "tickets_7d", "op": ">=", "value": 5}
NEAR = {"all": [SPIKE, {"signal": "days_to_renewal", "op": "<=", "value": 90}]}

NO_TICKETS = TicketView((), lambda panel: panel)


def a_playbook(name: str, **words: Any) -> Playbook:
    return Playbook.model_validate({"id": name, "name": name, "steps": [STEP], **words})


lengths = st.sampled_from(["1h", "1d", "2d", "5d"])


@st.composite
def playbooks(draw: Any) -> list[Playbook]:
    made = []
    for number, when in enumerate([LOW, SPIKE, NEAR, LOW]):
        words = {"when": when, "cooldown": draw(lengths), "expires_after": draw(lengths)}
        words["family"] = draw(st.sampled_from(["one", "two"]))
        words["priority"] = draw(st.sampled_from(["urgent", "normal"]))
        if draw(st.booleans()):
            words["hold_for"] = draw(lengths)
        if when is LOW and draw(st.booleans()):
            words["clear_when"] = HIGH
        made.append(a_playbook(f"p{number}", **words))
    return made


row = st.tuples(st.sampled_from([-60, -60, 0, 20, None]), st.sampled_from([0, 5, 9]), st.sampled_from([1, 3, None]))
gaps = st.lists(st.sampled_from([6, 24, 24, 24, 72]), min_size=11, max_size=11)
rows = st.lists(row, min_size=24, max_size=24)


def panel_of(moments: list[datetime], cells: list[Any]) -> nw.DataFrame[Any]:
    """Two accounts at each moment."""
    said = []
    for number, (mood, tickets, renews_in) in enumerate(cells):
        account, moment = divmod(number, len(moments))
        renews = None if renews_in is None else moments[moment].date() + timedelta(days=renews_in)
        said.append(
            {"account_id": account + 1, "account_ref": f"A{account + 1}", "sentiment": mood, "tickets_7d": tickets,
             "days_to_renewal": renews_in, "renewal_on": renews, "acv": 100}
        )  # fmt: skip
    stamps = pl.Series("as_of", moments * 2, pl.Datetime("us", "UTC"))
    table: pl.DataFrame = signal_frame(said).collect().to_native().with_columns(stamps)
    return nw.from_native(table)


def lived(books: list[Playbook], panel: nw.DataFrame[Any], moments: list[datetime]) -> list[tuple[Any, ...]]:
    """Account, moment, playbook and closing of every escalation, by one run after another."""
    rows = {playbook.id: fired(playbook, observed(playbook, panel)) for playbook in books}
    renewals = {(ref, at): renews for ref, at, renews in panel.select("account_ref", "as_of", "renewal_on").iter_rows()}
    cases: dict[str, Case] = {}
    earlier: list[Decision] = []
    for moment in moments:
        decided = [
            Decision(
                decision_id=f"{name}-{ref}-{moment}", account_ref=ref, playbook=name, rule_hash="r", as_of=moment,
                because="so", inputs={}, since=since,
            )
            for name, (fires, _) in rows.items()
            for ref, at, since in fires.select("account_ref", "as_of", "since").iter_rows()
            if at == moment
        ]  # fmt: skip
        values = {ref: AccountValue(100, "USD", renewals[ref, moment]) for ref in ("A1", "A2")}
        standing = Standing(
            cases=tuple(cases.values()), earlier=earlier, values=values, applied=_on(books, rows, moments, moment)
        )
        changes = escalate(decided, books, standing, moment)
        earlier += decided
        cases |= {case.escalation.escalation_id: case for case in (*changes.opened, *changes.changed)}
    told = [case.escalation for case in cases.values()]
    return sorted((each.account_ref, each.opened_at, each.playbook, each.closed_at) for each in told)


def _on(books: list[Playbook], rows: Any, moments: list[datetime], moment: datetime) -> dict[Any, datetime]:
    """Until when the rules that must be cleared were on, as `jobs.spells.last_applied` tells it."""
    seen: dict[Any, datetime] = {}
    for playbook in (each for each in books if each.clear_when is not None):
        spells = rows[playbook.id][1]
        for ref, on_since, ended_at in spells.select("account_ref", "on_since", "ended_at").iter_rows():
            if on_since is not None and on_since <= moment:
                last = moment if ended_at is None else min(moment, ended_at)
                seen[ref, playbook.family] = max(last, seen.get((ref, playbook.family), last))
    return seen


@settings(max_examples=40, deadline=None)
@given(playbooks(), gaps, rows)
def test_a_replay_opens_and_closes_what_runs_moment_by_moment_do(
    books: list[Playbook], hours: list[int], cells: list[Any]
) -> None:
    moments = [FIRST + timedelta(hours=sum(hours[:number])) for number in range(12)]
    panel = panel_of(moments, cells)
    grid = Grid.of(moments, {1: FIRST, 2: FIRST})
    alerts = replay(iter([panel]), {"all": books}, grid, NO_TICKETS)["all"].alerts
    closings = [*moments, None]
    ends = np.searchsorted(grid.at, alerts.closed)
    found = [
        (f"A{account + 1}", moments[moment], books[playbook].id, closings[end])
        for account, moment, playbook, end in zip(alerts.account, alerts.moment, alerts.playbook, ends, strict=True)
    ]
    assert sorted(found) == lived(books, panel, moments)


def test_nothing_is_asked_of_an_account_before_it_was_known() -> None:
    moments = [FIRST + timedelta(days=day) for day in range(12)]
    panel = panel_of(moments, [(-60, 9, None)] * 24)
    grid = Grid.of(moments, {1: FIRST, 2: FIRST + timedelta(days=4, hours=1)})
    decided = replay(iter([panel]), {"all": [a_playbook("p", when=SPIKE)]}, grid, NO_TICKETS)["all"]
    assert decided.decisions.sum() == 12 + 7
    assert [moments[at] for at in decided.alerts.moment] == [FIRST, FIRST + timedelta(days=5)]
