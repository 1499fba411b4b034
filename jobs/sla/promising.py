"""Promises: gives every ticket its terms, and other ones from the moment on at which they change."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import narwhals as nw

from domain.errors import KeeplineError
from domain.sla import SlaTerms
from jobs.rulebook import Rulebook
from jobs.sla.scenes import Rows, Scenes
from rules.sla.changes import why_changed
from rules.sla.matching import match
from rules.sla.policy import SlaDocument
from rules.sla.reasons import reasons
from rules.sla.terms import Terms
from storage.histories import Histories
from storage.sla import SlaBook
from storage.store import Store

Report = Callable[[str, int, int], None]
_STEP = "Promising"
_LONGEST = 500
_STANDING = ("ticket_id", "since", "terms", "inputs")


@dataclass
class Promised:
    """How many tickets were promised something for the first time, and how many something else than before."""

    first: int = 0
    retargeted: int = 0


def promise(
    store: Store, rulebook: Rulebook, moments: Sequence[datetime], last: datetime | None, report: Report
) -> Promised:
    """Assign terms to the tickets that have none, and other terms to unresolved tickets where they changed.

    A ticket's first terms count from its creation, as its account was seen on that day. Tickets that were solved more
    than `backfill_days` before the last of `moments`, and solved ones created before that, get none. Unresolved
    tickets are looked at again at each of `moments` that does not lie before `last`, when this was done last: what is
    then found to be promised otherwise counts from that moment, or from the day on which a policy has begun since.

    Raises:
        KeeplineError: an amount in a condition is not in the reporting currency.
    """
    as_of = max(moments)
    since = horizon(rulebook, as_of)
    scenes = Scenes.read(store, rulebook, since, as_of, rulebook.sla.signals())
    book = SlaBook(store.engine)
    known = {name: Terms.model_validate(each.content) for name, each in book.terms().items()}
    steps = [moment for moment in sorted(moments) if last is None or moment >= last]
    standing = Histories(store.engine, min(steps, default=as_of), as_of).assignments("inputs").collect()
    writer = _Writer(rulebook, scenes, dict(known), standing)
    report(_STEP, 0, len(steps) + 1)
    writer.begin(as_of, Histories(store.engine, since, as_of).assignments().collect())
    for number, moment in enumerate(steps, start=1):
        report(_STEP, number, len(steps) + 1)
        writer.look_again(moment, last)
    new = [terms for name, terms in writer.terms.items() if name not in known]
    book.keep_terms(
        SlaTerms(terms_hash=each.content_hash, policy=each.policy, content=each.content(), recorded_at=as_of)
        for each in new
    )
    book.assign(writer.rows(as_of))
    report(_STEP, len(steps) + 1, len(steps) + 1)
    return writer.done


def horizon(rulebook: Rulebook, as_of: datetime) -> datetime:
    """The midnight from which on tickets are promised something, also after the fact."""
    day = as_of.astimezone(UTC).date() - timedelta(days=rulebook.sla.backfill_days)
    return datetime.combine(day, time(), UTC)


@dataclass
class _Writer:
    """Finds assignments, one look after the other, without writing them."""

    rulebook: Rulebook
    scenes: Scenes
    terms: dict[str, Terms]
    standing: Rows
    currency: str = ""
    added: list[Rows] = field(default_factory=list)
    done: Promised = field(default_factory=Promised)

    @property
    def document(self) -> SlaDocument:
        return self.rulebook.sla

    def begin(self, as_of: datetime, assigned: Rows) -> None:
        """The tickets that have nothing yet, from their creation on."""
        chosen = self.scenes.at_creation(as_of).join(assigned, on="ticket_id", how="anti")
        if chosen.is_empty():
            return
        seen, matched = self._matched(chosen)
        found = matched.join(self._told(seen), on="ticket_id").with_columns(since=nw.col("at"))
        self._add(found)
        self.done.first = len(found)

    def look_again(self, moment: datetime, last: datetime | None) -> None:
        """The tickets that are unresolved at a moment and have had nothing else promised since."""
        tickets = self.scenes.unresolved(moment)
        newest = self._newest(tickets).filter(nw.col("old_since") < moment)
        chosen = tickets.join(newest, on="ticket_id", how="semi")
        if chosen.is_empty():
            return
        seen, matched = self._matched(chosen)
        both = matched.join(newest, on="ticket_id")
        changed = both.filter(nw.col("terms").fill_null("") != nw.col("old_terms").fill_null(""))
        if changed.is_empty():
            return
        found = changed.join(self._told(seen.join(changed, on="ticket_id", how="semi")), on="ticket_id")
        self._add(self._in_words(found.with_columns(since=_since(last)), seen))
        self.done.retargeted += len(found)

    def _newest(self, tickets: Rows) -> Rows:
        """ticket_id, old_since, old_terms, old_inputs."""
        standing = self.standing.join(tickets, on="ticket_id", how="semi").sort("since")
        newest = standing.unique("ticket_id", keep="last", maintain_order=True)
        return newest.rename({name: f"old_{name}" for name in _STANDING[1:]})

    def rows(self, as_of: datetime) -> Rows:
        """What was found, as `SlaBook.assign` takes it."""
        named = self.scenes.tickets.select("ticket_id", "source", ticket_ref="external_id")
        nothing = self.standing.head(0).with_columns(because=nw.lit(""))
        added = nw.concat([nothing, *self.added]).join(named, on="ticket_id")
        recorded_at = nw.lit(as_of).cast(nw.Datetime("us", "UTC"))
        return added.rename({"terms": "terms_hash"}).with_columns(recorded_at=recorded_at)

    def _matched(self, chosen: Rows) -> tuple[Rows, Rows]:
        """What was seen, and ticket_id, at, policy, terms, valid_from."""
        seen, self.currency = self.scenes.seen(chosen)
        try:
            matched = match(self.document, seen, nw.col("at"), self.currency)
        except ValueError as error:
            raise KeeplineError(f"sla.yaml: {error}") from error
        self.terms.update(matched.terms)
        return seen, matched.tickets.join(chosen.select("ticket_id", "at"), on="ticket_id")

    def _told(self, seen: Rows) -> Rows:
        return reasons(self.document, seen, nw.col("at"), self.currency, self.rulebook.windows)

    def _in_words(self, found: Rows, seen: Rows) -> Rows:
        """`because` begins with what changed. Few tickets change at once, so each is told by itself."""
        priorities = self.scenes.priorities(seen.select("ticket_id", "at"))
        rows = found.join(priorities, on="ticket_id")
        told = [self._change(row) for row in rows.iter_rows(named=True)]
        return rows.with_columns(nw.new_series("because", told, nw.String, backend=rows.implementation))

    def _change(self, row: Mapping[str, Any]) -> str:
        old, new = (self.terms[name] if name else None for name in (row["old_terms"], row["terms"]))
        before, now = json.loads(row["old_inputs"]), json.loads(row["inputs"])
        return f"{why_changed(old, new, row['priority'], before, now)}. {row['because']}"[:_LONGEST]

    def _add(self, found: Rows) -> None:
        self.added.append(found.select(*_STANDING, "because"))
        self.standing = nw.concat([self.standing, found.select(*_STANDING)])


def _since(last: datetime | None) -> nw.Expr:
    """When the new terms began: with a policy's first day where that has come since the last look."""
    begun = nw.col("valid_from")
    news = (begun > nw.col("old_since")) & (begun <= nw.col("at"))
    if last is not None:
        news = news & (begun > last)
    return nw.when(news.fill_null(value=False)).then(begun).otherwise(nw.col("at"))
