"""Shows which customers are linked to accounts and which are not, and takes a person's answers."""

import getpass
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from connectors.linking.review_file import Line, read_answers, write_lines
from domain.errors import FileRefused
from domain.money import decimal_amount
from domain.parties import LinkAnswer, LinkDecision, Party
from jobs.link import LinkView, Waiting, answer, link_customers, take_back, view_links
from keepline import show
from keepline.bootstrap import Keepline, current_moment
from keepline.wording import banner, money

_MOST_ROWS = 40
_KEYS: dict[str, LinkAnswer] = {"y": "same", "n": "not_same", "r": "related"}
_END = {"q", "\x03", "\x04", ""}
_HELP = "y the same, n not the same, r related, 2 or 3 another account, s skip, u undo, q quit"


def show_links(keepline: Keepline, *, linked: bool, as_json: bool) -> None:
    """Print what waits for a person, or all links with what they rest on."""
    banner(keepline)
    view = _view(keepline)
    if as_json:
        show.as_json(_printed(view))
        return
    _print_sums(view)
    if linked:
        _print_links(view)
    else:
        _print_waiting(view)


def review(keepline: Keepline, read_key: Callable[[], str] = typer.getchar) -> None:
    """Ask about one party after the other, the most money first; one key is an answer."""
    banner(keepline)
    view = _view(keepline)
    asked = [one for one in view.waiting if one.suggestions]
    if not asked:
        show.line("Nothing to review: what is not linked has no account that it may be.")
        return
    given = _ask(keepline, view, asked, read_key)
    _link_anew(keepline, len(given))


def confirm_above(keepline: Keepline, percent: int, *, sure: bool) -> None:
    """Confirm the first suggestion of every party, where its score is at least so high and no other comes near it."""
    view = _view(keepline)
    clear = [one for one in view.waiting if one.suggestions and _is_clear(one, percent)]
    for one in clear:
        best = one.suggestions[0]
        account = view.parties[best.account_source, best.account_ref]
        show.line(f"{best.score_percent} %  {_said(one.party)}  =  {_said(account)}  ({best.because})")
    if clear and (sure or typer.confirm(f"Confirm these {len(clear)}?", err=True)):
        for one in clear:
            best = one.suggestions[0]
            _answer(keepline, view, one, (best.account_source, best.account_ref), "same")
        _link_anew(keepline, len(clear))
    elif not clear:
        show.line(f"No suggestion scores {percent} % or more.")


def export(keepline: Keepline, file: Path) -> None:
    """Write what waits for a person, for a spreadsheet."""
    view = _view(keepline)
    count = write_lines(file, _lines(view))
    show.line(
        f"Wrote {count:,} lines to {file}. Fill in its first column with y, n or r: keepline links --import {file}"
    )


def import_answers(keepline: Keepline, file: Path) -> None:
    """Take the answers of a spreadsheet; all of them, or none where one is wrong."""
    view = _view(keepline)
    answers = read_answers(file)
    for each in answers:
        for side in (each.party, each.account):
            if side not in view.parties:
                raise FileRefused(
                    f"{file}:{each.line}", f"nobody has the id {':'.join(side)}", "mend it, or take it out"
                )
    for each in answers:
        by, now = getpass.getuser(), current_moment()
        answer(keepline.store, view.parties[each.party], view.parties[each.account], each.said, by, now)
    _link_anew(keepline, len(answers))


def _view(keepline: Keepline) -> LinkView:
    return view_links(keepline.store, keepline.rulebook.ledger, keepline.moment(None))


def _link_anew(keepline: Keepline, answers: int) -> None:
    done = link_customers(keepline.store, keepline.moment(None))
    show.line(
        f"{answers:,} answers kept; {done.added:,} customers linked, {done.changed:,} linked otherwise, "
        f"{done.removed:,} no longer; {done.facts:,} facts lead to another account than before."
    )


def _ask(
    keepline: Keepline, view: LinkView, asked: Sequence[Waiting], read_key: Callable[[], str]
) -> list[tuple[int, LinkDecision]]:
    given: list[tuple[int, LinkDecision]] = []
    place = chosen = 0
    show.line(_HELP)
    while place < len(asked) or given:
        if place < len(asked):
            _print_question(view, asked[place], chosen, f"{place + 1} of {len(asked)}")
        else:
            show.line("That was the last one: u undo, any other key ends")
        key = read_key().lower()
        if key == "u" and given:
            place, last = given.pop()
            take_back(keepline.store, last)
            chosen = 0
        elif place == len(asked) or key in _END:
            break
        elif key.isdigit() and 1 <= int(key) <= len(asked[place].suggestions):
            chosen = int(key) - 1
        elif key in _KEYS or key == "s":
            if key != "s":
                best = asked[place].suggestions[chosen]
                account = (best.account_source, best.account_ref)
                given.append((place, _answer(keepline, view, asked[place], account, _KEYS[key])))
            place, chosen = place + 1, 0
        else:
            show.line(_HELP)
    return given


def _answer(
    keepline: Keepline, view: LinkView, one: Waiting, account: tuple[str, str], said: LinkAnswer
) -> LinkDecision:
    return answer(keepline.store, one.party, view.parties[account], said, getpass.getuser(), current_moment())


def _is_clear(one: Waiting, percent: int) -> bool:
    best, *others = one.suggestions
    return best.score_percent >= percent and all(other.score_percent < best.score_percent for other in others)


def _print_question(view: LinkView, one: Waiting, chosen: int, place: str) -> None:
    stake = money(one.arr_cents, view.coverage.currency) if one.arr_cents else "no ARR known"
    show.line(f"\n{place}: {_said(one.party)}  [{stake}, {one.tickets:,} tickets]", "bold")
    show.line(f"  not linked: {one.told.because}")
    for number, each in enumerate(one.suggestions, start=1):
        mark = ">" if number - 1 == chosen else " "
        account = view.parties[each.account_source, each.account_ref]
        show.line(f" {mark}{number} {each.score_percent:>3} %  {_said(account)}: {each.because}")


def _said(party: Party) -> str:
    place = ", ".join(filter(None, (party.city, party.country)))
    told = [f"{party.source}:{party.external_id}", *party.domains, *([place] if place else [])]
    return f"{party.name} ({', '.join(told)})"


def _print_sums(view: LinkView) -> None:
    known = view.coverage
    alone, whole = money(known.arr_alone_cents, known.currency), money(known.arr_cents, known.currency)
    show.line(f"Tickets not linked: {known.tickets_unlinked:,} of {known.tickets:,}")
    show.line(f"ARR without a helpdesk customer: {alone} of {whole}")
    methods = Counter(one.method for one in view.links)
    told = ", ".join(f"{count:,} by {method.replace('_', ' ')}" for method, count in methods.most_common())
    show.line(f"Customers: {len(view.links):,} linked ({told or 'none yet'}), {len(view.waiting):,} not linked")
    if view.changed:
        show.line(f"{len(view.changed):,} answers were given on what one side no longer says of itself", "yellow")


def _print_waiting(view: LinkView) -> None:
    if not view.waiting:
        return
    rows = []
    for one in view.waiting[:_MOST_ROWS]:
        best = one.suggestions[0] if one.suggestions else None
        account = view.parties[best.account_source, best.account_ref].name if best else ""
        arr = money(one.arr_cents, view.coverage.currency) if one.arr_cents else ""
        score = f"{best.score_percent} %" if best else ""
        rows.append([one.party.name, one.party.source, arr, f"{one.tickets:,}", one.told.because, account, score])
    columns = ["Customer", "Source", "ARR", "Tickets", "Not linked because", "Perhaps", "Score"]
    show.table("Not linked", columns, rows, numbers=["ARR", "Tickets", "Score"])
    left = len(view.waiting) - _MOST_ROWS
    more = f"{left:,} more with --json. " if left > 0 else ""
    show.line(f"{more}Answer them one by one: keepline links --review")


def _print_links(view: LinkView) -> None:
    rows = [
        [
            _name(view, (one.source, one.external_id)), one.source, _name(view, (one.account_source, one.account_ref)),
            one.method.replace("_", " "), f"{one.confidence_percent} %", one.evidence, one.decided_by or "Keepline",
            f"{one.decided_at:%Y-%m-%d}",
        ]
        for one in view.links
    ]  # fmt: skip
    columns = ["Customer", "Source", "Account", "By", "Sure", "Because", "Decided by", "On"]
    show.table("Links", columns, rows, numbers=["Sure"])


def _name(view: LinkView, key: tuple[str, str]) -> str:
    return view.parties[key].name if key in view.parties else ":".join(key)


def _lines(view: LinkView) -> list[Line]:
    lines = []
    for one in view.waiting:
        arr = str(decimal_amount(one.arr_cents, view.coverage.currency)) if one.arr_cents else ""
        for each in one.suggestions:
            account = view.parties[each.account_source, each.account_ref]
            lines.append(Line(one.party, account, each, arr, one.tickets))
        if not one.suggestions:
            lines.append(Line(one.party, None, None, arr, one.tickets))
    return lines


def _printed(view: LinkView) -> dict[str, Any]:
    currency = view.coverage.currency
    sums = asdict(view.coverage)
    arr, alone = sums.pop("arr_cents"), sums.pop("arr_alone_cents")
    return {
        **sums,
        "arr": str(decimal_amount(arr, currency)),
        "arr_without_helpdesk_customer": str(decimal_amount(alone, currency)),
        "links": [one.model_dump(mode="json") for one in view.links],
        "not_linked": [
            {
                **one.told.model_dump(mode="json"),
                "name": one.party.name,
                "role": one.party.role,
                "arr": str(decimal_amount(one.arr_cents, currency)),
                "tickets": one.tickets,
                "suggestions": [each.model_dump(mode="json", exclude={"source", "external_id"})
                                for each in one.suggestions],
            }
            for one in view.waiting
        ],
        "related": [one.model_dump(mode="json") for one in view.related],
        "changed_answers": [one.model_dump(mode="json") for one in view.changed],
    }  # fmt: skip
