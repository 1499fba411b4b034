"""Shows what another document would promise: to the open tickets, and what of the last quarter it would have kept."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import narwhals as nw

from jobs.rulebook import Rulebook
from jobs.sla.promising import Report
from jobs.sla.scenes import Rows, Scenes
from jobs.sla.supposing import kept, last_quarter
from jobs.sla.watching import all_terms, ticket_histories
from rules.durations import Length
from rules.sla.attainment import Attained
from rules.sla.clock import clocks
from rules.sla.histories import TicketHistories
from rules.sla.matching import Matched, match
from rules.sla.policy import SlaDocument
from rules.sla.terms import Terms
from storage.store import Store

NO_POLICY = "(none)"
_KEY = ["ticket_id", "metric", "started_at"]
_COMPARED = ("state", "deadline_at", "target_seconds", "counting")
# Keeps what would be promised apart from equal terms that have been promised before.
_THEN = "then:"
_STEP = "Trying the document"


@dataclass(frozen=True)
class Moved:
    """A running clock whose deadline or target the document would change.

    * change: tightened, loosened, new (there was no target), or gone (there is none any more)
    * graced: it would be broken at once, if a change did not leave some time
    """

    source: str
    ticket: str
    account: str | None
    priority: str | None
    metric: str
    old_policy: str | None
    new_policy: str | None
    old_target_seconds: int | None
    new_target_seconds: int | None
    old_counting: str | None
    new_counting: str | None
    old_deadline_at: datetime | None
    new_deadline_at: datetime | None
    change: str
    graced: bool


@dataclass(frozen=True)
class Preview:
    """What a document would do.

    * open_tickets, changed_tickets: how many are open, and how many of them would have other terms
    * policies: by id, to how many open tickets it applies now, and to how many then
    * changes: how many running clocks would be tightened, loosened, new, gone or same; moved: all but the last
    * quarter: the first day of the last whole one; kept_now and kept_then: what of it was kept, and would have been, on
      the same histories; `against` says what the former is
    """

    as_of: datetime
    open_tickets: int
    changed_tickets: int
    policies: dict[str, tuple[int, int]]
    changes: dict[str, int]
    moved: list[Moved]
    quarter: date
    against: str
    kept_now: Attained
    kept_then: Attained


def preview(
    store: Store,
    rulebook: Rulebook,
    document: SlaDocument,
    as_of: datetime,
    against: SlaDocument | None = None,
    report: Report = lambda *_: None,
) -> Preview:
    """What `document` would do at `as_of`; nothing is written.

    Open tickets are compared with what is promised for them; the last whole quarter with what was promised, or with
    what `against` would have promised.

    Raises:
        ValueError: an amount in a condition is not in the reporting currency.
    """
    report(_STEP, 0, 2)
    trial = _Trial.of(store, rulebook, document, as_of)
    pairs = trial.pairs()
    report(_STEP, 1, 2)
    counts = Counter(_change(pair) for pair in pairs)
    moved = [trial.told(pair) for pair in pairs if _change(pair) != "same"]
    quarter, following = last_quarter(as_of)
    now, then = kept(store, rulebook, [against, document], as_of, quarter, following)
    report(_STEP, 2, 2)
    return Preview(
        as_of=as_of,
        open_tickets=len(trial.matched.tickets),
        changed_tickets=len(trial.changed),
        policies=trial.policies(),
        changes={word: counts[word] for word in ("tightened", "loosened", "new", "gone", "same")},
        moved=moved,
        quarter=quarter.date(),
        against="what was promised" if against is None else "the document in force",
        kept_now=now,
        kept_then=then,
    )


@dataclass(frozen=True)
class _Trial:
    """The open tickets with what is and what would be promised for them.

    `standing` has ticket_id and old_terms; `changed` ticket_id, terms and old_terms of those that would have others.
    """

    as_of: datetime
    histories: TicketHistories
    tickets: Rows
    accounts: Mapping[int, str]
    known: Mapping[str, Terms]
    matched: Matched
    standing: Rows
    changed: Rows

    @classmethod
    def of(cls, store: Store, rulebook: Rulebook, document: SlaDocument, as_of: datetime) -> "_Trial":
        scenes = Scenes.read(store, rulebook, as_of, as_of, document.signals())
        seen, currency = scenes.seen(scenes.unresolved(as_of))
        matched = match(document, seen, as_of, currency)
        histories = ticket_histories(store, as_of, as_of)
        promised = histories.assignments.sort("since").collect()
        standing = promised.unique("ticket_id", keep="last", maintain_order=True)
        both = matched.tickets.join(standing.rename({"terms": "old_terms"}), on="ticket_id", how="left")
        is_other = nw.col("terms").fill_null("") != nw.col("old_terms").fill_null("")
        names = store.facts().accounts().select("id", "name").collect()
        return cls(
            as_of, histories, scenes.tickets, dict(names.iter_rows()), all_terms(store), matched,
            both.select("ticket_id", "old_terms"), both.filter(is_other),
        )  # fmt: skip

    def policies(self) -> dict[str, tuple[int, int]]:
        """By policy, to how many open tickets it applies now and then."""
        now = Counter(self.known[name].policy if name else NO_POLICY for name in self.standing["old_terms"].to_list())
        then = Counter(name or NO_POLICY for name in self.matched.tickets["policy"].to_list())
        return {name: (now[name], then[name]) for name in sorted({*now, *then})}

    def pairs(self) -> list[dict[str, Any]]:
        """The waits that go on and have a target now or then, with what their clocks say now, then, and `bare`ly."""
        now = self._clocks(self.known, changed=False)
        then = self._clocks(self._terms(), changed=True)
        bare = self._clocks(self._terms(Length(timedelta(), "elapsed")), changed=True)
        both = now.join(then, on=_KEY, how="left", suffix="_then")
        beside = bare.select(*_KEY, bare_deadline_at="deadline_at")
        named = self.tickets.select("ticket_id", "source", "account_id", "priority", ticket="external_id")
        rows = both.join(beside, on=_KEY, how="left").join(named, on="ticket_id")
        has_target = ~(nw.col("target_seconds").is_null() & nw.col("target_seconds_then").is_null())
        return list(rows.filter(has_target).sort("deadline_at_then", "ticket", "metric").iter_rows(named=True))

    def told(self, pair: Mapping[str, Any]) -> Moved:
        then = self._terms()
        terms = {"old": self.known.get(pair["terms"] or ""), "new": then.get(pair["terms_then"] or "")}
        graced = pair["bare_deadline_at"] is not None and pair["bare_deadline_at"] <= self.as_of
        values: dict[str, Any] = {name: pair[name] for name in ("source", "ticket", "priority", "metric")}
        for age, end in (("old", ""), ("new", "_then")):
            promised = terms[age]
            values[f"{age}_policy"] = promised.policy if promised else None
            values |= {f"{age}_{name}": pair[f"{name}{end}"] for name in ("target_seconds", "counting", "deadline_at")}
        return Moved(
            **values,
            account=self.accounts.get(pair["account_id"]),
            change=_change(pair),
            graced=graced and pair["state_then"] != "breached",
        )

    def _terms(self, grace: Length | None = None) -> dict[str, Terms]:
        """All terms, also those that would be promised, the latter with another grace where one is given."""
        new = {
            f"{_THEN}{name}": each if grace is None else each.model_copy(update={"grace": grace})
            for name, each in self.matched.terms.items()
        }
        return {**self.known, **new}

    def _clocks(self, terms: Mapping[str, Terms], *, changed: bool) -> Rows:
        histories = self.histories
        if changed:
            histories = replace(histories, assignments=self._assignments(histories.assignments.collect()).lazy())
        told = clocks(histories, terms, self.as_of)
        goes_on = nw.col("fulfilled_at").is_null() & nw.col("ended_at").is_null()
        return told.filter(goes_on).select(*_KEY, *_COMPARED, "terms")

    def _assignments(self, promised: Rows) -> Rows:
        """What was promised, and from now on what would be."""
        now = nw.lit(self.as_of).cast(nw.Datetime("us", "UTC"))
        added = self.changed.select("ticket_id", since=now, terms=nw.concat_str(nw.lit(_THEN), nw.col("terms")))
        earlier = promised.filter(nw.col("since") < self.as_of)
        same_moment = promised.filter(nw.col("since") >= self.as_of).join(added, on="ticket_id", how="anti")
        return nw.concat([earlier, same_moment, added])


def _change(pair: Mapping[str, Any]) -> str:
    old, new = pair["target_seconds"], pair["target_seconds_then"]
    if old is None or new is None:
        return "new" if old is None else "gone"
    due, due_then = pair["deadline_at"], pair["deadline_at_then"]
    if due is None or due_then is None or due == due_then:
        # The clock stands: what it stands at decides.
        due, due_then = old, new
    if (old, pair["counting"], pair["deadline_at"]) == (new, pair["counting_then"], pair["deadline_at_then"]):
        return "same"
    return "same" if due == due_then else "tightened" if due_then < due else "loosened"
