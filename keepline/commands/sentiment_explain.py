"""Opens sentiment scores into the phrases that they rest on."""

from dataclasses import asdict
from typing import Any

from jobs.ticket_names import ticket_named
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from rules.text import masked
from rules.text.cleaning import prose
from rules.text.sentiment import READER, Explained, explained
from storage.calibrations import CalibrationBook, Spoken
from storage.one_ticket import OneTicket

_SHOWN_CHARACTERS = 300
_WHY = {
    "empty": "it is empty",
    "no word": "it has no word that its author wrote",
    "language": "it is in a language that is not read, or not surely in one that is",
}


def run(keepline: Keepline, ticket: str | None, text: str | None, as_json: bool) -> None:
    """Print what stands behind the scores of a ticket's messages, or of one text."""
    if text is not None:
        told = explained(prose([text])[0])
        show.as_json(_printed(told)) if as_json else _print(told)
        return
    spoken, in_force = _of_ticket(keepline, str(ticket))
    opened = [(each, explained(words)) for each, words in zip(spoken, prose([s.text for s in spoken]), strict=True)]
    banner(keepline)
    if as_json:
        show.as_json([_message(each) | _printed(told) for each, told in opened])
        return
    if not opened:
        show.line(f"{ticket} has no public message of a customer.")
    for each, told in opened:
        show.line(f"{each.ref}  {each.sent_at:%Y-%m-%d %H:%M}", style="bold")
        show.line(_short(masked([each.text])[0]))
        _print(told)
        if in_force != READER and each.sentiment is not None:
            show.line(f"  {each.sentiment:+d} by the calibration in force")
        show.line()


def _of_ticket(keepline: Keepline, ticket: str) -> tuple[list[Spoken], str]:
    engine = keepline.store.engine
    name, book = ticket_named(OneTicket(engine), ticket), CalibrationBook(engine)
    in_force = book.reader_in_force(READER)
    return book.spoken(name.source, name.external_id, in_force), in_force


def _message(each: Spoken) -> dict[str, Any]:
    return {"message": each.ref, "sent_at": each.sent_at, "in_force": each.sentiment}


def _printed(told: Explained) -> dict[str, Any]:
    content = asdict(told)
    for phrase, said in zip(content["phrases"], masked([each.said for each in told.phrases]), strict=True):
        phrase["said"] = said
    return content


def _print(told: Explained) -> None:
    language = told.language or "not sure"
    if told.score is None:
        show.line(f"  unknown: {_WHY[told.unknown_because or 'empty']} (language: {language})")
        return
    rows = [[said, _points(each.points)] for each, said in zip(told.phrases, _said(told), strict=True)]
    rows.append(["all other words, length and marks", _points(told.rest)])
    show.table(f"  score {_points(told.score)} (language: {language})", ("phrase", "points"), rows, numbers=("points",))


def _said(told: Explained) -> list[str]:
    return masked([each.said for each in told.phrases])


def _points(points: float) -> str:
    return f"{points:+.1f}".replace("-", "−")


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN_CHARACTERS else flat[: _SHOWN_CHARACTERS - 1] + "…"
