"""What the readers make of support messages: each message of `messages/` with what must hold of it.

What does not hold yet stands beside its message as `known_limit` and on the page; a limit that is overcome fails here
until it is taken off both lists.
"""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rules import text as read

FOLDER = Path(__file__).parent / "messages"
PAGE = Path(__file__).parents[3] / "docs" / "text.md"
ANGRY, HAPPY = -35, 35
# A written kind, and the shipped rules' kinds that say it.
KINDS: dict[str, set[str]] = {
    "competitor": {"competitor_named"},
    "contact_leaving": {"contact_leaving"},
    "budget": {"budget_cut"},
    "legal": {"legal_trouble"},
    "security": {"legal_trouble"},
    "repeated": {"repeat_complaint"},
    "escalation": {"escalation_asked"},
    "praise": {"praise"},
    "expansion": {"expansion_interest"},
}
CLAIMS = {
    "sentiment", "angrier_than", "milder_than", "language", "churn", "evidence", "no_evidence", "cleaned", "contains",
    "automatic", "masked_away", "kept",
}  # fmt: skip
DETAILS = {"name", "text", "joined", "repeated", "subject", "headers", "known_limit"}

BANDS: dict[str, Callable[[float | None], bool]] = {
    "angry": lambda score: score is not None and score <= ANGRY,
    "negative": lambda score: score is not None and score < 0,
    "not angry": lambda score: score is None or score > ANGRY,
    "not negative": lambda score: score is None or score >= 0,
    "calm": lambda score: score is None or ANGRY < score < HAPPY,
    "neither": lambda score: score is None or ANGRY < score < HAPPY,
    "not happy": lambda score: score is None or score < HAPPY,
    "not positive": lambda score: score is None or score <= 0,
    "positive": lambda score: score is not None and score > 0,
    "happy": lambda score: score is not None and score >= HAPPY,
    "known": lambda score: score is not None,
    "unknown": lambda score: score is None,
}


def messages() -> Iterator[dict[str, Any]]:
    for file in sorted(FOLDER.glob("*.toml")):
        for message in tomllib.loads(file.read_text(encoding="utf-8"))["message"]:
            yield message | {"topic": file.stem}


MESSAGES = list(messages())


def written(message: dict[str, Any]) -> str:
    text: str = message["text"] + "".join(message.get("joined", ()))
    times: int = message.get("repeated", 1)
    return text * times


def claims() -> Iterator[Any]:
    for message in MESSAGES:
        limits = message.get("known_limit", [])
        for claim in sorted(CLAIMS & message.keys()):
            marks = [pytest.mark.xfail(reason="a known limit", strict=True)] if claim in limits else []
            yield pytest.param(message, claim, id=f"{message['topic']}: {message['name']} [{claim}]", marks=marks)


@pytest.mark.parametrize(("message", "claim"), list(claims()))
def test_the_readers_make_of_a_message_what_is_written(message: dict[str, Any], claim: str) -> None:
    CHECKS[claim](written(message), message)


def test_every_message_has_a_name_of_its_own_and_says_what_must_hold() -> None:
    assert len({message["name"] for message in MESSAGES}) == len(MESSAGES) >= 150
    assert [message["name"] for message in MESSAGES if not CLAIMS & message.keys()] == []
    assert [message["name"] for message in MESSAGES if message.keys() - CLAIMS - DETAILS - {"topic"}] == []
    assert [message["name"] for message in MESSAGES if set(message.get("known_limit", ())) - message.keys()] == []


def test_the_page_lists_exactly_the_known_limits() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("\n## Known limits\n")[2].partition("\n## ")[0]
    listed = {line.removeprefix("* ").partition(" (")[0] for line in section.splitlines() if line.startswith("* ")}
    assert listed == {message["name"] for message in MESSAGES if message.get("known_limit")}


def test_a_message_is_read_alike_alone_and_among_others() -> None:
    texts = [written(message) for message in MESSAGES if "repeated" not in message]
    together = read.score(texts, clean=True)
    assert together[::7] == [score for text in texts[::7] for score in read.score([text], clean=True)]


def _score(text: str) -> float | None:
    return read.score([text], clean=True)[0]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _sentiment(text: str, message: dict[str, Any]) -> None:
    score = _score(text)
    assert BANDS[message["sentiment"]](score), f"{score} is not {message['sentiment']}"


def _angrier(text: str, message: dict[str, Any]) -> None:
    score, other = _score(text), _score(message["angrier_than"])
    assert score is not None
    assert other is not None
    assert score < other


def _milder(text: str, message: dict[str, Any]) -> None:
    score, other = _score(text), _score(message["milder_than"])
    assert score is not None
    assert other is not None
    assert score > other


def _language(text: str, message: dict[str, Any]) -> None:
    expected = None if message["language"] == "none" else message["language"]
    assert read.language([text]) == [expected]


def _own_words(text: str) -> str:
    return read.cleaned([text])[0]


def _churn(text: str, message: dict[str, Any]) -> None:
    spans = read.churn_spans([_own_words(text)])[0]
    assert bool(spans) == message["churn"], spans


def _found_kinds(text: str) -> set[str]:
    return {span.kind for span in read.evidence([_own_words(text)])[0]}


def _evidence(text: str, message: dict[str, Any]) -> None:
    found, expected = _found_kinds(text), message["evidence"]
    if not expected:
        assert found == set()
    for kind in expected:
        assert found & KINDS.get(kind, {kind}), f"{kind} is not among {found}"


def _no_evidence(text: str, message: dict[str, Any]) -> None:
    found = _found_kinds(text)
    assert not any(found & KINDS.get(kind, {kind}) for kind in message["no_evidence"])


def _cleaned(text: str, message: dict[str, Any]) -> None:
    assert _plain(_own_words(text)) == _plain(message["cleaned"])


def _contains(text: str, message: dict[str, Any]) -> None:
    assert _plain(message["contains"]) in _plain(_own_words(text))


def _automatic(text: str, message: dict[str, Any]) -> None:
    assert read.is_automatic(message.get("headers"), message["subject"], text) == message["automatic"]


def _masked_away(text: str, message: dict[str, Any]) -> None:
    masked = read.masked([text])[0]
    assert [said for said in message["masked_away"] if said in masked] == []


def _kept(text: str, message: dict[str, Any]) -> None:
    masked = read.masked([text])[0]
    assert [said for said in message["kept"] if said not in masked] == []


CHECKS: dict[str, Callable[[str, dict[str, Any]], None]] = {
    "sentiment": _sentiment,
    "angrier_than": _angrier,
    "milder_than": _milder,
    "language": _language,
    "churn": _churn,
    "evidence": _evidence,
    "no_evidence": _no_evidence,
    "cleaned": _cleaned,
    "contains": _contains,
    "automatic": _automatic,
    "masked_away": _masked_away,
    "kept": _kept,
}
