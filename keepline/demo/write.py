"""Knows the demo's export files: their names, their columns and how each kind of row is written."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from json.encoder import encode_basestring
from pathlib import Path

from keepline.demo.clock import iso
from keepline.demo.dice import Dice
from keepline.demo.rates import REPORTING
from keepline.demo.revenue import Life
from keepline.demo.speech import Phrases
from keepline.demo.surveys import Answer
from keepline.demo.threads import Thread
from keepline.demo.touches import Contact

Row = Sequence[object]
NO_ACCOUNT, UNREPORTED = 0.003, 0.07
FIRST_TICKET = 100_001

COLUMNS = {
    "accounts": "external_id,name,domains,segment,industry,region,csm,signed_up_on,reported_plan,reported_trial,"
    "reported_churned",
    "contracts": "external_id,account_ref,starts_on,renews_on,notice_on,ends_on,arr,currency,product_lines,auto_renew",
    "subscriptions": "external_id,account_ref,product,plan,seats,amount,currency,interval_months,starts_on,ends_on,"
    "trial",
    "tickets": "external_id,account_ref,subject,status,priority,channel,workflow,tags,assignee,team,escalated,"
    "created_at,first_replied_at,resolved_at",
    "ticket_events": "external_id,ticket_ref,kind,from_value,to_value,happened_at",
    "surveys": "external_id,account_ref,ticket_ref,kind,score,scale_min,scale_max,comment,answered_at",
    "usage": "external_id,account_ref,used_on,feature,quantity,errors",
    "touches": "external_id,account_ref,kind,happened_at,ticket_ref,actor,note",
    "churn_reports": "external_id,account_ref,churned_on,reason,comment,reactivation",
    "fx_rates": "external_id,base,quote,on,rate",
}  # fmt: skip


def write_table(folder: Path, name: str, rows: Iterable[Row]) -> None:
    """A CSV file in UTF-8 with the header of its kind; an absent value is an empty cell."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(COLUMNS[name] + "\n")
        csv.writer(file, lineterminator="\n").writerows(rows)


def write_plain(folder: Path, name: str, lines: Iterable[str]) -> None:
    """As `write_table`, for many rows of which no cell ever needs quotes; each line comes joined."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(COLUMNS[name] + "\n")
        file.writelines(lines)


def flag(value: bool) -> str:
    return "true" if value else "false"


def account_rows(lives: list[Life], ends_on: date) -> Iterable[Row]:
    for life in lives:
        who, last = life.customer, life.lines[-1] if life.lines else None
        plan = next((line.plan for line in reversed(life.lines) if line.plan), None)
        on_trial = last is not None and last.trial and (last.ends_on is None or last.ends_on > ends_on)
        left = bool(life.departures) and not on_trial and life.stays[-1][1] is not None and life.stays[-1][1] <= ends_on
        yield (
            who.external_id, who.name, who.domain, who.segment, who.industry, who.region, who.csm, who.signed_up_on,
            plan, flag(on_trial), flag(left),
        )  # fmt: skip


def contract_rows(lives: list[Life]) -> Iterable[Row]:
    for life in lives:
        who = life.customer
        for term in life.terms:
            yield (
                f"ctr-{who.number:04d}-{term.number}", who.external_id, term.starts_on, term.renews_on, term.notice_on,
                term.ends_on, f"{term.arr}.00", who.currency, ";".join(term.product_lines), flag(term.auto_renew),
            )  # fmt: skip


def line_rows(lives: list[Life]) -> Iterable[Row]:
    for life in lives:
        for line in life.lines:
            yield (
                line.external_id, life.customer.external_id, line.product, line.plan, line.seats, f"{line.amount}.00",
                life.customer.currency, line.interval_months, line.starts_on, line.ends_on, flag(line.trial),
            )  # fmt: skip


def ticket_id(number: int) -> str:
    return f"T-{FIRST_TICKET + number}"


def ticket_rows(seed: int, threads: list[Thread]) -> Iterable[Row]:
    """A handful came in by the web form without an account."""
    dice = Dice(seed, "unlinked")
    for number, thread in enumerate(threads):
        arrival, lost = thread.arrival, dice.chance(NO_ACCOUNT)
        yield (
            ticket_id(number), None if lost else arrival.life.customer.external_id, thread.subject, thread.status,
            thread.priority, thread.channel, arrival.issue.workflow, ";".join(thread.tags), thread.assignee,
            thread.team, flag(thread.escalated), iso(arrival.created), _moment(thread.first_replied),
            _moment(thread.resolved),
        )  # fmt: skip


def _moment(when: int | None) -> str | None:
    return None if when is None else iso(when)


def event_lines(threads: list[Thread]) -> Iterable[str]:
    for number, thread in enumerate(threads):
        ticket = ticket_id(number)
        for place, (kind, before, after, when) in enumerate(thread.events, 1):
            yield f"{ticket}-e{place},{ticket},{kind},{before or ''},{after or ''},{iso(when)}\n"


def write_messages(folder: Path, threads: list[Thread]) -> None:
    """One JSON object a line; only the text can hold what must be escaped, so only it is."""
    with (folder / "messages.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for number, thread in enumerate(threads):
            ticket = ticket_id(number)
            file.writelines(
                f'{{"external_id":"{ticket}-m{place}","ticket_ref":"{ticket}","author_kind":"{author}",'
                f'"public":{flag(public)},"text":{encode_basestring(text)},"sent_at":"{iso(when)}"}}\n'
                for place, (author, public, text, when) in enumerate(thread.messages, 1)
            )


def survey_rows(answers: Iterable[Answer]) -> Iterable[Row]:
    for answer in answers:
        about = None if answer.ticket is None else ticket_id(answer.ticket)
        when, account = iso(answer.answered), answer.life.customer.external_id
        name = f"{answer.kind}-{about or f'{account}-{when[:7]}'}"
        yield name, account, about, answer.kind, answer.score, *answer.scale, answer.comment, when


def usage_lines(rows: Iterable[tuple[str, str, int, int]], feature: str) -> Iterable[str]:
    for account, day, logins, errors in rows:
        yield f"{account}-{day},{account},{day},{feature},{logins},{errors}\n"


def touch_rows(contacts: list[Contact]) -> Iterable[Row]:
    for number, contact in enumerate(contacts):
        account = contact.life.customer.external_id
        yield f"touch-{number + 1:05d}", account, contact.kind, iso(contact.happened), None, contact.actor, contact.note


def churn_rows(seed: int, lives: list[Life], phrases: Phrases, ends_on: date) -> Iterable[Row]:
    """What the CRM heard of departures until the last day; a few it never did."""
    dice = Dice(seed, "churn reports")
    for life in lives:
        account = life.customer.external_id
        for place, departure in enumerate(life.departures):
            comment, unreported = dice.pick(phrases["churn"][departure.reason]), dice.chance(UNREPORTED)
            if departure.on <= ends_on and not unreported:
                again = flag(departure.second_time)
                yield f"churn-{account}-{place + 1}", account, departure.on, departure.reason, comment, again


def rate_rows(rates: dict[tuple[str, date], Decimal]) -> Iterable[Row]:
    """The name of each rate says that it is invented."""
    for (base, month), rate in rates.items():
        yield f"invented-{base}-{REPORTING}-{month:%Y-%m}", base, REPORTING, month, rate
