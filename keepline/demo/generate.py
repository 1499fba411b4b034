"""Knows in which order the demo company comes into being; writes its exports, and the truth beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from keepline.demo import write
from keepline.demo.arrivals import Topics, arrivals
from keepline.demo.clock import Calendar
from keepline.demo.company import Window, customers
from keepline.demo.dice import Dice
from keepline.demo.lives import Chronicle
from keepline.demo.rates import invented_rates
from keepline.demo.revenue import PRODUCTS, USD_PER_UNIT, Life
from keepline.demo.speech import Phrases, foreign_tags, issues_of, read_phrases
from keepline.demo.surveys import quarterly_answers, ticket_answers
from keepline.demo.threads import Desk, Thread
from keepline.demo.touches import contacts
from keepline.demo.trouble import INTERVENTION_LEAVES
from keepline.demo.truth import Parameters, Truth, truth_of
from keepline.demo.usage import FEATURE, usage_rows

LAST_DAY = date(2026, 6, 28)
ODD_EVERY = 1_000
REPORT_EVERY = 500

Progress = Callable[[str, int, int], None]


def generate(
    folder: Path,
    seed: int = 7,
    accounts: int = 400,
    tickets: int = 20_000,
    ends_on: date = LAST_DAY,
    progress: Progress | None = None,
) -> Truth:
    """Write the demo company's exports of the 24 months up to `ends_on` into `folder`, and `truth.json` beside them.

    The same arguments write the same bytes. `progress(what, done, of)` is called now and then. Billing reaches back
    another two years, so that the window opens with customers who have a history; the helpdesk does not.
    Money is in whole currency units; times are UTC; nothing lies after `ends_on` but dates agreed for the future.
    """
    report = progress or (lambda what, done, of: None)
    folder.mkdir(parents=True, exist_ok=True)
    window, phrases = Window.of_two_years(ends_on), read_phrases()
    calendar = Calendar(window)
    report("customers", 0, accounts)
    lives = Chronicle(seed, customers(seed, accounts, window), window).run()
    report("customers", accounts, accounts)
    threads = _threads(seed, lives, phrases, calendar, tickets, report)
    _write_customers(folder, seed, lives, phrases, calendar)
    _write_support(folder, seed, lives, threads, phrases, calendar, report)
    truth = truth_of(seed, _parameters(accounts, tickets, window), lives)
    truth.write(folder)
    return truth


def _parameters(accounts: int, tickets: int, window: Window) -> Parameters:
    return Parameters(
        accounts=accounts,
        tickets=tickets,
        begins_on=window.begins_on,
        ends_on=window.ends_on,
        intervention_leaves_of_probability=INTERVENTION_LEAVES,
        usd_per_unit=USD_PER_UNIT,
    )


def _threads(
    seed: int, lives: list[Life], phrases: Phrases, calendar: Calendar, count: int, report: Progress
) -> list[Thread]:
    desk, odd = Desk(seed, phrases, PRODUCTS), Dice(seed, "odd subjects")
    topics = Topics(issues_of(phrases), foreign_tags(phrases))
    threads = []
    for number, arrival in enumerate(arrivals(seed, lives, topics, calendar, count)):
        thread = desk.thread(arrival)
        thread.cut_at(calendar.closes)
        if odd.chance(1 / ODD_EVERY):
            desk.odd(thread, number)
        threads.append(thread)
        if number % REPORT_EVERY == 0:
            report("tickets", number, count)
    report("tickets", len(threads), count)
    return threads


def _write_customers(folder: Path, seed: int, lives: list[Life], phrases: Phrases, calendar: Calendar) -> None:
    ends_on = calendar.window.ends_on
    first = min((line.starts_on for life in lives for line in life.lines), default=calendar.window.begins_on)
    write.write_table(folder, "accounts", write.account_rows(lives, ends_on))
    write.write_table(folder, "contracts", write.contract_rows(lives))
    write.write_table(folder, "subscriptions", write.line_rows(lives))
    write.write_table(folder, "churn_reports", write.churn_rows(seed, lives, phrases, ends_on))
    write.write_table(folder, "fx_rates", write.rate_rows(invented_rates(seed, first, ends_on)))
    write.write_table(folder, "touches", write.touch_rows(contacts(seed, lives, calendar)))


def _write_support(
    folder: Path,
    seed: int,
    lives: list[Life],
    threads: list[Thread],
    phrases: Phrases,
    calendar: Calendar,
    report: Progress,
) -> None:
    report("files", 0, 5)
    write.write_table(folder, "tickets", write.ticket_rows(seed, threads))
    report("files", 1, 5)
    write.write_messages(folder, threads)
    report("files", 2, 5)
    write.write_plain(folder, "ticket_events", write.event_lines(threads))
    report("files", 3, 5)
    answers = [*ticket_answers(seed, threads, phrases, calendar), *quarterly_answers(seed, lives, phrases, calendar)]
    write.write_table(folder, "surveys", write.survey_rows(answers))
    report("files", 4, 5)
    write.write_plain(folder, "usage", write.usage_lines(usage_rows(seed, lives, calendar), FEATURE))
    report("files", 5, 5)
