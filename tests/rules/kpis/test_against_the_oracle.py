"""Random helpdesks, whose figures are computed once more ticket by ticket in plain Python, from the definitions."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.kpis import Figure, Window
from tests.rules.kpis.desk import AS_OF, WINDOW, Desk, at

# Half-hours from four weeks before the window to a week after the moment, so that ties and edges are met.


def _after(start: datetime, halves: int) -> datetime:
    return start + timedelta(hours=halves / 2)


def _on(halves: int) -> datetime:
    return at(0, halves / 2)


MOMENTS = st.integers(-28 * 48, 35 * 48).map(_on)
TEAMS = st.sampled_from(["europe", "americas", None])
STATUSES = st.sampled_from(["new", "open", "pending", "on_hold", "solved", "closed"])
REOPEN = timedelta(days=7)
SOLVED = {"solved", "closed"}


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    desk = Desk()
    for _ in range(draw(st.integers(0, 20))):
        created = draw(MOMENTS)
        ticket = desk.ticket(
            created, team=draw(TEAMS), escalated=draw(st.sampled_from([True, False, None])), status=draw(STATUSES),
            resolved_at=draw(st.none() | MOMENTS),
        )  # fmt: skip
        later = st.integers(0, 600).map(partial(_after, created))
        desk.status(ticket, *draw(st.lists(st.tuples(STATUSES, later), max_size=5).map(_in_time)))
        if draw(st.integers(0, 9)) == 0:
            desk.status(ticket, ("", draw(later)), kind="merged")
        for author in draw(st.lists(st.sampled_from(["agent", "customer", "bot"]), max_size=4)):
            desk.said(ticket, draw(later), author=author, public=draw(st.booleans()))
        for metric in draw(st.lists(st.sampled_from(["first_reply", "next_reply", "resolution"]), max_size=3)):
            desk.clock(ticket, metric, created, **draw(_clocks(later)))
    for _ in range(draw(st.integers(0, 12))):
        known = [each["id"] for each in desk.rows["tickets"]]
        ticket_id = draw(st.sampled_from([None, *known]))
        desk.answered("csat", draw(st.integers(1, 5)), (1, 5), ticket_id=ticket_id, answered_at=draw(MOMENTS))
    return desk


def _in_time(turns: list[tuple[str, datetime]]) -> list[tuple[str, datetime]]:
    return sorted(turns, key=lambda turn: turn[1])


def _clocks(later: st.SearchStrategy[datetime]) -> st.SearchStrategy[dict[str, Any]]:
    seen = later.map(lambda moment: min(moment, AS_OF))
    return st.fixed_dictionaries(
        {
            "fulfilled_at": st.none() | seen, "ended_at": st.none() | seen, "breached_at": st.none() | seen,
            "target_seconds": st.none() | st.just(3_600), "elapsed_seconds": st.integers(0, 10**6),
            "business_seconds": st.integers(0, 10**6),
        }
    ).filter(lambda clock: clock["breached_at"] is None or clock["target_seconds"] is not None)  # fmt: skip


class Oracle:
    """The definitions of docs/kpis.md, a ticket at a time."""

    def __init__(self, desk: Desk, window: Window, team: Any = ...) -> None:
        rows = desk.rows
        self.window = window
        seen = [ticket for ticket in rows["tickets"] if ticket["created_at"] <= AS_OF]
        self.tickets = [ticket for ticket in seen if team is ... or ticket.get("team") == team]
        ids = {ticket["id"] for ticket in self.tickets}
        self.rows = {
            name: [row for row in rows[name] if row.get("ticket_id") in ids]
            for name in ("events", "messages", "clocks")
        }
        alone = {None} if team in {..., None} else set()
        hidden = set() if team is not ... else {ticket["id"] for ticket in rows["tickets"]}
        self.surveys = [row for row in rows["surveys"] if row["ticket_id"] in ids | alone | hidden]
        if team is None:
            future = {ticket["id"] for ticket in rows["tickets"] if ticket["created_at"] > AS_OF}
            self.surveys += [row for row in rows["surveys"] if row["ticket_id"] in future]

    def inside(self, moment: datetime | None) -> bool:
        return moment is not None and self.window.since <= moment < self.window.until

    def still(self, *moments: datetime | None) -> bool:
        return all(moment is None or moment >= self.window.until for moment in moments)

    def life(self, ticket: dict[str, Any]) -> tuple[list[list[Any]], bool, bool]:
        """Stretches `[opened, closed, merged]`, whether there is a history, and whether the end is known."""
        events = [
            row for row in self.rows["events"]
            if row["ticket_id"] == ticket["id"] and row["happened_at"] <= AS_OF
        ]  # fmt: skip
        events.sort(key=lambda row: (row["happened_at"], row["id"]))
        if not events:
            resolved = ticket.get("resolved_at")
            over = resolved is not None and resolved <= AS_OF
            end = max(resolved, ticket["created_at"]) if over else None
            known = not (ticket["status"] in SOLVED and resolved is None)
            return [[ticket["created_at"], end, False]], False, known
        merged_at = next((row["happened_at"] for row in events if row["kind"] == "merged"), None)
        is_open = events[0]["kind"] == "merged" or events[0]["from_value"] not in SOLVED
        stretches: list[list[Any]] = [[ticket["created_at"], None, False]] if is_open else []
        for event in events:
            if merged_at is not None and event["happened_at"] >= merged_at:
                if is_open:
                    stretches[-1][1:] = [merged_at, True]
                break
            opens = event["to_value"] not in SOLVED
            if opens and not is_open:
                stretches.append([event["happened_at"], None, False])
            elif is_open and not opens:
                stretches[-1][1] = event["happened_at"]
            is_open = opens
        return stretches, True, True

    def resolved(self) -> Iterator[tuple[dict[str, Any], datetime, bool, bool]]:
        """Tickets first resolved in the window: when, whether there is a history, whether it came back."""
        for ticket in self.tickets:
            stretches, told, _ = self.life(ticket)
            if not stretches or stretches[0][1] is None or stretches[0][2] or not self.inside(stretches[0][1]):
                continue
            back = len(stretches) > 1 and stretches[1][0] - stretches[0][1] <= REOPEN
            yield ticket, stretches[0][1], told, back

    def reopen_rate(self) -> tuple[int, int, int, float | None]:
        known = [(when, back) for _, when, told, back in self.resolved() if told]
        unknown = sum(not told for _, _, told, _ in self.resolved())
        judged = [back for when, back in known if when + REOPEN <= AS_OF]
        return len(judged), len(known) - len(judged), unknown, _share(judged)

    def first_contact_resolution(self) -> tuple[int, int, int, float | None]:
        judged, pending, unknown = [], 0, 0
        for ticket, when, told, back in self.resolved():
            said = [
                row for row in self.rows["messages"]
                if row["ticket_id"] == ticket["id"] and row["sent_at"] <= AS_OF
            ]  # fmt: skip
            if not told or not said:
                unknown += 1
            elif when + REOPEN > AS_OF:
                pending += 1
            else:
                replies = [row for row in said if row["author_kind"] == "agent" and row["public"]]
                judged.append(sum(row["sent_at"] <= when for row in replies) <= 1 and not back)
        return len(judged), pending, unknown, _share(judged)

    def wait(self, metric: str) -> tuple[int, int, int, float | None]:
        clocks = [clock for clock in self.rows["clocks"] if clock["metric"] == metric]
        waited = sorted(
            int((clock["fulfilled_at"] - clock["started_at"]).total_seconds())
            for clock in clocks if self.inside(clock["fulfilled_at"])
        )  # fmt: skip
        pending = sum(
            clock["started_at"] < self.window.until and self.still(clock["fulfilled_at"], clock["ended_at"])
            for clock in clocks
        )
        return len(waited), pending, 0, waited[ceil(len(waited) / 2) - 1] if waited else None

    def attainment(self) -> tuple[int, int, int, float | None]:
        kept, pending = [], 0
        for clock in self.rows["clocks"]:
            if clock["target_seconds"] is None:
                continue
            broken = clock["breached_at"]
            if self.inside(broken or clock["fulfilled_at"]):
                kept.append(broken is None)
            elif clock["started_at"] < self.window.until and self.still(
                clock["fulfilled_at"], clock["ended_at"], broken
            ):
                pending += 1
        return len(kept), pending, 0, _share(kept)

    def tickets_in(self) -> tuple[int, int, int, float | None]:
        created = sum(self.inside(ticket["created_at"]) for ticket in self.tickets)
        return created, 0, 0, created

    def tickets_out(self) -> tuple[int, int, int, float | None]:
        closed = sum(self.inside(end) for ticket in self.tickets for _, end, _ in self.life(ticket)[0])
        return closed, 0, 0, closed

    def backlog(self) -> tuple[int, int, int, float | None]:
        standing = [
            self.life(ticket)[2]
            for ticket in self.tickets
            for opened, closed, _ in self.life(ticket)[0]
            if opened < self.window.until and self.still(closed)
        ]
        return sum(standing), 0, len(standing) - sum(standing), sum(standing)

    def escalation_rate(self) -> tuple[int, int, int, float | None]:
        said = [ticket["escalated"] for ticket in self.tickets if self.inside(ticket["created_at"])]
        known = [each for each in said if each is not None]
        return len(known), 0, len(said) - len(known), _share(known)

    def csat(self) -> tuple[int, int, int, float | None]:
        scores = [row["score"] >= 4 for row in self.surveys if self.inside(row["answered_at"])]
        return len(scores), 0, 0, _share(scores)


def _share(hits: list[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


NAMES = (
    "reopen_rate", "first_contact_resolution", "attainment", "tickets_in", "tickets_out", "backlog", "escalation_rate",
    "csat",
)  # fmt: skip


def _told(figure: Figure) -> tuple[int, int, int, float | None]:
    return figure.n, figure.pending, figure.unknown, figure.value


def _expected(oracle: Oracle, name: str) -> tuple[int, int, int, float | None]:
    if name in {"first_reply", "next_reply", "resolution"}:
        return oracle.wait(name)
    found: tuple[int, int, int, float | None] = getattr(oracle, name)()
    return found


ALL = (*NAMES, "first_reply", "next_reply", "resolution")


@given(desks())
@settings(max_examples=20, deadline=None)
def test_every_figure_is_that_of_the_definitions(desk: Desk) -> None:
    for window in (WINDOW, WINDOW.before):
        oracle = Oracle(desk, window)
        found = {figure.kpi: _told(figure) for figure in desk.figures(*ALL, window=window)}
        assert found == {name: _expected(oracle, name) for name in ALL}


@given(desks())
@settings(max_examples=10, deadline=None)
def test_a_slice_is_the_figure_of_its_own_cases(desk: Desk) -> None:
    figures = desk.figures(*ALL, by="team")
    for team in ("europe", "americas", None):
        oracle, name = Oracle(desk, WINDOW, team), team or "unknown"
        found = {figure.kpi: _told(figure) for figure in figures if figure.slice == name}
        for kpi in ALL:
            expected = _expected(oracle, kpi)
            assert found.get(kpi, (0, 0, 0, expected[3])) == expected


@given(desks())
@settings(max_examples=10, deadline=None)
def test_the_backlog_is_what_stood_before_and_came_and_did_not_go(desk: Desk) -> None:
    """In every week: opened less closed is the change of the backlog; what came back counts as opened."""
    oracle = Oracle(desk, WINDOW)
    lives = [(ticket, *oracle.life(ticket)) for ticket in oracle.tickets]
    named = ("backlog", "tickets_in", "tickets_out")
    weeks = zip(*(desk.figures(name, by="week", window=WINDOW) for name in named), strict=True)
    (before,) = desk.figures("backlog", window=WINDOW.before)
    stood = before.n + before.unknown
    for stands, came, went in weeks:
        back = sum(
            stands.since <= stretch[0] < stands.until and stretch[0] != ticket["created_at"]
            for ticket, stretches, _, _ in lives
            for stretch in stretches
        )
        never_open = sum(
            stands.since <= ticket["created_at"] < stands.until
            and (not stretches or stretches[0][0] != ticket["created_at"])
            for ticket, stretches, _, _ in lives
        )
        now = stands.n + stands.unknown
        assert now - stood == came.n - never_open + back - went.n
        stood = now
