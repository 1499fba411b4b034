"""Learns from a team's surveys how satisfied customers were, and foretells it of tickets without an answer."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

import narwhals as nw

from domain.errors import NotFound
from domain.reading import LearnedModel, Predicted, TicketPrediction
from jobs.evaluate import look
from jobs.read import read_messages
from jobs.rulebook import Rulebook
from rules.regression.learned import Learned
from rules.satisfaction import (
    FORMAT,
    Model,
    TicketFacts,
    answered_cases,
    answers,
    features,
    foretold,
    learn,
    silent_cases,
)
from rules.satisfaction.repeats import said_again
from rules.text.sentiment import READER
from storage.learned import LearnedBook
from storage.rated import TicketReader, rated_tickets, solved_tickets, unrated_tickets
from storage.store import Store

Report = Callable[[str, int, int], None]
KINDS: tuple[Predicted, ...] = get_args(Predicted)
# What the kinds of evidence are called where satisfaction is foretold.
_EVIDENCE = {"churn_intent": "leaving", "praise": "praise"}


@dataclass(frozen=True)
class Lesson:
    """What was learned, whether it is a new version, and how many of the tickets solved in the same time were rated."""

    learned: Learned
    is_new: bool
    kept: bool
    rated: int
    solved: int
    withdrawn: bool = False


def learn_from(
    store: Store, rulebook: Rulebook, predicts: Predicted, as_of: datetime, report: Report, *, keep: bool
) -> Lesson:
    """Learn from the answers up to `as_of`; with `keep` the version is put on record and counts from then on,
    unless nobody has answered yet.

    What customers wrote in that time is read first, where it has not been.
    """
    settings = rulebook.satisfaction
    since = as_of - timedelta(days=settings.learn_days)
    read_messages(store, since, report)
    facts = _facts(TicketReader(store.engine, rated_tickets(predicts, since, as_of)))
    cases = answered_cases(facts, predicts, as_of, settings, rulebook.kpis.easy_end)
    known = answers(features(cases, facts).collect(), settings.max_answers)
    keep = keep and len(known) > 0
    learned, book = learn(predicts, known, settings, READER), LearnedBook(store.engine)
    before = next((each for each in book.versions(predicts) if each.model_hash == learned.model_hash), None)
    if keep and before is None:
        book.keep(_version(learned, as_of))
    solved = len(TicketReader(store.engine, solved_tickets(since, as_of)).tickets().select("id").collect())
    withdrawn = before is not None and before.withdrawn_at is not None
    return Lesson(learned, before is None, keep, len(known), solved, withdrawn)


def _version(learned: Learned, as_of: datetime) -> LearnedModel:
    return LearnedModel(
        model_hash=learned.model_hash, predicts=learned.predicts, content=learned.content,
        evaluation=learned.evaluation, trained_at=as_of,
    )  # fmt: skip


def why_silent(model: LearnedModel | None) -> str | None:
    """Why nothing is foretold by a version, or without any; None where it is."""
    if model is None:
        return "nothing was learned yet"
    if (abstains := model.content.get("abstains")) is not None:
        return str(abstains)
    if model.content["format"] != FORMAT or model.content["reader"] != READER:
        return "it was learned by another version of Keepline, which read texts otherwise"
    return None


def version_named(store: Store, name: str) -> LearnedModel:
    """The one version whose hash begins so.

    Raises:
        NotFound: none does, or several do.
    """
    versions = LearnedBook(store.engine).versions()
    found = [each for each in versions if name and each.model_hash.startswith(name.lower())]
    if len(found) != 1:
        what = "several versions begin" if found else "no version begins"
        raise NotFound(f"{what} with {name!r}; see keepline learn --list")
    return found[0]


@dataclass(frozen=True)
class Worth:
    """Foretold tickets, the lowest first, as `LearnedBook.foretold` has them, and what their accounts are worth."""

    rows: Sequence[Mapping[str, Any]]
    acv: Mapping[int, int | None]
    currency: str
    known: int
    unknown: int

    def arr_cents(self, row: Mapping[str, Any]) -> int | None:
        """What the ticket's account is worth a year; None where that is unknown."""
        return self.acv.get(row["account_id"])


def foretold_tickets(
    store: Store, rulebook: Rulebook, model: LearnedModel, as_of: datetime, most: int | None = None
) -> Worth:
    """The tickets without an answer at `as_of` of which the model foretells the least satisfaction."""
    book = LearnedBook(store.engine)
    rows, (known, unknown) = book.foretold(model, as_of, most), book.count(model, as_of)
    signals, currency = look(store.facts(), rulebook, as_of, as_of, {"acv"}).signals(as_of)
    acv = dict(zip(signals["account_id"].to_list(), signals["acv"].to_list(), strict=True))
    return Worth(rows, acv, currency, known, unknown)


def predict(store: Store, rulebook: Rulebook, as_of: datetime, report: Report) -> int:
    """Foretell every kind that a model is in use for, of tickets without an answer; returns how many are new."""
    changed = 0
    for number, predicts in enumerate(KINDS, start=1):
        model = LearnedBook(store.engine).in_force(predicts, as_of)
        if model is not None and why_silent(model) is None:
            changed += _predict(store, rulebook, predicts, model, as_of)
        report("Foretelling satisfaction", number, len(KINDS))
    return changed


def _predict(store: Store, rulebook: Rulebook, predicts: Predicted, model: LearnedModel, as_of: datetime) -> int:
    settings = rulebook.satisfaction
    since, open_before = (
        as_of - timedelta(days=settings.predict_days), as_of - timedelta(days=settings.long_open_days),
    )  # fmt: skip
    which = unrated_tickets(predicts, since, open_before, as_of)
    facts = _facts(TicketReader(store.engine, which))
    rows = features(silent_cases(facts, predicts, as_of, settings), facts).collect()
    said = foretold(Model(model.content), rows)
    predictions = [
        (
            ticket,
            TicketPrediction(
                predicts=predicts, model_hash=model.model_hash, predicted_ratio=each.ratio, low_ratio=each.low,
                high_ratio=each.high, because={"reasons": list(each.because), "open": is_open}, predicted_at=as_of,
            ),
        )
        for ticket, is_open, each in zip(rows["ticket_id"].to_list(), rows["is_open"].to_list(), said, strict=True)
    ]  # fmt: skip
    return LearnedBook(store.engine).foretell(predictions)


def _facts(tickets: TicketReader) -> TicketFacts:
    again = said_again(_each(tickets))
    return TicketFacts(
        tickets=tickets.tickets(),
        messages=tickets.messages(),
        events=tickets.events(),
        breaches=tickets.breaches(),
        promised=tickets.promised(),
        surveys=tickets.surveys(),
        readings=tickets.readings(READER),
        said_again=nw.from_dict(
            {"message_id": list(again), "again": list(again.values())},
            {"message_id": nw.Int64(), "again": nw.Int64()},
            backend="polars",
        ).lazy(),
        evidence=tickets.evidence(_EVIDENCE),
    )


def _each(tickets: TicketReader) -> Iterator[tuple[int, int, str]]:
    for batch in tickets.customer_texts():
        yield from batch
